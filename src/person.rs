//! Who someone is, where it matters that people are different: holds, requests, approvals.
//!
//! The session user, whom the server authenticated; unless the session user was given the access level `gateway` (a pooler or an
//! API's role): then the request's user counts. SET ROLE, arguments and the settings of others make nobody somebody else.

use uuid::Uuid;

use crate::access;
use crate::context;
use crate::error::Error;
use crate::event::resource::role_id;
use crate::pg::role;
use crate::storage::Storage;

pub struct Person {
    pub id: Uuid,
    /// The session user's name.
    pub role: String,
}

impl Person {
    /// The person on whose behalf the session acts; a gateway must say for whom.
    pub fn acting(storage: &Storage) -> Result<Person, Error> {
        let session = role::session_user();
        let role = role::name(session);
        let id = match access::is_gateway(storage, session) {
            true => context::user().ok_or(Error::NobodyActs)?,
            false => role_id(storage, &role),
        };
        Ok(Person { id, role })
    }
}
