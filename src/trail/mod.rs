//! `get_audit_trail()`: a workspace's events, newest first, hot and archived, page by page; and the other functions that read the trail.
//!
//! A page continues behind the position (time, id) of an event, so events recorded meanwhile do not shift it.

pub mod cold;
mod criteria;
pub mod export;
pub mod newest;
pub mod reader;
mod rows;
pub mod search;
pub mod visibility;

use std::ops::ControlFlow;

use audit_core::argument::Argument;
use audit_core::event::column::Column;
use audit_core::event::id;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::merge::{Order, Position};
use audit_core::report::{IntoReport, Report};
use audit_core::search::limit;
use audit_core::search::window::Window;
use audit_core::sqlstate::SqlState;
use audit_core::tier::Tier;
use uuid::Uuid;

use self::cold::EventIsCold;
use self::reader::{Hints, Query, find, read};
use self::visibility::{Reading, ReadsForNobody};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::{self, Datum};
use crate::pg::index_scan::IndexScan;
use crate::pg::rows::Rows;
use crate::pg::{clock, image};
use crate::storage::Storage;

const DAYS: std::ops::RangeInclusive<i32> = 1..=36_500;

/// A page continues after an event that is none of the workspace, or none at all where all are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchEvent {
    pub id: EventId,
    pub is_of_one_workspace: bool,
    pub continued: Continued,
}

/// What goes on behind an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continued {
    Pages,
    Export,
}

impl IntoReport for NoSuchEvent {
    fn report(&self) -> Report {
        let whose = if self.is_of_one_workspace { " of this workspace" } else { "" };
        Report::new(SqlState::InvalidParameterValue, format!("there is no event {} in the trail{whose}", self.id)).hint(
            match self.continued {
                Continued::Pages => {
                    "Pass the id of the last event of the page before, or leave p_before_event_id out to start anew."
                }
                Continued::Export => {
                    "Pass the id of the last event that was exported, or leave p_after_event_id out to start anew."
                }
            },
        )
    }
}

/// The columns of the answer that come from the event, in the contract's order.
const COLUMNS: [Column; 15] = [
    Column::Id,
    Column::CreatedAt,
    Column::CreatedByUserId,
    Column::ActionType,
    Column::ResourceType,
    Column::ResourceId,
    Column::WorkspaceId,
    Column::OldValues,
    Column::NewValues,
    Column::ChangedFields,
    Column::IpAddress,
    Column::UserAgent,
    Column::RequestId,
    Column::Tags,
    Column::Metadata,
];

/// Answers with the newest events of a query, so many at most. Where the page ends short, the reader is told what of the query is in files.
fn answer_page(storage: &Storage, rows: &mut Rows, query: &Query, limit: i32) -> Result<(), Error> {
    let mut left = limit;
    read(storage, query, |event: &IndexScan, _, tier| {
        let mut row: Vec<Option<Datum>> = COLUMNS.iter().map(|column| event.value(*column)).collect();
        row.push(Some(datum::from_bool(tier == Tier::Archive)));
        rows.push(&row);
        left -= 1;
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if left > 0 {
        cold::tell(storage, query)?;
    }
    Ok(())
}

/// The position of the event that is continued after.
fn position_of(
    storage: &Storage,
    workspace: Option<WorkspaceId>,
    event: Option<EventId>,
    continued: Continued,
) -> Result<Option<Position>, Error> {
    let Some(id) = event else { return Ok(None) };
    match find(storage, workspace, id)? {
        Some(position) => Ok(Some(position)),
        None => Err(missing(storage, workspace, id, continued)?),
    }
}

/// Why a page cannot continue after an event that was not found.
fn missing(
    storage: &Storage,
    workspace: Option<WorkspaceId>,
    event: EventId,
    continued: Continued,
) -> Result<Error, Error> {
    let is_cold = match workspace.zip(id::created_at(&event)) {
        Some((workspace, time)) => cold::holds(storage, workspace, (time, event))?,
        None => false,
    };
    Ok(match is_cold {
        true => EventIsCold { event }.into(),
        false => NoSuchEvent { id: event, is_of_one_workspace: workspace.is_some(), continued }.into(),
    })
}

/// Whether the caller reads this workspace. A gateway's user who does not is answered as if it were empty.
pub fn may_read(storage: &Storage, workspace: WorkspaceId) -> Result<bool, Error> {
    match visibility::reading(storage, workspace)? {
        Reading::Allowed => Ok(true),
        Reading::NotAMember => Ok(false),
        Reading::NoUser(why) => Err(ReadsForNobody { why }.into()),
    }
}

/// Which page of a trail is asked for.
pub struct Asked<'a> {
    pub workspace: WorkspaceId,
    pub resource_type: Option<Datum<'a>>,
    pub resource_id: Option<Uuid>,
    pub days: i32,
    pub limit: i32,
}

impl<'a> Asked<'a> {
    /// The arguments of `get_audit_trail()`.
    pub fn of(call: &'a Call) -> Result<Asked<'a>, Argument> {
        let workspace = call.uuid(0).map(WorkspaceId).ok_or(
            Argument::new("p_workspace_id").problem("must not be null").hint("A trail is read for one workspace."),
        )?;
        Ok(Asked {
            workspace,
            resource_type: call.datum(1),
            resource_id: call.uuid(2),
            days: limit::number("p_days_back", call.int4(3), DAYS, "36500 days reach back a hundred years.")?,
            limit: limit::page(call.int4(4))?,
        })
    }
}

/// `get_audit_trail(p_workspace_id, p_resource_type, p_resource_id, p_days_back, p_limit, p_before_event_id)`, of this node.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let asked = Asked::of(call)?;
    if !may_read(&storage, asked.workspace)? {
        return Ok(Answer::Nothing);
    }
    let behind = position_of(&storage, Some(asked.workspace), call.uuid(5).map(EventId), Continued::Pages)?;
    answer(&storage, &mut rows, &asked, behind)?;
    Ok(Answer::Nothing)
}

/// The newest events behind a position. Whether they may be read was asked before.
pub fn answer(storage: &Storage, rows: &mut Rows, asked: &Asked, behind: Option<Position>) -> Result<(), Error> {
    let Asked { workspace, resource_type, resource_id, days, limit } = *asked;
    let query = Query {
        workspace: Some(workspace),
        hints: Hints { resource_id, ..Hints::default() },
        window: Window::from(clock::now().minus_days(days)),
        order: Order::NewestFirst,
        behind,
        admits: &|event| {
            event.is_null(Column::DeletedAt)
                && resource_type.is_none_or(|wanted| image::same(event.value(Column::ResourceType), Some(wanted)))
                && resource_id.is_none_or(|wanted| event.uuid(Column::ResourceId) == Some(wanted))
        },
    };
    answer_page(storage, rows, &query, limit)
}

/// Why a page cannot continue after an event that no node has.
pub fn no_such_event(storage: &Storage, workspace: WorkspaceId, event: EventId) -> Result<Error, Error> {
    missing(storage, Some(workspace), event, Continued::Pages)
}
