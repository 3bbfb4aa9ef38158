//! Elastic Common Schema 8. <https://www.elastic.co/guide/en/ecs/8.17>
//!
//! What it has no field for stands under `audit`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::event::{Event, document, list, write_json};
use super::outcome::{Subject, address, tags, word};
use super::verb::Verb;

const SCHEMA: &str = "8.17.0";

/// Values as they are written, so that numbers of documents keep every digit.
type Object = BTreeMap<&'static str, Box<RawValue>>;

pub fn write(event: &Event, out: &mut Vec<u8>) {
    let (category, types) = kind(event);
    let actor = event.created_by_user_id.map(|id| id.to_string());
    let target = event.resource_id.filter(|_| Subject::of(event) != Subject::Entity).map(|id| id.to_string());
    let address = address(event).map(|address| address.to_string());
    let mut user = Object::new();
    put(&mut user, "id", actor.clone());
    put(&mut user, "target", target.clone().map(|id| json!({ "id": id })));

    let mut line = Object::new();
    put(&mut line, "@timestamp", Some(event.created_at.rfc3339()));
    put(&mut line, "ecs", Some(json!({ "version": SCHEMA })));
    let described = json!({
        "kind": "event", "id": event.id.to_string(), "action": event.action_type, "category": [category], "type": types,
        "outcome": word(event), "dataset": "audit_ext.events",
    });
    put(&mut line, "event", Some(described));
    put(&mut line, "organization", Some(json!({ "id": event.workspace_id.to_string() })));
    put(&mut line, "user", (!user.is_empty()).then_some(user));
    put(&mut line, "source", address.as_ref().map(|ip| json!({ "ip": ip })));
    put(&mut line, "user_agent", event.user_agent.map(|agent| json!({ "original": agent })));
    put(&mut line, "http", event.request_id.map(|id| json!({ "request": { "id": id } })));
    let mut related = Object::new();
    let users: Vec<String> = actor.into_iter().chain(target).collect();
    put(&mut related, "user", (!users.is_empty()).then_some(users));
    put(&mut related, "ip", address.map(|ip| [ip]));
    put(&mut line, "related", (!related.is_empty()).then_some(related));
    put(&mut line, "tags", tags(event));
    put_own(&mut line, event);
    write_json(&line, out);
}

/// What Elastic's fields cannot tell.
fn put_own(line: &mut Object, event: &Event) {
    let mut own = Object::new();
    let mut resource = Object::new();
    put(&mut resource, "type", Some(event.resource_type));
    put(&mut resource, "id", event.resource_id.map(|id| id.to_string()));
    put(&mut own, "resource", Some(resource));
    put(&mut own, "old_values", document(event.old_values));
    put(&mut own, "new_values", document(event.new_values));
    put(&mut own, "changed_fields", list(event.changed_fields));
    put(&mut own, "metadata", document(event.metadata));
    put(&mut own, "deleted_at", event.deleted_at.map(|time| time.rfc3339()));
    put(line, "audit", Some(own));
}

fn put(into: &mut Object, key: &'static str, value: Option<impl Serialize>) {
    if let Some(value) = value.and_then(|value| to_raw_value(&value).ok()) {
        into.insert(key, value);
    }
}

/// `event.category`, and `event.type` of those that the schema allows in it.
fn kind(event: &Event) -> (&'static str, Vec<&'static str>) {
    let verb = Verb::of_action(event.action_type);
    match verb {
        Some(Verb::LogIn) => return ("authentication", vec!["start"]),
        Some(Verb::LogOut) => return ("authentication", vec!["end"]),
        _ => (),
    }
    let change = match verb {
        Some(Verb::Create | Verb::Invite) => "creation",
        Some(Verb::Delete) => "deletion",
        Some(Verb::Read) => "info",
        _ => "change",
    };
    match Subject::of(event) {
        Subject::Account => ("iam", vec!["user", change]),
        Subject::Membership => ("iam", vec!["group", if change == "info" { "info" } else { "change" }]),
        Subject::Entity => ("configuration", vec![if change == "info" { "access" } else { change }]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::event::tests::{bare, event, written};

    fn line(event: &Event) -> String {
        written(|out| write(event, out))
    }

    #[test]
    fn a_whole_line() {
        assert_eq!(
            line(&event()),
            r#"{"@timestamp":"2025-06-02T00:00:00.123456Z","audit":{"changed_fields":["name"],"new_values":{"name": "b"},"old_values":{"name": "a", "limit": 1.00},"resource":{"id":"00000000-0000-0000-0000-000000000008","type":"role"}},"ecs":{"version":"8.17.0"},"event":{"action":"role.updated","category":["configuration"],"dataset":"audit_ext.events","id":"01972c3e-8a00-7000-8000-000000000001","kind":"event","outcome":"success","type":["change"]},"http":{"request":{"id":"req-1"}},"organization":{"id":"00000000-0000-0000-0000-000000000009"},"related":{"ip":["203.0.113.7"],"user":["00000000-0000-0000-0000-000000000007"]},"source":{"ip":"203.0.113.7"},"tags":["security","a b"],"user":{"id":"00000000-0000-0000-0000-000000000007"},"user_agent":{"original":"curl/8"}}"#
        );
    }

    #[test]
    fn numbers_that_no_float_holds_keep_their_digits() {
        let large = format!("{{\"n\": 1{}}}", "0".repeat(400));
        assert!(line(&Event { new_values: Some(&large), ..bare() }).contains(&large));
    }

    #[test]
    fn an_account_is_a_target() {
        let line: serde_json::Value =
            serde_json::from_str(&line(&Event { action_type: "user.deleted", resource_type: "user", ..event() }))
                .unwrap();
        assert_eq!(line["user"]["target"]["id"], "00000000-0000-0000-0000-000000000008");
        assert_eq!(line["event"]["category"], json!(["iam"]));
        assert_eq!(line["event"]["type"], json!(["user", "deletion"]));
    }
}
