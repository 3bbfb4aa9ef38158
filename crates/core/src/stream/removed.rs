//! What a stream tells of an event whose row is not in the database any more. It is an event as all formats take it, so what it becomes in
//! each of them is valid there; its action type is one that nobody can record.

use crate::event::id;
use crate::format::{Event, Format};
use crate::ids::{EventId, WorkspaceId};
use crate::time::Timestamp;

/// The action type in the place of the event's own, which is not known any more.
pub const ACTION: &str = "AUDIT_EVENT_REMOVED";

/// Where the row went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// It was removed for good.
    Purged,
    /// It is in a file of cold storage.
    Cold,
}

impl Whereabouts {
    const fn metadata(self) -> &'static str {
        match self {
            Whereabouts::Purged => r#"{"removed": "purged"}"#,
            Whereabouts::Cold => r#"{"removed": "cold"}"#,
        }
    }
}

/// Appends the record, under the event's own id and time.
pub fn write(format: Format, event: EventId, workspace: WorkspaceId, went: Whereabouts, line: &mut Vec<u8>) {
    let record = Event {
        id: event,
        created_at: id::created_at(&event).unwrap_or(Timestamp::UNIX_EPOCH),
        created_by_user_id: None,
        action_type: ACTION,
        resource_type: "audit_events",
        resource_id: Some(event.0),
        workspace_id: workspace,
        old_values: None,
        new_values: None,
        changed_fields: None,
        ip_address: None,
        user_agent: None,
        request_id: None,
        tags: None,
        metadata: Some(went.metadata()),
        deleted_at: None,
        is_archived: false,
        ocsf: None,
    };
    format.write(&record, line);
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn line(format: Format, went: Whereabouts) -> String {
        let event = EventId(Uuid::from_u128(0x0197_2c3e_8a00_7000_8000_0000_0000_0001));
        let mut line = Vec::new();
        write(format, event, WorkspaceId(Uuid::from_u128(9)), went, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn it_says_which_event_and_where_it_went() {
        assert_eq!(
            line(Format::Ndjson, Whereabouts::Cold),
            r#"{"id":"01972c3e-8a00-7000-8000-000000000001","created_at":"2025-06-01T16:06:25.536000Z","action_type":"AUDIT_EVENT_REMOVED","resource_type":"audit_events","resource_id":"01972c3e-8a00-7000-8000-000000000001","workspace_id":"00000000-0000-0000-0000-000000000009","metadata":{"removed": "cold"},"is_archived":false}"#
        );
    }

    #[test]
    fn in_ocsf_an_entity_was_deleted() {
        let told: serde_json::Value = serde_json::from_str(&line(Format::Ocsf, Whereabouts::Purged)).unwrap();
        assert_eq!((&told["class_uid"], &told["activity_id"]), (&3004.into(), &4.into()));
        assert_eq!(told["metadata"]["event_code"], ACTION);
        assert_eq!(told["unmapped"]["metadata"]["removed"], "purged");
    }
}
