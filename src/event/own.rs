//! Events that the extension writes itself: the audit of the audit.
//!
//! Their action types begin with `AUDIT_`. The actor is the request's user, else a stable id made of the session user's
//! name; the metadata always names session user and role. They are exempt from the membership check, by a flag in memory
//! that the check takes down.

use std::cell::Cell;
use std::rc::Rc;

use pgrx::pg_sys::Datum;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::insert::Draft;
use super::role_id;
use crate::context;
use crate::error::Error;
use crate::pg::role::Acting;
use crate::pg::{datum, jsonb, role};
use crate::scoped::Scoped;
use crate::storage::Storage;

pub struct OwnEvent<'a> {
    pub action_type: &'a str,
    pub resource_type: &'a str,
    pub resource_id: Option<Uuid>,
    /// None: the event belongs to no workspace and is filed under the nil UUID.
    pub workspace_id: Option<Datum>,
    pub old_values: Option<Datum>,
    pub new_values: Option<Datum>,
}

thread_local! {
    /// The event being recorded is our own.
    static EXEMPT: Cell<bool> = const { Cell::new(false) };
}

/// Whether an event of this action type is one of the audit trail itself.
pub fn is_own(action_type: Option<&[u8]>) -> bool {
    action_type.is_some_and(|text| text.starts_with(b"AUDIT_"))
}

/// Asked by the membership check; counts once.
pub fn take_exemption() -> bool {
    EXEMPT.replace(false)
}

/// For whoever asked and then did not store the event.
pub fn give_back_exemption(exempt: bool) {
    EXEMPT.set(exempt);
}

/// While this lives, the event being recorded is not checked for membership.
pub fn exempt() -> Scoped<bool> {
    Scoped::set(&EXEMPT, true)
}

pub fn record(storage: &Rc<Storage>, event: &OwnEvent) -> Result<(), Error> {
    let (session_user, role) = (role::name(role::session_user()), role::name(role::outer_user()));
    let actor = context::user().unwrap_or_else(|| role_id(&session_user));
    let mut metadata = Map::new();
    metadata.insert("session_user".into(), json!(session_user));
    metadata.insert("role".into(), json!(role));
    let draft = Draft {
        action_type: Some(datum::from_text(event.action_type.as_bytes())),
        resource_type: Some(datum::from_text(event.resource_type.as_bytes())),
        resource_id: event.resource_id.map(|id| datum::from_uuid(&id)),
        workspace_id: Some(event.workspace_id.unwrap_or_else(|| datum::from_uuid(&Uuid::nil()))),
        created_by_user_id: Some(datum::from_uuid(&actor)),
        old_values: event.old_values,
        new_values: event.new_values,
        metadata: Some(jsonb::from_serde(&Value::Object(metadata))),
        ..Draft::default()
    };
    let _owner = Acting::as_owner(storage.owner);
    let _exemption = exempt();
    draft.completed_from_request().record(storage).map(|_| ())
}
