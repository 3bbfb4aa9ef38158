//! `audit_events_before_insert`: what happens to every event on its way into `audit_events`, by whatever path.
//!
//! It gives the row its id, refuses what only maintenance may write, answers for the named constraints, keeps a
//! workspace's caller-supplied times in order and computes `changed_fields`. It holds no lock that another writer of the
//! workspace could wait for, and for events that take the default time it reads nothing.

use pgrx::pg_sys::Datum;

use super::check::{self, Facts};
use super::{Column, bulk, stamp};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::jsonb::{self, Jsonb};
use crate::pg::trigger::Trigger;
use crate::pg::{clock, datum};
use crate::storage::Storage;
use crate::{retention, sequence};

pub fn before_insert(call: &Call) -> Result<Answer, Error> {
    prepare(call).map_err(bulk::with_element)
}

fn prepare(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call)?;
    let storage = Storage::of(call)?;
    let row = trigger.new_row();
    let columns: [Option<Datum>; Column::COUNT] = trigger.columns(row)?;
    let column = |column: Column| columns[column.index()];

    for (soft_deletion, name) in [
        (Column::DeletedAt, "deleted_at"),
        (Column::DeletedByUserId, "deleted_by_user_id"),
        (Column::DeletionReason, "deletion_reason"),
    ] {
        if column(soft_deletion).is_some() {
            return Err(Error::SoftDeletion { column: name });
        }
    }
    // A NULL time has no month; the column's own NOT NULL refuses it.
    let Some(created_at) = column(Column::CreatedAt).map(|time| time.value() as i64) else {
        return Ok(trigger.pass(row));
    };
    let origin = stamp::judge(column(Column::Id).map(datum::read_uuid), created_at);
    let server_time = origin.as_ref().is_ok_and(|origin| origin.server_time);
    let (old_values, new_values) = (column(Column::OldValues).map(Jsonb::of), column(Column::NewValues).map(Jsonb::of));
    let facts = Facts {
        action_type: column(Column::ActionType).map(datum::read_bytes),
        resource_type: column(Column::ResourceType).map(datum::read_bytes),
        has_workspace: column(Column::WorkspaceId).is_some(),
        has_user: column(Column::CreatedByUserId).is_some(),
        is_in_future: !server_time && created_at > clock::now(),
        old_values_empty: old_values.is_some_and(is_empty_object),
        new_values_empty: new_values.is_some_and(is_empty_object),
    };
    if let Some(violated) = check::first_violation(&facts) {
        return Err(Error::Check(violated));
    }
    let origin = origin?;
    if let Some(workspace) = column(Column::WorkspaceId) {
        if !origin.server_time {
            sequence::check_order(&storage, workspace, created_at)?;
        }
        retention::ensure_policy(&storage, workspace);
    }

    let mut changes = Vec::new();
    if let Some(id) = origin.id {
        changes.push((Column::Id.number(), Some(datum::from_uuid(&id))));
    }
    if let (Some(old), Some(new)) = (old_values, new_values)
        && let Some(keys) = jsonb::changed_keys(old, new)
    {
        let keys: Vec<_> = keys.into_iter().map(Some).collect();
        changes.push((Column::ChangedFields.number(), Some(datum::from_texts(&keys))));
    }
    Ok(trigger.pass_with(row, &changes))
}

/// `audit_events_archive_before_insert`: only maintenance writes the archive.
pub fn before_archive_insert(_: &Call) -> Result<Answer, Error> {
    Err(Error::ArchiveInsert)
}

fn is_empty_object(document: Jsonb) -> bool {
    document.root().is_object() && document.root().is_empty()
}
