//! `check_audit_workspace_membership`: only members of a workspace may act in it.
//!
//! The check is off until the owner names a source. The source is read as its own owner, as a foreign key check reads: code that is
//! attached to it (policies, index expressions) never runs with the trail's rights. The source is remembered by name and looked up at each
//! check. If it no longer exists, events are refused with a hint, not accepted unchecked.
//!
//! Where the source tells workspaces by keys that are no UUIDs, an id cannot be turned back into its key. So the keys of the user's rows are
//! read and made into ids; the backend remembers which key gave an id, and asks for that one the next time.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use audit_core::catalogue::{EVENTS, MEMBERSHIP_SOURCE, MEMBERSHIP_TRIGGER};
use audit_core::ids::{UserId, WorkspaceId};
use audit_core::membership::{MembershipError, SourceError};
use pgrx::pg_sys::{Oid, TEXTOID, UUIDOID, VARCHAROID};
use uuid::Uuid;

use crate::cached::Cached;
use crate::cluster;
use crate::error::Error;
use crate::event::row::Columns;
use crate::event::workspace::{self, Named, WorkspaceKey};
use crate::pg::call::{Answer, Call};
use crate::pg::relation::{self, AccessShareLock, Relation, RelationKind};
use crate::pg::role::Acting;
use crate::pg::spi::{self, PreparedStatement, ResultRow};
use crate::pg::{datum, guc, parameter, quote, types};
use crate::storage::{Storage, StorageError};

/// The table that says who is a member of which workspace.
struct Source {
    names: Names,
    identity: Identity,
    lookup: Lookup,
}

/// How a member is looked up.
enum Lookup {
    /// The column holds ids of workspaces: one statement asks for workspace and user.
    ById(PreparedStatement),
    ByKey(KeyLookup),
}

/// By a column that holds keys of workspaces.
struct KeyLookup {
    kind: WorkspaceKey,
    /// Whether there is a row of a key ($1) and a user ($2).
    one: PreparedStatement,
    /// The keys of a user's rows ($1).
    of_user: PreparedStatement,
    /// Keys by the ids that were made of them.
    known: RefCell<HashMap<Uuid, String>>,
}

/// The source as configured.
struct Names {
    schema: String,
    table: String,
    workspace_column: String,
    user_column: String,
}

/// What the names mean at the moment; when it changes, the source is prepared anew.
#[derive(PartialEq, Eq)]
struct Identity {
    relation: Oid,
    owner: Oid,
    column_types: [Oid; 2],
}

impl Names {
    /// None when no source is configured.
    fn configured(storage: &Storage) -> Option<Names> {
        let _owner = Acting::as_owner(storage.owner);
        let sql = format!(
            "SELECT table_schema::text, table_name::text, workspace_column::text, user_column::text FROM {} \
             WHERE table_name IS NOT NULL",
            storage.qualified(MEMBERSHIP_SOURCE)
        );
        let read = |row: ResultRow| {
            Some(Names {
                schema: row.text(1)?,
                table: row.text(2)?,
                workspace_column: row.text(3)?,
                user_column: row.text(4)?,
            })
        };
        spi::find_row(&sql, read)
    }

    fn identity(&self) -> Result<Identity, MembershipError> {
        let Names { schema, table, .. } = self;
        let gone = |detail: String| MembershipError::SourceGone { detail };
        let is_table = |relation: &Oid| {
            relation::describe(*relation).is_some_and(|(_, _, kind)| kind != RelationKind::Other)
                && !relation::is_temporary(*relation)
        };
        let relation = relation::find_qualified(schema, table)
            .filter(is_table)
            .ok_or_else(|| gone(format!("There is no table {schema}.{table}.")))?;
        let owner = relation::owner(relation).ok_or_else(|| gone(format!("There is no table {schema}.{table}.")))?;
        let type_of = |column: &str| {
            relation::column_type(relation, column)
                .ok_or_else(|| gone(format!("Table {schema}.{table} has no column {column}.")))
        };
        let workspace = type_of(&self.workspace_column)?;
        let user = type_of(&self.user_column)?;
        if WorkspaceKey::of(workspace).is_none() {
            let column = &self.workspace_column;
            return Err(gone(format!("Column {column} of table {schema}.{table} holds no keys of workspaces.")));
        }
        if !tells_users(user) {
            let column = &self.user_column;
            return Err(gone(format!("Column {column} of table {schema}.{table} is neither uuid nor text.")));
        }
        Ok(Identity { relation, owner, column_types: [workspace, user] })
    }
}

