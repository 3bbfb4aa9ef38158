//! The Open Cybersecurity Schema Framework. <https://schema.ocsf.io/1.6.0>
//!
//! Sign-ins are *Authentication*, changes of accounts *Account Change*, changes of memberships *Group Management*, all else *Entity
//! Management*. Not *API Activity*, which demands the client's address: an event may have none.

use serde::Serialize;
use serde_json::value::RawValue;

use super::event::{Event, document, list, write_json};
use super::ocsf_kind::{Class, OcsfKind};
use super::outcome::{Subject, address, milliseconds, tags, word};
use super::product::{PRODUCT, VENDOR, VERSION};
use super::verb::Verb;

const SCHEMA: &str = "1.6.0";
/// Identity & Access Management.
const CATEGORY: u32 = 3;
const INFORMATIONAL: u32 = 1;
/// An activity that the schema does not know; its name is told beside it.
const OTHER: u32 = 99;

#[derive(Serialize)]
struct Line<'a> {
    category_uid: u32,
    class_uid: u32,
    activity_id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_name: Option<&'a str>,
    type_uid: u32,
    time: i64,
    severity_id: u32,
    status_id: u32,
    metadata: Metadata<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    src_endpoint: Option<Endpoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_request: Option<HttpRequest<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<Entity<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_result: Option<Entity<'a>>,
    #[serde(skip_serializing_if = "Unmapped::is_empty")]
    unmapped: Unmapped<'a>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    version: &'static str,
    product: Product,
    uid: String,
    event_code: &'a str,
    tenant_uid: String,
    original_time: String,
    log_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_uid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Actor {
    user: Named,
}

#[derive(Serialize)]
struct Endpoint {
    ip: String,
}

#[derive(Serialize)]
struct HttpRequest<'a> {
    user_agent: &'a str,
}

#[derive(Serialize)]
struct Named {
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
}

#[derive(Serialize)]
struct Entity<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Unmapped<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_fields: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<String>,
}

impl Unmapped<'_> {
    fn is_empty(&self) -> bool {
        self.changed_fields.is_none() && self.metadata.is_none() && self.deleted_at.is_none()
    }
}

impl Named {
    fn uid(id: impl ToString) -> Named {
        Named { uid: Some(id.to_string()), name: None }
    }

    fn name(name: &'static str) -> Named {
        Named { uid: None, name: Some(name) }
    }
}

pub fn write(event: &Event, out: &mut Vec<u8>) {
    let (class, activity) = kind(event);
    let class_uid = class as u32;
    let line = Line {
        category_uid: CATEGORY,
        class_uid,
        activity_id: activity,
        activity_name: (activity == OTHER).then_some(event.action_type),
        type_uid: class_uid * 100 + activity,
        time: milliseconds(event),
        severity_id: INFORMATIONAL,
        status_id: if word(event) == "success" { 1 } else { 2 },
        metadata: metadata(event),
        actor: event.created_by_user_id.map(|id| Actor { user: Named::uid(id) }),
        src_endpoint: address(event).map(|ip| Endpoint { ip: ip.to_string() }),
        http_request: event.user_agent.map(|user_agent| HttpRequest { user_agent }),
        user: user(event, class),
        service: (class == Class::Authentication).then(|| Named::name(PRODUCT)),
        group: (class == Class::GroupManagement).then(|| Named::uid(event.workspace_id)),
        entity: (class == Class::EntityManagement).then(|| entity(event, event.old_values)),
        entity_result: event
            .new_values
            .filter(|_| class == Class::EntityManagement)
            .map(|new| entity(event, Some(new))),
        unmapped: Unmapped {
            changed_fields: list(event.changed_fields),
            metadata: document(event.metadata),
            deleted_at: event.deleted_at.map(|time| time.rfc3339()),
        },
    };
    write_json(&line, out);
}

