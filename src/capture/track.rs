//! `audit_track_table()` and `audit_untrack_table()`.

use pgrx::pg_sys::{NAMEOID, Oid, TEXTOID, UUIDOID, VARCHAROID};

use super::ddl::name_array;
use super::sync::{self, Wanted, fill};
use super::{ddl, health};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::relation::{self, Kind, Relation, ShareRowExclusiveLock};
use crate::pg::role::{self, Acting};
use crate::pg::{datum, raise, spi, value};
use crate::storage::{Storage, TRACKING};

/// The table a caller may track or untrack, locked to the end of the transaction: two callers come one after the other.
struct Table {
    oid: Oid,
    schema: String,
    name: String,
    /// The columns that identify its rows.
    key: Vec<String>,
}

fn wrong<T>(problem: String, sqlstate: &'static str, hint: &str) -> Result<T, Error> {
    Err(Error::Tracking { problem, sqlstate, hint: hint.to_owned() })
}

impl Table {
    fn of(call: &Call, storage: &Storage) -> Result<Table, Error> {
        let Some(oid) = call.oid(0) else {
            return wrong("p_table must name a table".into(), "22004", "Name it as 'schema.table'.");
        };
        let Some((schema, name, kind)) = relation::describe(oid) else {
            return wrong("there is no such table".into(), "42P01", "Name the table as 'schema.table'.");
        };
        if kind == Kind::Other {
            let hint = "Only ordinary and partitioned tables can be tracked; track the tables behind a view.";
            return wrong(format!("\"{name}\" is not an ordinary or partitioned table"), "42809", hint);
        }
        if relation::is_temporary(oid) {
            let hint = "It ends with its session; track permanent tables.";
            return wrong(format!("\"{name}\" is a temporary table"), "42809", hint);
        }
        if relation::is_of_system(oid) {
            return wrong(format!("\"{name}\" is a system table"), "42809", "Track tables of the application.");
        }
        let user = role::current_user();
        if user != storage.owner && !relation::is_owned_by(oid, user) {
            let hint = "Its owner, or the owner of extension audit_ext, may track and untrack it.";
            return wrong(format!("must be owner of table {name}"), "42501", hint);
        }
        match Relation::open(oid, ShareRowExclusiveLock) {
            Some(relation) => Ok(Table { oid, schema, name, key: relation.key_columns() }),
            None => wrong("there is no such table".into(), "42P01", "Name the table as 'schema.table'."),
        }
    }

    fn check_column(&self, column: &str) -> Result<Oid, Error> {
        let problem = || format!("column \"{column}\" of table \"{}\" does not exist", self.name);
        match relation::column_type(self.oid, column) {
            Some(kind) => Ok(kind),
            None => wrong(problem(), "42703", "Name the columns as the table has them."),
        }
    }

    fn condition(&self) -> String {
        format!(
            "table_schema = {} AND table_name = {} AND untracked_at IS NULL",
            spi::quote_literal(&self.schema),
            spi::quote_literal(&self.name)
        )
    }
}

/// What a caller asks for.
struct Wish {
    workspace: Option<String>,
    resource_type: Option<String>,
    ignored: Vec<String>,
    masked: Vec<String>,
}

impl Wish {
    fn of(call: &Call) -> Wish {
        let names = |index| {
            let list = call.datum(index).map(|list| value::array(list, NAMEOID).elements).unwrap_or_default();
            list.into_iter().flatten().map(datum::read_name).collect()
        };
        Wish { workspace: call.name(1), resource_type: call.text(2), ignored: names(3), masked: names(4) }
    }

    fn check(&self, table: &Table) -> Result<(), Error> {
        if let Some(column) = &self.workspace {
            let Some(kind) = relation::column_type(table.oid, column) else {
                let hint =
                    "Name it in p_workspace_column, or pass NULL there if rows of the table belong to no workspace.";
                let problem = format!("table \"{}\" has no column \"{column}\" that tells the workspace", table.name);
                return wrong(problem, "42703", hint);
            };
            if ![UUIDOID, TEXTOID, VARCHAROID].contains(&value::base_type(kind)) {
                let problem = format!("column \"{column}\" of table \"{}\" is neither uuid nor text", table.name);
                return wrong(problem, "42804", "Workspaces are told apart by uuid.");
            }
        }
        for column in self.ignored.iter().chain(&self.masked) {
            table.check_column(column)?;
            if table.key.contains(column) {
                let problem = format!("column \"{column}\" identifies the rows of table \"{}\"", table.name);
                return wrong(
                    problem,
                    "22023",
                    "Neither ignore nor mask it: an event must tell which row it is about.",
                );
            }
        }
        if let Some(both) = self.ignored.iter().find(|column| self.masked.contains(column)) {
            let problem = format!("column \"{both}\" cannot be both ignored and masked");
            return wrong(
                problem,
                "22023",
                "Ignored columns do not appear; of masked ones it is told that they changed.",
            );
        }
        if self.resource_type.as_deref().is_some_and(|name| name.trim().is_empty()) {
            let hint = "Leave it out to take the table's name.";
            return Err(Error::Argument { name: "p_resource_type", problem: "is empty".into(), hint: hint.into() });
        }
        Ok(())
    }
}

