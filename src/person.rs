//! Who someone is, where it matters that people are different: holds, requests, approvals.
//!
//! The session user, whom the server authenticated; unless the session user was given the access level `gateway` (a pooler or an
//! API's role): then the request's user counts. A service is nobody. SET ROLE, arguments and the settings of others make nobody somebody else.
//!
//! A role is known by its name, which the logs keep, and by its OID, which a new name does not change. Who is renamed is the same person still, and no
//! officer: levels go by name.

use pgrx::pg_sys::Oid;
use uuid::Uuid;

use crate::access;
use crate::context;
use crate::error::{Error, Nobody};
use crate::event::resource::{resource_id, role_id};
use crate::pg::role;
use crate::storage::Storage;

pub struct Person {
    pub id: Uuid,
    /// The session user's name.
    pub role: String,
    /// The session user, where it is the person.
    pub role_oid: Option<Oid>,
}

impl Person {
    /// The person on whose behalf the session acts, an officer; a gateway must say for whom, and it may say so in the role that is an officer's.
    pub fn acting(storage: &Storage) -> Result<Person, Error> {
        let session = role::session_user();
        let role = role::name(session);
        let standing = access::standing(storage, session);
        if standing.is_service || access::standing(storage, role::outer_user()).is_service {
            return Err(Error::Nobody(Nobody::ServiceDecides));
        }
        if ![session, role::outer_user()].into_iter().any(|user| access::is_officer(storage, user)) {
            return Err(Error::Nobody(Nobody::NoOfficer { role }));
        }
        if !standing.is_gateway {
            return Ok(Person { id: role_id(storage, &role), role, role_oid: Some(session) });
        }
        let id = context::acting_user().map_err(|why| Error::Nobody(Nobody::Acts { why }))?;
        match role::names().iter().any(|known| resource_id(storage, "db_role", known) == id) {
            true => Err(Error::Nobody(Nobody::ActsForRole)),
            false => Ok(Person { id, role, role_oid: None }),
        }
    }
}
