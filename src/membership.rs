//! `check_audit_workspace_membership`: only members of a workspace may act in it.
//!
//! The check is off until the owner names a source. The source is read as its own owner, as a foreign key check reads: code that is
//! attached to it (policies, index expressions) never runs with the trail's rights. The source is remembered by name and looked up at each
//! check. If it no longer exists, events are refused with a hint, not accepted unchecked.

use std::rc::Rc;

use audit_core::catalogue::MEMBERSHIP_SOURCE;
use audit_core::ids::{UserId, WorkspaceId};
use audit_core::membership::{MembershipError, SourceError};
use pgrx::pg_sys::{Oid, TEXTOID, UUIDOID, VARCHAROID};

use crate::cached::Cached;
use crate::error::Error;
use crate::event::row::Columns;
use crate::pg::call::{Answer, Call};
use crate::pg::datum;
use crate::pg::relation::{self, RelationKind};
use crate::pg::role::Acting;
use crate::pg::spi::{self, PreparedStatement, ResultRow};
use crate::pg::{parameter, quote};
use crate::storage::Storage;

/// The table that says who is a member of which workspace.
struct Source {
    names: Names,
    identity: Identity,
    statement: PreparedStatement,
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
        spi::first_row(&sql, read)
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
                .filter(|kind| COLUMN_TYPES.contains(kind))
                .ok_or_else(|| gone(format!("Table {schema}.{table} has no column {column} of type uuid or text.")))
        };
        Ok(Identity { relation, owner, column_types: [type_of(&self.workspace_column)?, type_of(&self.user_column)?] })
    }
}

thread_local! {
    /// Contains None if no source is named.
    static SOURCE: Cached<Option<Source>> = const { Cached::nothing() };
}

const COLUMN_TYPES: [Oid; 3] = [UUIDOID, TEXTOID, VARCHAROID];

impl Source {
    fn prepare(names: Names) -> Result<Source, MembershipError> {
        let identity = names.identity()?;
        let condition = |column: &str, number: usize| {
            let cast = if identity.column_types[number - 1] == UUIDOID { "" } else { "::pg_catalog.text" };
            format!("{} OPERATOR(pg_catalog.=) ${number}{cast}", quote::identifier(column))
        };
        let sql = format!(
            "SELECT 1 FROM {}.{} WHERE {} AND {} LIMIT 1",
            quote::identifier(&names.schema),
            quote::identifier(&names.table),
            condition(&names.workspace_column, 1),
            condition(&names.user_column, 2),
        );
        let _table_owner = Acting::as_owner(identity.owner);
        let statement = PreparedStatement::prepare(&sql, &[UUIDOID, UUIDOID]);
        Ok(Source { names, identity, statement })
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

/// Whether the user is a member; None when there is no source, so that nobody can tell.
pub fn is_member(storage: &Storage, workspace: WorkspaceId, user: UserId) -> Result<Option<bool>, MembershipError> {
    let source = Source::current(storage)?;
    Ok(source.as_ref().as_ref().map(|source| {
        let _table_owner = Acting::as_owner(source.identity.owner);
        let ids = [workspace.0, user.0].map(|id| Some(datum::from_uuid(&id)));
        source.statement.run(&ids, |outcome| outcome.processed == 1)
    }))
}

/// Whether a source is named.
pub fn has_source(storage: &Storage) -> Result<bool, MembershipError> {
    Ok(Source::current(storage)?.is_some())
}

/// Refuses an event whose actor is no member of its workspace.
pub fn check_row(storage: &Storage, columns: &Columns) -> Result<(), MembershipError> {
    if let (Some(workspace), Some(user)) = (columns.workspace(), columns.actor())
        && is_member(storage, workspace, user)? == Some(false)
    {
        return Err(MembershipError::NotAMember);
    }
    Ok(())
}

/// `audit_set_membership_source(p_table, p_workspace_column, p_user_column)`; a NULL table turns the check off.
pub fn set_source_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
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
    for column in [workspace_column, user_column] {
        let column = column.ok_or(SourceError::ColumnNotNamed)?;
        match relation::column_type(table, column) {
            Some(kind) if COLUMN_TYPES.contains(&kind) => {}
            Some(_) => return Err(SourceError::ColumnType { table: name, column: column.to_owned() }),
            None => return Err(SourceError::NoSuchColumn { table: name, column: column.to_owned() }),
        }
    }
    Ok((schema, name))
}
