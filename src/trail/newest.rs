//! `audit_newest_event()`: the newest event of a workspace.

use audit_core::ids::{EventId, WorkspaceId};
use audit_core::time::Timestamp;

use std::ops::ControlFlow;

use super::{Filter, Shown, read};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::{self};
use crate::pg::rows::Rows;
use crate::storage::Storage;

/// Id and time of the newest event of a workspace, deleted or not, other than the audit trail's own.
fn newest(storage: &Storage, workspace: WorkspaceId) -> Result<Option<(EventId, Timestamp)>, Error> {
    let filter = Filter {
        workspace,
        resource_type: None,
        resource_id: None,
        since: Timestamp::PAST,
        before: None,
        shows: Shown::NotOwn,
    };
    let mut newest = None;
    read(storage, filter, |_, (time, id), _| {
        newest = Some((id, time));
        ControlFlow::Break(())
    })?;
    Ok(newest)
}

/// `audit_newest_event(p_workspace_id)`: what the view `audit_event_sequence` shows of a workspace's events.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    if let Some(workspace) = call.uuid(0).map(WorkspaceId)
        && let Some((id, created_at)) = newest(&storage, workspace)?
    {
        rows.push(&[Some(datum::from_uuid(&id.0)), Some(datum::from_time(created_at))]);
    }
    Ok(Answer::Nothing)
}
