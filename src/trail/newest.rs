//! `audit_newest_event()`: the newest event of a workspace.

use std::ops::ControlFlow;

use audit_core::event::action::is_system_action;
use audit_core::event::column::Column;
use audit_core::event::id;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::merge::{Order, Position};
use audit_core::search::window::Window;
use audit_core::time::Timestamp;

use super::reader::{Hints, Query, read};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum;
use crate::pg::rows::Rows;
use crate::storage::Storage;

/// Time and id of the newest event of a workspace, deleted or not, other than the audit trail's own and those that were imported.
fn newest(storage: &Storage, workspace: WorkspaceId) -> Result<Option<Position>, Error> {
    let query = Query {
        workspace: Some(workspace),
        hints: Hints::default(),
        window: Window::from(Timestamp::PAST),
        order: Order::NewestFirst,
        behind: None,
        admits: &|scan| {
            let is_imported = scan.uuid(Column::Id).is_some_and(|id| id::is_of_import(&EventId(id)));
            !is_imported && !scan.bytes(Column::ActionType).is_some_and(is_system_action)
        },
    };
    let mut newest = None;
    read(storage, &query, |_, position, _| {
        newest = Some(position);
        ControlFlow::Break(())
    })?;
    Ok(newest)
}

/// `audit_newest_event(p_workspace_id)`: what the view `audit_event_sequence` shows of a workspace's events.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    if let Some(workspace) = call.uuid(0).map(WorkspaceId)
        && let Some((created_at, id)) = newest(&storage, workspace)?
    {
        rows.push(&[Some(datum::from_uuid(&id.0)), Some(datum::from_time(created_at))]);
    }
    Ok(Answer::Nothing)
}
