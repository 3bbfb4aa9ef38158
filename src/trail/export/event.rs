//! A stored event as the formats take it.

use std::borrow::Cow;

use audit_core::event::column::{Column, DataType};
use audit_core::format::{Event, Format};
use audit_core::ids::{EventId, UserId, WorkspaceId};
use audit_core::tier::Tier;
use audit_core::time::Timestamp;

use super::kinds::Kinds;
use crate::event::row::Columns;
use crate::pg::datum::Datum;
use crate::pg::index_scan::IndexScan;
use crate::pg::{datum, encoding, jsonb, value};

/// An event in a table.
pub trait StoredEvent {
    fn column(&self, column: Column) -> Option<Datum<'_>>;
}

impl StoredEvent for IndexScan {
    fn column(&self, column: Column) -> Option<Datum<'_>> {
        self.value(column)
    }
}

impl StoredEvent for Columns<'_> {
    fn column(&self, column: Column) -> Option<Datum<'_>> {
        self.value(column)
    }
}

/// An event of which a line does not say who the actor was, nor from where.
pub struct Masked<'a, E>(pub &'a E);

impl<E: StoredEvent> StoredEvent for Masked<'_, E> {
    fn column(&self, column: Column) -> Option<Datum<'_>> {
        match column {
            Column::CreatedByUserId | Column::IpAddress | Column::UserAgent => None,
            _ => self.0.column(column),
        }
    }
}

/// Appends an event in a format, of a kind that was chosen for it. What it takes to print it stays in the current memory context.
pub fn write(event: &impl StoredEvent, tier: Tier, format: Format, kinds: &Kinds, line: &mut Vec<u8>) {
    let text = |column| text(event, column);
    let uuid = |column| event.column(column).map(datum::read_uuid);
    let time = |column| event.column(column).map(datum::read_time);
    let (action_type, resource_type) = (text(Column::ActionType), text(Column::ResourceType));
    let (old_values, new_values) = (text(Column::OldValues), text(Column::NewValues));
    let (changed_fields, tags) = (text(Column::ChangedFields), text(Column::Tags));
    let (ip_address, user_agent) = (text(Column::IpAddress), text(Column::UserAgent));
    let (request_id, metadata) = (text(Column::RequestId), text(Column::Metadata));
    // No column of the key is NULL.
    let told = Event {
        id: EventId(uuid(Column::Id).unwrap_or_default()),
        created_at: time(Column::CreatedAt).unwrap_or(Timestamp::PAST),
        created_by_user_id: uuid(Column::CreatedByUserId).map(UserId),
        action_type: action_type.as_deref().unwrap_or_default(),
        resource_type: resource_type.as_deref().unwrap_or_default(),
        resource_id: uuid(Column::ResourceId),
        workspace_id: WorkspaceId(uuid(Column::WorkspaceId).unwrap_or_default()),
        old_values: old_values.as_deref(),
        new_values: new_values.as_deref(),
        changed_fields: changed_fields.as_deref(),
        ip_address: ip_address.as_deref(),
        user_agent: user_agent.as_deref(),
        request_id: request_id.as_deref(),
        tags: tags.as_deref(),
        metadata: metadata.as_deref(),
        deleted_at: time(Column::DeletedAt),
        is_archived: tier == Tier::Archive,
        ocsf: action_type.as_deref().and_then(|action_type| kinds.kind(action_type)),
    };
    format.write(&told, line);
}

/// A column as PostgreSQL prints it.
fn text(event: &impl StoredEvent, column: Column) -> Option<Cow<'_, str>> {
    let value = event.column(column)?;
    Some(encoding::to_utf8(match column.data_type() {
        DataType::Text => datum::read_bytes(value),
        DataType::Jsonb => jsonb::printed(value),
        _ => value::output(value),
    }))
}