fn metadata<'a>(event: &Event<'a>) -> Metadata<'a> {
    Metadata {
        version: SCHEMA,
        product: Product { name: PRODUCT, vendor_name: VENDOR, version: VERSION },
        uid: event.id.to_string(),
        event_code: event.action_type,
        tenant_uid: event.workspace_id.to_string(),
        original_time: event.created_at.rfc3339(),
        log_name: "audit_events",
        correlation_uid: event.request_id,
        labels: tags(event),
    }
}

/// The user whom the event is about: who signs in, whose account changes, who becomes a member.
fn user(event: &Event, class: Class) -> Option<Named> {
    match class {
        Class::Authentication => Some(event.created_by_user_id.map_or_else(|| Named::name("unknown"), Named::uid)),
        Class::AccountChange | Class::GroupManagement => event.resource_id.map(Named::uid),
        Class::EntityManagement => None,
    }
}

fn entity<'a>(event: &Event<'a>, values: Option<&'a str>) -> Entity<'a> {
    Entity {
        uid: event.resource_id.map(|id| id.to_string()),
        name: event.resource_id.is_none().then_some(event.resource_type),
        r#type: event.resource_type,
        data: document(values),
    }
}

/// The class, and its activity. An event about an account or a membership that says not which one is about an entity.
fn kind(event: &Event) -> (Class, u32) {
    if let Some(OcsfKind { class, activity }) = event.ocsf
        && (event.resource_id.is_some() || !class.needs_resource())
    {
        return (class, activity);
    }
    let verb = Verb::of_action(event.action_type);
    if let Some(activity) = verb.and_then(authentication) {
        return (Class::Authentication, activity);
    }
    let subject = event.resource_id.map_or(Subject::Entity, |_| Subject::of(event));
    let special = match subject {
        Subject::Account => verb.and_then(account_change).map(|activity| (Class::AccountChange, activity)),
        Subject::Membership => verb.and_then(group_management).map(|activity| (Class::GroupManagement, activity)),
        Subject::Entity => None,
    };
    special.unwrap_or_else(|| (Class::EntityManagement, verb.map_or(OTHER, entity_management)))
}

fn authentication(verb: Verb) -> Option<u32> {
    match verb {
        Verb::LogIn => Some(1),
        Verb::LogOut => Some(2),
        _ => None,
    }
}

fn account_change(verb: Verb) -> Option<u32> {
    match verb {
        Verb::Create => Some(1),
        Verb::Enable => Some(2),
        Verb::ChangePassword => Some(3),
        Verb::ResetPassword => Some(4),
        Verb::Disable => Some(5),
        Verb::Delete => Some(6),
        Verb::Lock => Some(9),
        Verb::EnableMfa => Some(10),
        Verb::DisableMfa => Some(11),
        Verb::Unlock => Some(12),
        _ => None,
    }
}

fn group_management(verb: Verb) -> Option<u32> {
    match verb {
        Verb::Create | Verb::Invite => Some(3),
        Verb::Delete => Some(4),
        _ => None,
    }
}

