//! The values that a caller gives of an event, before it has a time and an id.

use audit_core::event::column::Column;
use audit_core::time::Timestamp;

use crate::event::row::{Columns, SHAPE};
use crate::pg::datum::{self, Datum};
use crate::request::{self, Origin};

/// What a caller gives of an event; None is NULL, or left out.
#[derive(Default, Clone, Copy)]
pub struct Draft<'a> {
    pub action_type: Option<Datum<'a>>,
    pub resource_type: Option<Datum<'a>>,
    pub resource_id: Option<Datum<'a>>,
    pub workspace_id: Option<Datum<'a>>,
    pub created_by_user_id: Option<Datum<'a>>,
    pub old_values: Option<Datum<'a>>,
    pub new_values: Option<Datum<'a>>,
    pub ip_address: Option<Datum<'a>>,
    pub user_agent: Option<Datum<'a>>,
    pub request_id: Option<Datum<'a>>,
    pub tags: Option<Datum<'a>>,
    pub metadata: Option<Datum<'a>>,
    pub created_at: Option<Timestamp>,
}

impl<'a> Draft<'a> {
    /// The values that the request supplies.
    pub fn of_request() -> Draft<'a> {
        Draft::default().completed_from_request()
    }

    /// Completes missing values from the request.
    pub fn completed_from_request(self) -> Draft<'a> {
        let is_told = self.ip_address.is_some() && self.user_agent.is_some() && self.request_id.is_some();
        let origin = if is_told { Origin::default() } else { request::origin() };
        Draft {
            workspace_id: self.workspace_id.or_else(request::workspace_id),
            created_by_user_id: self.created_by_user_id.or_else(request::user_id),
            ip_address: self.ip_address.or(origin.ip_address),
            user_agent: self.user_agent.or(origin.user_agent),
            request_id: self.request_id.or(origin.request_id),
            ..self
        }
    }

    /// As [`Draft::completed_from_request`], with values that were read before.
    pub fn completed_from(self, request: &Draft<'a>) -> Draft<'a> {
        Draft {
            workspace_id: self.workspace_id.or(request.workspace_id),
            created_by_user_id: self.created_by_user_id.or(request.created_by_user_id),
            ip_address: self.ip_address.or(request.ip_address),
            user_agent: self.user_agent.or(request.user_agent),
            request_id: self.request_id.or(request.request_id),
            ..self
        }
    }

    /// The values as the table has them, without time and id.
    pub fn columns(&self) -> Columns<'a> {
        let mut columns = Columns::empty(&SHAPE);
        columns.set(Column::CreatedByUserId, self.created_by_user_id);
        columns.set(Column::ActionType, self.action_type);
        columns.set(Column::ResourceType, self.resource_type);
        columns.set(Column::ResourceId, self.resource_id);
        columns.set(Column::WorkspaceId, self.workspace_id);
        columns.set(Column::OldValues, self.old_values);
        columns.set(Column::NewValues, self.new_values);
        columns.set(Column::IpAddress, self.ip_address);
        columns.set(Column::UserAgent, self.user_agent);
        columns.set(Column::RequestId, self.request_id);
        columns.set(Column::Tags, self.tags);
        columns.set(Column::Metadata, self.metadata);
        columns.set(Column::CreatedAt, self.created_at.map(datum::from_time));
        columns
    }
}
