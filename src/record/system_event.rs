//! Events that the extension records itself: the audit of the audit.
//!
//! Their action types begin with `AUDIT_`. Their metadata has the key [`SYSTEM_KEY`], as that of captured events has, with proof of who
//! caused them. Callers can use neither ([`super::rules::check_caller`]). The actor is the user of the request, else an id made of the
//! session user's name. Membership is not checked for them ([`super::context`]).

use std::rc::Rc;

use audit_core::event::action::SYSTEM_KEY;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::context::Context;
use super::draft::Draft;
use super::store;
use crate::error::Error;
use crate::event::resource::role_id;
use crate::pg::datum::Datum;
use crate::pg::role::Acting;
use crate::pg::{datum, jsonb, role};
use crate::request;
use crate::storage::Storage;

pub struct SystemEvent<'a> {
    pub action_type: &'a str,
    pub resource_type: &'a str,
    pub resource_id: Option<Uuid>,
    /// None: the event belongs to no workspace and is filed under the nil UUID.
    pub workspace_id: Option<Datum<'a>>,
    pub old_values: Option<Datum<'a>>,
    pub new_values: Option<Datum<'a>>,
}

/// What the server knows of who is acting: key and value of each proof.
pub fn proofs() -> Vec<(&'static str, String)> {
    let session_user = role::session_user();
    let mut proofs = vec![("session_user", role::name(session_user)), ("role", role::name(role::outer_user()))];
    // SET SESSION AUTHORIZATION makes a superuser's session another's.
    let authenticated = role::authenticated_user();
    if authenticated != session_user {
        proofs.push(("authenticated_user", role::name(authenticated)));
    }
    proofs
}

/// The proofs as metadata.
fn metadata() -> Datum<'static> {
    let proofs: Map<String, Value> =
        proofs().into_iter().map(|(key, name)| (key.to_owned(), Value::from(name))).collect();
    jsonb::from_serde(&Value::Object(Map::from_iter([(SYSTEM_KEY.to_owned(), Value::Object(proofs))])))
}

/// The user of the request, else an id made of the session user's name.
pub fn actor(storage: &Storage) -> Uuid {
    request::user().map_or_else(|| role_id(storage, &role::name(role::session_user())), Uuid::from)
}

pub fn record(storage: &Rc<Storage>, event: &SystemEvent) -> Result<(), Error> {
    let actor = actor(storage);
    let draft = Draft {
        action_type: Some(datum::from_text(event.action_type.as_bytes())),
        resource_type: Some(datum::from_text(event.resource_type.as_bytes())),
        resource_id: event.resource_id.map(|id| datum::from_uuid(&id)),
        workspace_id: Some(event.workspace_id.unwrap_or_else(|| datum::from_uuid(&Uuid::nil()))),
        created_by_user_id: Some(datum::from_uuid(&actor)),
        old_values: event.old_values,
        new_values: event.new_values,
        metadata: Some(metadata()),
        ..Draft::default()
    };
    let _owner = Acting::as_owner(storage.owner);
    store::event(&draft.completed_from_request(), storage, Context::SYSTEM).map(|_| ())
}
