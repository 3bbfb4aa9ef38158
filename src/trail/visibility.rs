//! Which workspaces a session may read, once a membership source is named.
//!
//! A gateway reads only workspaces of which the user of its request is a member. Without such a user it reads nothing: a token without a
//! subject, or with an ambiguous one, must not open every workspace. There is one exception: a gateway that has set a role of the access
//! level `service` and names no user. All other roles read what their access level allows.

use audit_core::membership::MembershipError;
use audit_core::report::{IntoReport, Report};
use audit_core::request::NoUser;
use audit_core::sqlstate::SqlState;
use uuid::Uuid;

use crate::error::Error;
use crate::gateway::{self, Standing};
use crate::membership;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::Datum;
use crate::pg::{datum, role};
use crate::request;
use crate::storage::Storage;

/// Which workspaces a session may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Everywhere,
    WhereMember(Uuid),
    Nowhere(NoUser),
}

impl Sight {
    /// By the standing of the session user, of the role that it has set, if any, and the user of the request.
    fn of(
        session: Standing,
        set_role: impl FnOnce() -> Option<Standing>,
        user: impl FnOnce() -> Result<Uuid, NoUser>,
    ) -> Sight {
        if !session.is_gateway {
            return Sight::Everywhere;
        }
        match user() {
            Ok(user) => Sight::WhereMember(user),
            Err(NoUser::Missing) if set_role().is_some_and(|role| role.is_service) => Sight::Everywhere,
            Err(why) => Sight::Nowhere(why),
        }
    }

    fn of_session(storage: &Storage) -> Sight {
        let (session, outer) = (role::session_user(), role::outer_user());
        let set_role = || (outer != session).then(|| gateway::standing(storage, outer));
        Sight::of(gateway::standing(storage, session), set_role, request::acting_user)
    }
}

/// A gateway reads only its user's workspaces, and did not say, or not for sure, for whom it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadsForNobody {
    pub why: NoUser,
}

impl IntoReport for ReadsForNobody {
    fn report(&self) -> Report {
        Report::new(SqlState::InsufficientPrivilege, "a gateway must say for whom it reads")
            .detail(self.why.detail())
            .hint(format!(
                "{} A role that the gateway sets to read all workspaces without a user needs the access level service.",
                NoUser::HINT
            ))
    }
}

/// Whether the session may read a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Allowed,
    NotAMember,
    NoUser(NoUser),
}

pub fn reading(storage: &Storage, workspace: Datum) -> Result<Reading, MembershipError> {
    Ok(match Sight::of_session(storage) {
        Sight::Everywhere => Reading::Allowed,
        Sight::WhereMember(user) => match membership::is_member(storage, workspace, datum::from_uuid(&user))? {
            Some(false) => Reading::NotAMember,
            Some(true) | None => Reading::Allowed,
        },
        Sight::Nowhere(why) if membership::has_source(storage)? => Reading::NoUser(why),
        Sight::Nowhere(_) => Reading::Allowed,
    })
}

/// `audit_may_read(p_workspace_id)`, the predicate of the views.
pub fn may_read_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    match call.datum(0) {
        None => Ok(Answer::from(false)),
        Some(workspace) => Ok(Answer::from(reading(&storage, workspace)? == Reading::Allowed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Standing = Standing { is_gateway: false, is_service: false };
    const GATEWAY: Standing = Standing { is_gateway: true, is_service: false };
    const SERVICE: Standing = Standing { is_gateway: false, is_service: true };
    const BOTH: Standing = Standing { is_gateway: true, is_service: true };
    const UNUSABLE: [NoUser; 5] =
        [NoUser::NotUuid, NoUser::NotText, NoUser::Legacy, NoUser::NotClaims, NoUser::Several];

    #[test]
    fn a_gateway_reads_where_its_user_is_a_member() {
        for role in [None, Some(PLAIN), Some(SERVICE)] {
            assert_eq!(Sight::of(GATEWAY, || role, || Ok(Uuid::max())), Sight::WhereMember(Uuid::max()));
        }
    }

    #[test]
    fn a_gateway_without_a_user_reads_nothing() {
        for role in [None, Some(PLAIN), Some(GATEWAY)] {
            for why in [NoUser::Missing].into_iter().chain(UNUSABLE) {
                assert_eq!(Sight::of(GATEWAY, || role, || Err(why)), Sight::Nowhere(why));
            }
        }
        // A level of the login role is every request's: it is no sign that this one is the server's own.
        assert_eq!(Sight::of(BOTH, || None, || Err(NoUser::Missing)), Sight::Nowhere(NoUser::Missing));
    }

    #[test]
    fn a_service_reads_everything_unless_its_user_cannot_be_told() {
        assert_eq!(Sight::of(GATEWAY, || Some(SERVICE), || Err(NoUser::Missing)), Sight::Everywhere);
        for why in UNUSABLE {
            assert_eq!(Sight::of(GATEWAY, || Some(SERVICE), || Err(why)), Sight::Nowhere(why));
        }
    }

    #[test]
    fn settings_are_nothing_to_others() {
        for session in [PLAIN, SERVICE] {
            assert_eq!(Sight::of(session, || unreachable!(), || unreachable!()), Sight::Everywhere);
        }
    }
}