thread_local! {
    /// Contains None if no source is named.
    static SOURCE: Cached<Option<Source>> = const { Cached::nothing() };
}

/// An actor is a uuid, so users are told by uuid, or by its text.
fn tells_users(type_id: Oid) -> bool {
    [UUIDOID, TEXTOID, VARCHAROID].contains(&types::base_type(type_id))
}

impl Source {
    fn prepare(names: Names) -> Result<Source, MembershipError> {
        let identity = names.identity()?;
        let [workspace_type, user_type] = identity.column_types;
        let table = format!("{}.{}", quote::identifier(&names.schema), quote::identifier(&names.table));
        let workspace = quote::identifier(&names.workspace_column);
        let is_user = |parameter: &str| {
            let cast = if types::base_type(user_type) == UUIDOID { "" } else { "::pg_catalog.text" };
            format!("{} OPERATOR(pg_catalog.=) {parameter}{cast}", quote::identifier(&names.user_column))
        };
        let one = |condition: &str| format!("SELECT 1 FROM {table} WHERE {condition} AND {} LIMIT 1", is_user("$2"));
        let _table_owner = Acting::as_owner(identity.owner);
        let lookup = match WorkspaceKey::of(workspace_type) {
            None | Some(WorkspaceKey::Id) => {
                let sql = one(&format!("{workspace} OPERATOR(pg_catalog.=) $1"));
                Lookup::ById(PreparedStatement::prepare(&sql, &[UUIDOID, UUIDOID]))
            }
            Some(kind) => {
                let sql = one(&workspace::condition(&workspace, workspace_type));
                let of_user =
                    format!("SELECT {workspace} FROM {table} WHERE {} AND {workspace} IS NOT NULL", is_user("$1"));
                Lookup::ByKey(KeyLookup {
                    kind,
                    one: PreparedStatement::prepare(&sql, &[TEXTOID, UUIDOID]),
                    of_user: PreparedStatement::prepare(&of_user, &[UUIDOID]),
                    known: RefCell::default(),
                })
            }
        };
        Ok(Source { names, identity, lookup })
    }

    fn is_member(&self, storage: &Storage, workspace: WorkspaceId, user: UserId) -> bool {
        let table_owner = self.identity.owner;
        match &self.lookup {
            Lookup::ById(statement) => {
                let _table_owner = Acting::as_owner(table_owner);
                let ids = [workspace.0, user.0].map(|id| Some(datum::from_uuid(&id)));
                statement.run(&ids, |outcome| outcome.processed == 1)
            }
            Lookup::ByKey(lookup) => lookup.is_member(storage, table_owner, workspace, user),
        }
    }

    /// The source in force, prepared anew if its names mean something else by now.
    fn current(storage: &Storage) -> Result<Rc<Option<Source>>, MembershipError> {
        if let Some(known) = storage.known(&SOURCE) {
            let still_holds = match &*known {
                None => true,
                Some(source) => source.names.identity()? == source.identity,
            };
            if still_holds {
                return Ok(known);
            }
        }
        let source = Names::configured(storage).map(Source::prepare).transpose()?;
        Ok(storage.remember(&SOURCE, source))
    }
}

impl KeyLookup {
    /// Ids remembered; then it starts anew.
    const REMEMBERED: usize = 4096;

    fn is_member(&self, storage: &Storage, table_owner: Oid, workspace: WorkspaceId, user: UserId) -> bool {
        let known = self.known.borrow().get(&workspace.0).cloned();
        // A text may be the id itself.
        let may_be_itself = self.kind == WorkspaceKey::Text && !workspace::is_made_of_key(&workspace.0);
        let itself = (known.is_none() && may_be_itself).then(|| workspace.0.to_string());
        if known.or(itself).is_some_and(|key| self.has(table_owner, &key, user)) {
            return true;
        }
        let mut found = false;
        for key in self.keys_of(table_owner, user) {
            let id = Named::by(storage, &key).id();
            found |= id == workspace.0;
            self.remember(id, key);
        }
        found
    }

    fn has(&self, table_owner: Oid, key: &str, user: UserId) -> bool {
        let _table_owner = Acting::as_owner(table_owner);
        let key = datum::from_text(key.as_bytes());
        self.one.run(&[Some(key), Some(datum::from_uuid(&user.0))], |outcome| outcome.processed == 1)
    }