fn entity_management(verb: Verb) -> u32 {
    match verb {
        Verb::Create => 1,
        Verb::Read => 2,
        Verb::Update | Verb::ChangePassword | Verb::ResetPassword => 3,
        Verb::Delete => 4,
        Verb::Move => 5,
        Verb::Enable | Verb::EnableMfa => 8,
        Verb::Disable | Verb::DisableMfa => 9,
        Verb::Activate => 10,
        Verb::Deactivate => 11,
        Verb::Suspend => 12,
        Verb::Resume => 13,
        Verb::LogIn | Verb::LogOut | Verb::Lock | Verb::Unlock | Verb::Invite => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::event::tests::{bare, event, written};

    fn line(event: &Event) -> String {
        written(|out| write(event, out))
    }

    fn parsed(event: &Event) -> serde_json::Value {
        serde_json::from_str(&line(event)).unwrap()
    }

    #[test]
    fn an_event_has_its_class_and_activity() {
        for (action, resource, class, activity) in [
            ("LOGIN", "session", 3002, 1),
            ("user.signed_out", "user", 3002, 2),
            ("user.created", "user", 3001, 1),
            ("ACCOUNT_LOCKED", "Account", 3001, 9),
            ("user.mfa_enabled", "users", 3001, 10),
            ("password.reset", "user", 3001, 4),
            ("user.viewed", "user", 3004, 2),
            ("member.invited", "member", 3006, 3),
            ("REMOVE_MEMBER", "membership", 3006, 4),
            ("role.updated", "role", 3004, 3),
            ("project.renamed", "project", 3004, 5),
            ("invoice.paid", "invoice", 3004, 99),
        ] {
            let line = parsed(&Event { action_type: action, resource_type: resource, ..event() });
            assert_eq!(
                (line["class_uid"].as_u64(), line["activity_id"].as_u64()),
                (Some(class), Some(activity)),
                "{action}"
            );
            assert_eq!(line["type_uid"], class * 100 + activity);
            assert_eq!(line["activity_name"], if activity == 99 { action.into() } else { serde_json::Value::Null });
        }
    }

    #[test]
    fn an_account_without_an_id_is_an_entity() {
        let line = parsed(&Event { action_type: "user.created", resource_type: "user", ..bare() });
        assert_eq!(line["class_uid"], 3004);
        assert_eq!(line["entity"]["name"], "user");
    }

    #[test]
    fn a_chosen_kind_is_taken_where_the_event_can_fill_it() {
        let kind = |event: &Event| (parsed(event)["class_uid"].as_u64(), parsed(event)["type_uid"].as_u64());
        for (class, activity) in [(3001, 7), (3002, 3), (3004, 99), (3006, 5)] {
            let chosen = Event { ocsf: OcsfKind::new(class, activity), ..event() };
            let (class, activity) = (class as u64, activity as u64);
            assert_eq!(kind(&chosen), (Some(class), Some(class * 100 + activity)));
            let without = kind(&Event { resource_id: None, ..chosen });
            let is_about_somebody = matches!(class, 3001 | 3006);
            assert_eq!(without.0, Some(if is_about_somebody { 3004 } else { class }), "{class}");
        }
        assert_eq!(OcsfKind::new(3005, 1), None);
        assert_eq!(OcsfKind::new(3001, -1), None);
    }

    #[test]
    fn a_failure_is_a_failure() {
        assert_eq!(parsed(&Event { action_type: "LOGIN_FAILED", ..event() })["status_id"], 2);
        assert_eq!(parsed(&event())["status_id"], 1);
    }

    #[test]
    fn a_whole_line() {
        assert_eq!(
            line(&event()),
            format!(
                r#"{{"category_uid":3,"class_uid":3004,"activity_id":3,"type_uid":300403,"time":1748822400123,"severity_id":1,"status_id":1,"metadata":{{"version":"1.6.0","product":{{"name":"audit_ext","vendor_name":"audit_ext","version":"{VERSION}"}},"uid":"01972c3e-8a00-7000-8000-000000000001","event_code":"role.updated","tenant_uid":"00000000-0000-0000-0000-000000000009","original_time":"2025-06-02T00:00:00.123456Z","log_name":"audit_events","correlation_uid":"req-1","labels":["security","a b"]}},"actor":{{"user":{{"uid":"00000000-0000-0000-0000-000000000007"}}}},"src_endpoint":{{"ip":"203.0.113.7"}},"http_request":{{"user_agent":"curl/8"}},"entity":{{"uid":"00000000-0000-0000-0000-000000000008","type":"role","data":{{"name": "a", "limit": 1.00}}}},"entity_result":{{"uid":"00000000-0000-0000-0000-000000000008","type":"role","data":{{"name": "b"}}}},"unmapped":{{"changed_fields":["name"]}}}}"#
            )
        );
    }
}
