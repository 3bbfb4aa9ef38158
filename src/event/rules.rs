//! What an event must keep to before it is stored, by the table's trigger or directly.
//!
//! Nothing here holds a lock that another writer of the workspace could wait for, and for events that take the time of
//! insertion nothing is read.

use pgrx::pg_sys::Datum;

use super::check::{self, Facts};
use super::{Column, Columns, own};
use crate::error::{Error, Reserved};
use crate::pg::{clock, datum, jsonb};
use crate::retention::appear;
use crate::sequence;
use crate::storage::Storage;

/// The named constraints.
pub fn check_constraints(columns: &Columns, created_at: i64, server_time: bool) -> Result<(), Error> {
    let column = |column: Column| columns[column.index()];
    let facts = Facts {
        action_type: column(Column::ActionType).map(datum::read_bytes),
        resource_type: column(Column::ResourceType).map(datum::read_bytes),
        has_workspace: column(Column::WorkspaceId).is_some(),
        has_user: column(Column::CreatedByUserId).is_some(),
        is_in_future: !server_time && created_at > clock::now(),
        old_values_empty: column(Column::OldValues).is_some_and(jsonb::is_empty_object),
        new_values_empty: column(Column::NewValues).is_some_and(jsonb::is_empty_object),
    };
    check::first_violation(&facts).map_or(Ok(()), |violated| Err(Error::Check(violated)))
}

/// What only the extension says: of events that are not its own.
pub fn check_reserved(columns: &Columns) -> Result<(), Error> {
    if own::is_own(columns[Column::ActionType.index()].map(datum::read_bytes)) {
        return Err(Error::Reserved(Reserved::ActionType));
    }
    match own::has_own_key(columns[Column::Metadata.index()]) {
        true => Err(Error::Reserved(Reserved::Metadata)),
        false => Ok(()),
    }
}

/// The order of caller-supplied times; and the workspace's policy, which appears with its first event.
pub fn check_order(storage: &Storage, columns: &Columns, created_at: i64, server_time: bool) -> Result<(), Error> {
    if let Some(workspace) = columns[Column::WorkspaceId.index()] {
        if !server_time {
            sequence::check_order(storage, workspace, created_at)?;
        }
        appear::ensure_policy(storage, workspace);
    }
    Ok(())
}

/// Sorted names of the keys that differ, when old and new values are both objects.
pub fn changed_fields(columns: &Columns) -> Option<Datum> {
    let (old, new) = (columns[Column::OldValues.index()]?, columns[Column::NewValues.index()]?);
    Some(datum::from_names(&jsonb::changed_keys(old, new)?))
}
