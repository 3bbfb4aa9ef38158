//! An event as the formats take it.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::array;
use super::ocsf_kind::OcsfKind;
use crate::ids::{EventId, UserId, WorkspaceId};
use crate::time::Timestamp;

/// Texts are those that PostgreSQL prints for the columns: jsonb as its JSON, text[] as an array literal such as `{a,NULL,"b c"}`, inet as an
/// address or a network.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    pub id: EventId,
    pub created_at: Timestamp,
    /// None where nobody is named, or where who it was is masked.
    pub created_by_user_id: Option<UserId>,
    pub action_type: &'a str,
    pub resource_type: &'a str,
    pub resource_id: Option<Uuid>,
    pub workspace_id: WorkspaceId,
    pub old_values: Option<&'a str>,
    pub new_values: Option<&'a str>,
    pub changed_fields: Option<&'a str>,
    pub ip_address: Option<&'a str>,
    pub user_agent: Option<&'a str>,
    pub request_id: Option<&'a str>,
    pub tags: Option<&'a str>,
    pub metadata: Option<&'a str>,
    /// When its payload was erased.
    pub deleted_at: Option<Timestamp>,
    pub is_archived: bool,
    /// Instead of what the action type says by itself.
    pub ocsf: Option<OcsfKind>,
}

/// A jsonb as it is: numbers keep every digit, which a number type would round.
pub(super) fn document(text: Option<&str>) -> Option<&RawValue> {
    serde_json::from_str(text?).ok()
}

/// A text[] as a JSON array.
pub(super) fn list(literal: Option<&str>) -> Option<Box<RawValue>> {
    RawValue::from_string(array::to_json(literal?)?).ok()
}

/// Appends JSON of one line. What is serialised here has string keys only, so it cannot fail.
pub(super) fn write_json(value: &impl Serialize, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn event() -> Event<'static> {
        Event {
            id: EventId(Uuid::from_u128(0x0197_2c3e_8a00_7000_8000_0000_0000_0001)),
            created_at: Timestamp::from_unix(1_748_822_400_123_456),
            created_by_user_id: Some(UserId(Uuid::from_u128(7))),
            action_type: "role.updated",
            resource_type: "role",
            resource_id: Some(Uuid::from_u128(8)),
            workspace_id: WorkspaceId(Uuid::from_u128(9)),
            old_values: Some(r#"{"name": "a", "limit": 1.00}"#),
            new_values: Some(r#"{"name": "b"}"#),
            changed_fields: Some("{name}"),
            ip_address: Some("203.0.113.7"),
            user_agent: Some("curl/8"),
            request_id: Some("req-1"),
            tags: Some("{security,\"a b\"}"),
            metadata: None,
            deleted_at: None,
            is_archived: false,
            ocsf: None,
        }
    }

    /// What is appended.
    pub fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    pub fn bare() -> Event<'static> {
        Event {
            created_by_user_id: None,
            resource_id: None,
            old_values: None,
            new_values: None,
            changed_fields: None,
            ip_address: None,
            user_agent: None,
            request_id: None,
            tags: None,
            ..event()
        }
    }
}