    fn keys_of(&self, table_owner: Oid, user: UserId) -> Vec<String> {
        let _table_owner = Acting::as_owner(table_owner);
        let _settings = self.kind.looks_at_settings().then(guc::exact_printing);
        let read = |row: ResultRow| row.column(1).map(|key| self.kind.text(key));
        self.of_user.rows(&[Some(datum::from_uuid(&user.0))], read).into_iter().flatten().collect()
    }

    fn remember(&self, id: Uuid, key: String) {
        let mut known = self.known.borrow_mut();
        if known.len() >= Self::REMEMBERED {
            known.clear();
        }
        known.insert(id, key);
    }
}

/// Whether the user is a member; None when there is no source, so that nobody can tell.
pub fn is_member(storage: &Storage, workspace: WorkspaceId, user: UserId) -> Result<Option<bool>, MembershipError> {
    let source = Source::current(storage)?;
    Ok(source.as_ref().as_ref().map(|source| source.is_member(storage, workspace, user)))
}

/// Whether a source is named.
pub fn has_source(storage: &Storage) -> Result<bool, MembershipError> {
    Ok(Source::current(storage)?.is_some())
}

/// Refuses an event whose actor is no member of its workspace.
pub fn check_row(storage: &Storage, columns: &Columns) -> Result<(), MembershipError> {
    match (columns.workspace(), columns.actor()) {
        (Some(workspace), Some(user)) => check(storage, workspace, user),
        _ => Ok(()),
    }
}

fn check(storage: &Storage, workspace: WorkspaceId, user: UserId) -> Result<(), MembershipError> {
    match is_member(storage, workspace, user)? {
        Some(false) => Err(MembershipError::NotAMember),
        _ => Ok(()),
    }
}

/// The same before there is a row, where rows are checked.
pub fn check_where_rows_are(storage: &Storage, workspace: WorkspaceId, user: UserId) -> Result<(), Error> {
    if has_source(storage)? {
        let missing = || StorageError::missing(EVENTS);
        let events = Relation::open(storage.events, AccessShareLock).ok_or_else(missing)?;
        if events.trigger_is_enabled(MEMBERSHIP_TRIGGER) {
            check(storage, workspace, user)?;
        }
    }
    Ok(())
}

/// `audit_set_membership_source(p_table, p_workspace_column, p_user_column)`; a NULL table turns the check off.
pub fn set_source_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    cluster::log::enter(&storage)?;
    let source = match call.oid(0) {
        None => [None, None, None, None],
        Some(table) => {
            let (workspace_column, user_column) = (call.name(1), call.name(2));
            let (schema, name) = check_source(table, workspace_column.as_deref(), user_column.as_deref())?;
            [Some(schema), Some(name), workspace_column, user_column]
        }
    };
    let sql = format!(
        "INSERT INTO {} AS source (table_schema, table_name, workspace_column, user_column) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (singleton) DO UPDATE SET table_schema = excluded.table_schema, \
         table_name = excluded.table_name, workspace_column = excluded.workspace_column, \
         user_column = excluded.user_column",
        storage.qualified(MEMBERSHIP_SOURCE)
    );
    let parameters = source.each_ref().map(|name| parameter::text_or_null(name.as_deref()));
    spi::count_with(&sql, &parameters);
    Ok(Answer::Nothing)
}

fn check_source(
    table: Oid,
    workspace_column: Option<&str>,
    user_column: Option<&str>,
) -> Result<(String, String), SourceError> {
    let (schema, name, kind) = relation::describe(table).ok_or(SourceError::NoSuchTable)?;
    if !matches!(kind, RelationKind::Table | RelationKind::PartitionedTable) {
        return Err(SourceError::NotATable { name });
    }
    if relation::is_temporary(table) {
        return Err(SourceError::Temporary { name });
    }
    let type_of = |column: Option<&str>| {
        let column = column.ok_or(SourceError::ColumnNotNamed)?.to_owned();
        match relation::column_type(table, &column) {
            Some(kind) => Ok((column, kind)),
            None => Err(SourceError::NoSuchColumn { table: name.clone(), column }),
        }
    };
    let (workspace, workspace_type) = type_of(workspace_column)?;
    let (user, user_type) = type_of(user_column)?;
    if WorkspaceKey::of(workspace_type).is_none() {
        return Err(SourceError::WorkspaceColumnType { table: name, column: workspace });
    }
    if !tells_users(user_type) {
        return Err(SourceError::UserColumnType { table: name, column: user });
    }
    Ok((schema, name))
}
