//! What an event must keep to before it is stored, by the table's trigger or directly.
//!
//! Nothing here holds a lock that another writer of the workspace could wait for, and for events that take the time of
//! insertion nothing is read.

use audit_core::event::action::is_system_action;
use audit_core::event::column::Column;
use audit_core::event::constraint::{self, Facts};

use super::own;
use super::row::Columns;
use crate::error::{Error, Reserved};
use crate::pg::datum::Datum;
use crate::pg::{clock, datum, jsonb};
use crate::retention::appear;
use crate::sequence;
use crate::storage::Storage;

/// The named constraints.
pub fn check_constraints(columns: &Columns, created_at: i64, server_time: bool) -> Result<(), Error> {
    let facts = Facts {
        action_type: columns.bytes(Column::ActionType),
        resource_type: columns.bytes(Column::ResourceType),
        has_workspace: !columns.is_null(Column::WorkspaceId),
        has_user: !columns.is_null(Column::CreatedByUserId),
        is_in_future: !server_time && created_at > clock::now(),
        old_values_empty: columns.value(Column::OldValues).is_some_and(jsonb::is_empty_object),
        new_values_empty: columns.value(Column::NewValues).is_some_and(jsonb::is_empty_object),
    };
    constraint::first_violation(&facts).map_or(Ok(()), |violated| Err(Error::Check(violated)))
}

/// What only the extension says: of events that are not its own.
pub fn check_reserved(columns: &Columns) -> Result<(), Error> {
    if columns.bytes(Column::ActionType).is_some_and(is_system_action) {
        return Err(Error::Reserved(Reserved::ActionType));
    }
    match own::has_own_key(columns.value(Column::Metadata)) {
        true => Err(Error::Reserved(Reserved::Metadata)),
        false => Ok(()),
    }
}

/// The order of caller-supplied times; and the workspace's policy, which appears with its first event.
pub fn check_order(storage: &Storage, columns: &Columns, created_at: i64, server_time: bool) -> Result<(), Error> {
    if let Some(workspace) = columns.value(Column::WorkspaceId) {
        if !server_time {
            sequence::check_order(storage, workspace, created_at)?;
        }
        appear::ensure_policy(storage, workspace);
    }
    Ok(())
}

/// Sorted names of the keys that differ, when old and new values are both objects.
pub fn changed_fields(columns: &Columns) -> Option<Datum<'static>> {
    let (old, new) = (columns.value(Column::OldValues)?, columns.value(Column::NewValues)?);
    Some(datum::from_names(&jsonb::changed_keys(old, new)?))
}
