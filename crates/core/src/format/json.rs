//! One JSON object an event; its keys are the columns, and those that are NULL are left out.

use serde::Serialize;
use serde_json::value::RawValue;

use super::event::{Event, document, list, write_json};

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by_user_id: Option<String>,
    action_type: &'a str,
    resource_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    workspace_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_values: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_values: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_fields: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<String>,
    is_archived: bool,
}

pub fn write(event: &Event, out: &mut Vec<u8>) {
    let row = Row {
        id: event.id.to_string(),
        created_at: event.created_at.rfc3339(),
        created_by_user_id: event.created_by_user_id.map(|id| id.to_string()),
        action_type: event.action_type,
        resource_type: event.resource_type,
        resource_id: event.resource_id.map(|id| id.to_string()),
        workspace_id: event.workspace_id.to_string(),
        old_values: document(event.old_values),
        new_values: document(event.new_values),
        changed_fields: list(event.changed_fields),
        ip_address: event.ip_address,
        user_agent: event.user_agent,
        request_id: event.request_id,
        tags: list(event.tags),
        metadata: document(event.metadata),
        deleted_at: event.deleted_at.map(|time| time.rfc3339()),
        is_archived: event.is_archived,
    };
    write_json(&row, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::event::tests::{bare, event, written};

    fn line(event: &Event) -> String {
        written(|out| write(event, out))
    }

    #[test]
    fn keys_are_columns_and_numbers_keep_their_digits() {
        assert_eq!(
            line(&event()),
            r#"{"id":"01972c3e-8a00-7000-8000-000000000001","created_at":"2025-06-02T00:00:00.123456Z","created_by_user_id":"00000000-0000-0000-0000-000000000007","action_type":"role.updated","resource_type":"role","resource_id":"00000000-0000-0000-0000-000000000008","workspace_id":"00000000-0000-0000-0000-000000000009","old_values":{"name": "a", "limit": 1.00},"new_values":{"name": "b"},"changed_fields":["name"],"ip_address":"203.0.113.7","user_agent":"curl/8","request_id":"req-1","tags":["security","a b"],"is_archived":false}"#
        );
    }

    #[test]
    fn what_is_null_is_left_out() {
        assert_eq!(
            line(&bare()),
            r#"{"id":"01972c3e-8a00-7000-8000-000000000001","created_at":"2025-06-02T00:00:00.123456Z","action_type":"role.updated","resource_type":"role","workspace_id":"00000000-0000-0000-0000-000000000009","is_archived":false}"#
        );
    }

    #[test]
    fn a_line_is_one_line_whatever_it_holds() {
        let hostile = Event { action_type: "a\r\n\"\u{2028}b\u{0}", user_agent: Some("\n"), ..event() };
        let line = line(&hostile);
        assert!(!line.contains(['\r', '\n']));
        let back: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(back["action_type"], hostile.action_type);
    }
}
