//! The identity of whoever acts, where two people must be told apart: holds, requests, approvals.
//!
//! It is the session user, whom the server authenticated. If the session user has the access level `gateway` (a pooler, or the role of an
//! API), it is the user of the request. A role of the level `service` has no identity. SET ROLE, arguments and other settings do not change
//! it.
//!
//! A role is known by its name, which the logs keep, and by its OID, which stays when the role is renamed. A renamed role is the same
//! principal, but it is no officer any more, because access levels go by name.

use audit_core::report::{IntoReport, Report};
use audit_core::request::NoUser;
use audit_core::sqlstate::SqlState;
use pgrx::pg_sys::Oid;
use uuid::Uuid;

use crate::event::resource::{role_id, unremembered_role_id};
use crate::pg::role;
use crate::storage::Storage;
use crate::{access, gateway, request};

/// It is unknown who would act, or they may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nobody {
    /// The session user has no compliance level in force under its name.
    NoOfficer { role: String },
    /// A gateway named the id of a database role as its user.
    ActsForRole,
    /// A gateway did not say, or not for sure, for whom it acts.
    Acts { why: NoUser },
    /// A role of the level service cannot act as a principal.
    ServiceDecides,
}

impl IntoReport for Nobody {
    fn report(&self) -> Report {
        let refused = |message| Report::new(SqlState::InsufficientPrivilege, message);
        match self {
            Nobody::NoOfficer { role } => refused("only a compliance officer may do this")
                .detail(format!("Session user \"{role}\" has no level compliance in force under its name."))
                .hint("The owner of the extension gives the level with audit_grant(); a role that was renamed needs it anew."),
            Nobody::ActsForRole => refused("a gateway cannot act for a database role")
                .hint("Set the user of the request to the id of a user of the application; a role acts in a session of its own."),
            Nobody::Acts { why } => {
                refused("a gateway must say for whom it acts").detail(why.detail()).hint(NoUser::HINT)
            }
            Nobody::ServiceDecides => {
                refused("a role with access level service cannot request, approve, reject, execute or hold")
                    .hint("People decide: connect as a role of your own, or let the gateway set another role and the user of the request.")
            }
        }
    }
}

pub struct Principal {
    pub id: Uuid,
    /// The session user's name.
    pub role: String,
    /// The session user's OID, if the session user is the principal.
    pub role_oid: Option<Oid>,
}

impl Principal {
    /// Whoever acts when the time has come, or has acted on another node.
    pub const NOBODY: Principal = Principal { id: Uuid::nil(), role: String::new(), role_oid: None };

    /// The principal for whom the session acts, who must be a compliance officer. A gateway must name the user of the request, and the
    /// officer's level may be that of the role that it has set.
    pub fn acting(storage: &Storage) -> Result<Principal, Nobody> {
        let session = role::session_user();
        let role = role::name(session);
        let standing = gateway::standing(storage, session);
        if standing.is_service || gateway::standing(storage, role::outer_user()).is_service {
            return Err(Nobody::ServiceDecides);
        }
        if ![session, role::outer_user()].into_iter().any(|user| access::is_officer(storage, user)) {
            return Err(Nobody::NoOfficer { role });
        }
        if !standing.is_gateway {
            return Ok(Principal { id: role_id(storage, &role), role, role_oid: Some(session) });
        }
        let id = request::acting_user().map_err(|why| Nobody::Acts { why })?;
        match role::names().iter().any(|known| unremembered_role_id(storage, known) == id.0) {
            true => Err(Nobody::ActsForRole),
            false => Ok(Principal { id: id.0, role, role_oid: None }),
        }
    }
}
