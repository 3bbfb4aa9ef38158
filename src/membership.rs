//! `check_audit_workspace_membership`: only members of a workspace act in it.
//!
//! Off until the owner names a source. The source is read as the source's own owner, like a foreign key check: code that
//! hangs on it (policies, index expressions) never runs with the trail's rights. The source is remembered by
//! name and looked up at each check; if it is gone, events are refused with the way out rather than let past.

use std::rc::Rc;

use pgrx::Spi;
use pgrx::pg_sys::{Datum, Oid, UUIDOID};

use crate::error::Error;
use crate::event::{Column, Columns, bulk, own};
use crate::pg::call::{Answer, Call};
use crate::pg::relation::{self, Kind};
use crate::pg::role::Acting;
use crate::pg::spi::{Statement, quote_identifier};
use crate::pg::trigger::Trigger;
use crate::storage::{MEMBERSHIP_SOURCE, Storage};

/// The table that says who is a member of which workspace.
pub struct Source {
    schema: String,
    table: String,
    relation: Oid,
    owner: Oid,
    statement: Statement,
}

impl Source {
    /// The source as configured; None when none is.
    fn load(storage: &Storage) -> Result<Option<Source>, Error> {
        let sql = format!(
            "SELECT table_schema::text, table_name::text, workspace_column::text, user_column::text FROM {} \
             WHERE table_name IS NOT NULL",
            storage.qualified(MEMBERSHIP_SOURCE)
        );
        let configured = Spi::connect(|client| {
            let _owner = Acting::as_owner(storage.owner);
            let rows = client.select(&sql, Some(1), &[])?;
            match rows.into_iter().next() {
                None => Ok(None),
                Some(row) => Ok(Some([
                    row.get::<String>(1)?.unwrap_or_default(),
                    row.get::<String>(2)?.unwrap_or_default(),
                    row.get::<String>(3)?.unwrap_or_default(),
                    row.get::<String>(4)?.unwrap_or_default(),
                ])),
            }
        })
        .map_err(|error: pgrx::spi::Error| Error::MembershipSourceGone { detail: error.to_string() })?;
        let Some([schema, table, workspace_column, user_column]) = configured else { return Ok(None) };
        let gone = |what: String| Error::MembershipSourceGone { detail: what };
        let relation = relation::find_qualified(&schema, &table)
            .ok_or_else(|| gone(format!("There is no table {schema}.{table}.")))?;
        let parameter = |column: &str, number: u8| {
            let kind = relation::column_type(relation, column)
                .ok_or_else(|| gone(format!("Table {schema}.{table} has no column {column}.")))?;
            let cast = if kind == UUIDOID { "" } else { "::pg_catalog.text" };
            Ok(format!("{} OPERATOR(pg_catalog.=) ${number}{cast}", quote_identifier(column)))
        };
        let owner = relation::owner(relation).ok_or_else(|| gone(format!("There is no table {schema}.{table}.")))?;
        let sql = format!(
            "SELECT 1 FROM {}.{} WHERE {} AND {} LIMIT 1",
            quote_identifier(&schema),
            quote_identifier(&table),
            parameter(&workspace_column, 1)?,
            parameter(&user_column, 2)?,
        );
        let _table_owner = Acting::as_owner(owner);
        let statement = Statement::prepare(&sql, &[UUIDOID, UUIDOID]);
        Ok(Some(Source { schema, table, relation, owner, statement }))
    }

    fn is_member(&self, workspace: Datum, user: Datum) -> Result<bool, Error> {
        if relation::find_qualified(&self.schema, &self.table) != Some(self.relation) {
            return Err(Error::MembershipSourceGone {
                detail: format!("Table {}.{} is not the one it was.", self.schema, self.table),
            });
        }
        let _table_owner = Acting::as_owner(self.owner);
        Ok(self.statement.run(&[Some(workspace), Some(user)], |outcome| outcome.processed == 1))
    }
}

/// Whether the user is a member; None when there is no source, so that nobody can tell.
pub fn is_member(storage: &Storage, workspace: Datum, user: Datum) -> Result<Option<bool>, Error> {
    if storage.source.get().is_none() {
        let source = Source::load(storage)?;
        let _ = storage.source.set(source);
    }
    match storage.source.get() {
        Some(Some(source)) => source.is_member(workspace, user).map(Some),
        _ => Ok(None),
    }
}

/// The trigger `check_audit_workspace_membership`: BEFORE INSERT for each row.
pub fn check(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call)?;
    let row = trigger.new_row();
    if own::take_exemption() {
        return Ok(trigger.pass(row));
    }
    let storage: Rc<Storage> = Storage::of(call)?;
    check_row(&storage, &trigger.columns(row)?).map_err(bulk::with_element)?;
    Ok(trigger.pass(row))
}

/// Refuses an event whose actor is no member of its workspace.
pub fn check_row(storage: &Storage, columns: &Columns) -> Result<(), Error> {
    if let (Some(workspace), Some(user)) =
        (columns[Column::WorkspaceId.index()], columns[Column::CreatedByUserId.index()])
        && is_member(storage, workspace, user)? == Some(false)
    {
        return Err(Error::NotAMember);
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
    let [schema, table, workspace_column, user_column] = source;
    Spi::run_with_args(&sql, &[schema.into(), table.into(), workspace_column.into(), user_column.into()])
        .map_err(|error| Error::MembershipSourceGone { detail: error.to_string() })?;
    Ok(Answer::Nothing)
}

fn check_source(
    table: Oid,
    workspace_column: Option<&str>,
    user_column: Option<&str>,
) -> Result<(String, String), Error> {
    let wrong = |problem: String, sqlstate, hint| Error::MembershipSource { problem, sqlstate, hint };
    let (schema, name, kind) = relation::describe(table)
        .ok_or_else(|| wrong("there is no such table".into(), "42P01", "Name the table as 'schema.table'."))?;
    if !matches!(kind, Kind::Table | Kind::PartitionedTable) {
        return Err(wrong(
            format!("\"{name}\" is not an ordinary or partitioned table"),
            "42809",
            "Views and foreign tables cannot be trusted as membership source; name the table behind it.",
        ));
    }
    if relation::is_temporary(table) {
        return Err(wrong(
            format!("\"{name}\" is a temporary table"),
            "42809",
            "Other sessions could not read it; name a permanent table.",
        ));
    }
    for column in [workspace_column, user_column] {
        let column = column.ok_or_else(|| {
            wrong(
                "a membership source needs both columns".into(),
                "22004",
                "Give p_workspace_column and p_user_column.",
            )
        })?;
        match relation::column_type(table, column) {
            None => {
                return Err(wrong(
                    format!("column \"{column}\" of table \"{name}\" does not exist"),
                    "42703",
                    "Name the columns as the table has them.",
                ));
            }
            Some(UUIDOID | pgrx::pg_sys::TEXTOID | pgrx::pg_sys::VARCHAROID) => {}
            Some(_) => {
                return Err(wrong(
                    format!("column \"{column}\" of table \"{name}\" is neither uuid nor text"),
                    "42804",
                    "Workspaces and users are told apart by uuid.",
                ));
            }
        }
    }
    Ok((schema, name))
}
