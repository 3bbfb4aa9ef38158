//! Events that the extension records itself: the audit of the audit.
//!
//! Their action types begin with `AUDIT_`. Their metadata has the key [`SYSTEM_KEY`], as that of captured events has, with proof of who
//! caused them. Callers can use neither ([`super::rules::check_caller`]). The actor is the user of the request, else an id made of the
//! session user's name. Membership is not checked for them ([`super::context`]).

use std::cell::RefCell;
use std::rc::Rc;

use audit_core::event::action::SYSTEM_KEY;
use audit_core::jsonb::Document;
use audit_core::jsonb::write::{self as document, Value as Written};
use pgrx::pg_sys::Oid;
use uuid::Uuid;

use super::context::Context;
use super::draft::Draft;
use super::store;
use crate::cluster::author::Author;
use crate::error::Error;
use crate::event::resource::role_id;
use crate::pg::datum::Datum;
use crate::pg::role::Acting;
use crate::pg::{callbacks, datum, jsonb, role};
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

/// What the server knows of who is acting.
pub struct Proofs {
    /// Key and value of each proof; that of the session user is the first.
    pub named: Vec<(&'static str, String)>,
    /// The same as an object.
    pub object: Document,
    /// Metadata that tells nothing else.
    pub metadata: Document,
}

/// Session user, role and authenticated user.
type Actors = [Oid; 3];

thread_local! {
    /// Of whoever acted last, as long as no role may have another name.
    static PROOFS: RefCell<Option<(Actors, u64, Rc<Proofs>)>> = const { RefCell::new(None) };
}

/// Roles are named as the catalog names them now.
pub fn proofs() -> Rc<Proofs> {
    let acting = [role::session_user(), role::outer_user(), role::authenticated_user()];
    let generation = callbacks::role_generation();
    let known = PROOFS.with_borrow(|known| match known {
        Some((of, as_of, proofs)) if *of == acting && *as_of == generation => Some(Rc::clone(proofs)),
        _ => None,
    });
    known.unwrap_or_else(|| {
        let proofs = Rc::new(Proofs::of(acting));
        PROOFS.replace(Some((acting, generation, Rc::clone(&proofs))));
        proofs
    })
}

impl Proofs {
    fn of([session_user, role, authenticated]: Actors) -> Proofs {
        let mut named = vec![("session_user", role::name(session_user)), ("role", role::name(role))];
        // SET SESSION AUTHORIZATION makes a superuser's session another's.
        if authenticated != session_user {
            named.push(("authenticated_user", role::name(authenticated)));
        }
        let fields = named.iter().map(|(key, name)| document::field(key, Written::text(name.as_str())));
        let object = document::object(fields.collect());
        let metadata = document::object(vec![document::field(SYSTEM_KEY, Written::Jsonb(object.stored()))]);
        Proofs { named, object, metadata }
    }

    /// The name of the session user.
    pub fn session_user(&self) -> &str {
        &self.named[0].1
    }
}

/// The user of the request, else an id made of the session user's name. What is done for somebody on another node of a cluster is theirs.
pub fn actor(storage: &Storage) -> Uuid {
    request::user().map_or_else(
        || match Author::elsewhere() {
            Some(author) => role_id(storage, &author.session_user),
            None => role_id(storage, proofs().session_user()),
        },
        Uuid::from,
    )
}

/// Who acts, and for whom on another node.
fn metadata() -> Datum<'static> {
    let proofs = proofs();
    let Some(Author { session_user, role, .. }) = Author::elsewhere() else {
        return jsonb::of_document(&proofs.metadata);
    };
    let named = [("session_user", session_user), ("role", role)];
    let fields = named.iter().map(|(key, name)| document::field(key, Written::text(name.as_str()))).collect();
    let told = document::object(vec![
        document::field(SYSTEM_KEY, Written::Jsonb(proofs.object.stored())),
        document::field("asked_for_by", Written::Object(fields)),
    ]);
    jsonb::of_document(&told)
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
