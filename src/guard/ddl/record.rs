//! Records an allowed command as an audit event: who did what to which part of the trail.

use std::rc::Rc;

use audit_core::ddl::command::{Action, Alteration, Grantee, Part};
use audit_core::ddl::subject::{Subject, SubjectKind};
use pgrx::pg_sys::Oid;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::event::resource::resource_id;
use crate::pg::{jsonb, role};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::Storage;

pub struct AllowedCommand {
    pub event: &'static str,
    pub subject: Subject,
    pub action: Action,
}

impl AllowedCommand {
    pub fn write(&self, storage: &Rc<Storage>, command: &str) -> Result<(), Error> {
        let mut values = details(&self.action);
        values.insert("command".into(), json!(command));
        values.insert("object".into(), json!(self.subject.name));
        system_event::record(
            storage,
            &SystemEvent {
                action_type: self.event,
                resource_type: resource_type(self.subject.kind),
                resource_id: Some(resource_id(storage, "audit_trail", &self.subject.name)),
                workspace_id: None,
                old_values: None,
                new_values: Some(jsonb::from_serde(&Value::Object(values))),
            },
        )
    }
}

fn resource_type(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Table | SubjectKind::Partition => "audit_table",
        SubjectKind::View => "audit_view",
        SubjectKind::Index | SubjectKind::TheirIndex => "audit_index",
        SubjectKind::Function => "audit_function",
        SubjectKind::Schema | SubjectKind::Extension | SubjectKind::Possessions | SubjectKind::Publication => {
            "audit_trail"
        }
    }
}

/// What the command says besides its name and its object. Literals of the command are left out: they can be anything.
fn details(action: &Action) -> Map<String, Value> {
    let mut details = Map::new();
    let mut tell = |key: &str, value: Value| details.insert(key.to_owned(), value);
    let name = |grantee: &Grantee| match grantee {
        Grantee::Public => "PUBLIC".to_owned(),
        Grantee::Role(role) => role::name(Oid::from(*role)),
    };
    let names = |roles: &[Grantee]| roles.iter().map(name).collect::<Vec<_>>();
    match action {
        Action::Alter(Alteration::DisableTrigger(name) | Alteration::EnableTrigger(name)) => {
            tell("trigger", json!(name));
        }
        Action::Alter(Alteration::Statistics { column, .. }) => {
            tell("column", json!(column));
        }
        Action::DropPart(part, name) => {
            let kind = match part {
                Part::Trigger => "trigger",
                Part::Rule => "rule",
                Part::Policy => "policy",
            };
            tell(kind, json!(name));
        }
        Action::Grant { rights, roles, .. } => {
            tell("rights", rights.iter().map(|right| json!(right.name)).collect());
            tell("roles", json!(names(roles)));
        }
        Action::Revoke { roles } => {
            tell("roles", json!(names(roles)));
        }
        _ => {}
    }
    details
}
