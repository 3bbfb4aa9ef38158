//! `audit_track_table()` and `audit_untrack_table()`.

use audit_core::argument::Argument;
use audit_core::health::{Finding, Status};
use pgrx::pg_sys::{NAMEOID, Oid};

use super::error::{CaptureWarning, TrackingError};
use super::sync::{self, fill};
use super::{ddl, health};
use crate::error::Error;
use crate::event::workspace::WorkspaceKey;
use crate::pg::call::{Answer, Call};
use crate::pg::relation::{self, Relation, RelationKind, ShareRowExclusiveLock};
use crate::pg::role::{self, Acting};
use crate::pg::{citus, datum, parameter, raise, spi, value};
use crate::storage::Storage;

/// The table a caller may track or untrack, locked to the end of the transaction: two callers come one after the other.
struct Table {
    oid: Oid,
    schema: String,
    name: String,
    /// The columns that identify its rows.
    key: Vec<String>,
}

impl Table {
    fn of(call: &Call, storage: &Storage) -> Result<Table, TrackingError> {
        let oid = call.oid(0).ok_or(TrackingError::NoTableNamed)?;
        let (schema, name, kind) = relation::describe(oid).ok_or(TrackingError::NoSuchTable)?;
        if kind == RelationKind::Other {
            return Err(TrackingError::NotATable { name });
        }
        if relation::is_temporary(oid) {
            return Err(TrackingError::Temporary { name });
        }
        if relation::is_of_system(oid) {
            return Err(TrackingError::OfSystem { name });
        }
        if citus::is_followed_elsewhere(oid) {
            return Err(TrackingError::OfCitus { name });
        }
        let user = role::current_user();
        if user != storage.owner && !relation::is_owned_by(oid, user) {
            return Err(TrackingError::NotOwner { name });
        }
        let relation = Relation::open(oid, ShareRowExclusiveLock).ok_or(TrackingError::NoSuchTable)?;
        Ok(Table { oid, schema, name, key: relation.key_columns() })
    }

    fn check_column(&self, column: &str) -> Result<Oid, TrackingError> {
        relation::column_type(self.oid, column)
            .ok_or_else(|| TrackingError::NoSuchColumn { table: self.name.clone(), column: column.to_owned() })
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

    fn check(&self, of: &Table) -> Result<(), TrackingError> {
        if let Some(column) = self.workspace.clone() {
            let table = of.name.clone();
            let Some(kind) = relation::column_type(of.oid, &column) else {
                return Err(TrackingError::NoWorkspaceColumn { table, column });
            };
            if WorkspaceKey::of(kind).is_none() {
                return Err(TrackingError::WorkspaceColumnType { table, column });
            }
        }
        for column in self.ignored.iter().chain(&self.masked) {
            of.check_column(column)?;
            if of.key.contains(column) {
                return Err(TrackingError::KeyColumn { table: of.name.clone(), column: column.clone() });
            }
        }
        match self.ignored.iter().find(|column| self.masked.contains(column)) {
            Some(both) => Err(TrackingError::IgnoredAndMasked { column: both.clone() }),
            None => Ok(()),
        }
    }

    fn check_resource_type(&self) -> Result<(), Argument> {
        match self.resource_type.as_deref().is_some_and(|name| name.trim().is_empty()) {
            true => {
                Err(Argument::new("p_resource_type").problem("is empty").hint("Leave it out to take the table's name."))
            }
            false => Ok(()),
        }
    }
}

/// `audit_track_table(p_table, p_workspace_column, p_resource_type, p_ignored_columns, p_masked_columns)`.
pub fn track_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let table = Table::of(call, &storage)?;
    let wish = Wish::of(call);
    wish.check(&table)?;
    wish.check_resource_type()?;
    sync::demand_reach(&storage, table.oid)?;
    let _owner = Acting::as_owner(storage.owner);
    check_place(&storage, &table, &wish)?;
    let sql = fill(&storage, include_str!("../../sql/capture/track.sql"), &[]);
    let parameters = [
        parameter::text(&table.schema),
        parameter::text(&table.name),
        parameter::text_or_null(wish.resource_type.as_deref()),
        parameter::text_or_null(wish.workspace.as_deref()),
        parameter::texts(&wish.ignored),
        parameter::texts(&wish.masked),
    ];
    let id = spi::find_row_with(&sql, &parameters, |row| row.text(1));
    sync::apply(&storage, Some(id.as_slice()), |_| true);
    Ok(Answer::Nothing)
}

/// Tables of the trail are not tracked, nor is a table twice, through itself and through a parent.
fn check_place(storage: &Storage, table: &Table, wish: &Wish) -> Result<(), TrackingError> {
    let resource_type = wish.resource_type.as_deref().unwrap_or(&table.name);
    let parameters = [
        parameter::oid(table.oid),
        parameter::text(resource_type),
        parameter::text(&table.schema),
        parameter::text(&table.name),
    ];
    let sql = fill(storage, include_str!("../../sql/capture/refusals.sql"), &[]);
    let read = |row: spi::ResultRow| (row.bool(1) == Some(true), row.text(2), row.text(3), row.text(4), row.text(5));
    let Some((is_of_trail, above, below, foreign, namesake)) =
        spi::rows_with(&sql, &parameters, read).into_iter().next()
    else {
        return Ok(());
    };
    let name = table.name.clone();
    if is_of_trail {
        return Err(TrackingError::OfTrail { name });
    }
    if let Some(above) = above {
        return Err(TrackingError::TrackedAbove { name, above });
    }
    if let Some(below) = below {
        return Err(TrackingError::TrackedBelow { name, below });
    }
    if let Some(part) = foreign {
        return Err(TrackingError::ForeignPart { name, part });
    }
    match namesake.filter(|_| wish.resource_type.is_none()) {
        Some(namesake) => Err(TrackingError::Namesake { namesake, resource_type: resource_type.to_owned() }),
        None => Ok(()),
    }
}

/// `audit_untrack_table(p_table)`.
pub fn untrack_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let table = Table::of(call, &storage)?;
    sync::demand_reach(&storage, table.oid)?;
    let _owner = Acting::as_owner(storage.owner);
    if sync::untrack(&storage, &table.schema, &table.name).is_empty() {
        return Err(TrackingError::NotTracked { name: table.name }.into());
    }
    sync::apply(&storage, Some(&[]), |_| false);
    Ok(Answer::Nothing)
}

/// Part of `audit_setup()`: event triggers and the triggers of tracked tables, wherever they are missing. What cannot be repaired is
/// told as a warning.
pub fn put_in_place(storage: &Storage) {
    ddl::put_event_triggers(storage);
    sync::apply(storage, None, |_| true);
    for Finding { status, detail, hint, .. } in health::findings(storage) {
        if status != Status::Ok {
            let is_gap = status == Status::Fail;
            raise::warn(&CaptureWarning { is_gap, detail, hint: hint.unwrap_or_default() });
        }
    }
}