/// `audit_track_table(p_table, p_workspace_column, p_resource_type, p_ignored_columns, p_masked_columns)`.
pub fn track_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let table = Table::of(call, &storage)?;
    let wish = Wish::of(call);
    wish.check(&table)?;
    let _owner = Acting::as_owner(storage.owner);
    check_place(&storage, &table, &wish)?;
    let known =
        format!("SELECT id::text, resource_type FROM {} WHERE {}", storage.qualified(TRACKING), table.condition());
    let known = spi::rows(&known, |row| Some((row.text(1)?, row.text(2)?))).into_iter().flatten().next();
    let former_type = known.as_ref().map(|(_, resource_type)| resource_type.as_str());
    let values = format!(
        "({}, {}, {}, {})",
        spi::quote_literal(wish.resource_type.as_deref().or(former_type).unwrap_or(&table.name)),
        wish.workspace.as_deref().map_or("NULL".to_owned(), spi::quote_literal),
        name_array(&wish.ignored),
        name_array(&wish.masked),
    );
    const COLUMNS: &str = "(resource_type, workspace_column, ignored_columns, masked_columns)";
    let tracking = storage.qualified(TRACKING);
    let id = match known {
        Some((id, _)) => {
            let condition = format!("id = {}", spi::quote_literal(&id));
            spi::run(&format!(
                "UPDATE {tracking} SET {COLUMNS} = {values} WHERE {condition} AND {COLUMNS} IS DISTINCT FROM {values}"
            ));
            Some(id)
        }
        None => {
            let names = format!("{}, {}", spi::quote_literal(&table.schema), spi::quote_literal(&table.name));
            let sql = format!(
                "INSERT INTO {tracking} (table_schema, table_name, {} VALUES ({names}, {} RETURNING id::text",
                &COLUMNS[1..],
                &values[1..],
            );
            spi::rows(&sql, |row| row.text(1)).into_iter().flatten().next()
        }
    };
    sync::apply(&storage, |other| if Some(other) == id.as_deref() { Wanted::Anew } else { Wanted::LeftAlone });
    Ok(Answer::Nothing)
}

/// Tables of the trail are not tracked, nor is a table twice, through itself and through a parent.
fn check_place(storage: &Storage, table: &Table, wish: &Wish) -> Result<(), Error> {
    let resource_type = wish.resource_type.as_deref().unwrap_or(&table.name);
    let values = [
        ("table", table.oid.to_u32().to_string()),
        ("resource_type", spi::quote_literal(resource_type)),
        ("schema_name", spi::quote_literal(&table.schema)),
        ("table_name", spi::quote_literal(&table.name)),
    ];
    let sql = fill(storage, include_str!("../../sql/capture/refusals.sql"), &values);
    let read = |row: spi::Row| (row.bool(1) == Some(true), row.text(2), row.text(3), row.text(4), row.text(5));
    let Some((is_of_trail, above, below, foreign, namesake)) = spi::rows(&sql, read).into_iter().next() else {
        return Ok(());
    };
    let name = &table.name;
    if is_of_trail {
        return wrong(format!("\"{name}\" is a table of the audit trail"), "42809", "Track tables of the application.");
    }
    if let Some(above) = above {
        return wrong(
            format!("\"{name}\" is tracked already, as part of {above}"),
            "22023",
            &format!("Untrack {above} first, or leave it at that."),
        );
    }
    if let Some(below) = below {
        return wrong(
            format!("{below}, a part of \"{name}\", is tracked by itself"),
            "22023",
            &format!("Call audit_untrack_table('{below}') first."),
        );
    }
    if let Some(foreign) = foreign {
        return wrong(
            format!("{foreign}, a part of \"{name}\", is not an ordinary table"),
            "42809",
            "Changes of foreign tables cannot be captured.",
        );
    }
    match namesake.filter(|_| wish.resource_type.is_none()) {
        Some(namesake) => wrong(
            format!("{namesake} is tracked as \"{resource_type}\" already"),
            "22023",
            "Tell the two apart: give p_resource_type.",
        ),
        None => Ok(()),
    }
}

/// `audit_untrack_table(p_table)`.
pub fn untrack_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let table = Table::of(call, &storage)?;
    let _owner = Acting::as_owner(storage.owner);
    let sql = format!(
        "UPDATE {} SET untracked_at = pg_catalog.clock_timestamp(), untracked_by = SESSION_USER WHERE {}",
        storage.qualified(TRACKING),
        table.condition()
    );
    if spi::count(&sql) == 0 {
        return wrong(
            format!("table \"{}\" is not tracked", table.name),
            "22023",
            "SELECT * FROM audit_tracked_tables shows what is.",
        );
    }
    sync::apply(&storage, |_| Wanted::LeftAlone);
    Ok(Answer::Nothing)
}

/// Part of `audit_setup()`: event triggers and the triggers of tracked tables, wherever they are missing. What cannot be repaired is
/// told as a warning.
pub fn put_in_place(storage: &Storage) {
    ddl::put_event_triggers(storage);
    sync::apply(storage, |_| Wanted::Anew);
    for finding in health::findings(storage).into_iter().filter(|finding| finding.status != "note") {
        let is_gap = finding.status == "fail";
        raise::warn(&Error::Capture { is_gap, detail: finding.detail, hint: finding.hint }.report());
    }
}
