//! Which workspaces a session may read, once a membership source is named.
//!
//! A gateway reads only workspaces of which the user of its request is a member. Without such a user it reads nothing: a token without a
//! subject, or with an ambiguous one, must not open every workspace. There is one exception: a gateway that has set a role of the access
//! level `service` and names no user. All other roles read what their access level allows.

use crate::ids::UserId;
use crate::request::NoUser;

/// What access levels make of a role beside rights on objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub is_gateway: bool,
    pub is_service: bool,
}

/// Which workspaces a session may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    Everywhere,
    WhereMember(UserId),
    Nowhere(NoUser),
}

impl Sight {
    /// By the standing of the session user, of the role that it has set, if any, and the user of the request.
    pub fn of(
        session: Standing,
        set_role: impl FnOnce() -> Option<Standing>,
        user: impl FnOnce() -> Result<UserId, NoUser>,
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const PLAIN: Standing = Standing { is_gateway: false, is_service: false };
    const GATEWAY: Standing = Standing { is_gateway: true, is_service: false };
    const SERVICE: Standing = Standing { is_gateway: false, is_service: true };
    const BOTH: Standing = Standing { is_gateway: true, is_service: true };
    const UNUSABLE: [NoUser; 5] =
        [NoUser::NotUuid, NoUser::NotText, NoUser::Legacy, NoUser::NotClaims, NoUser::Several];

    #[test]
    fn a_gateway_reads_where_its_user_is_a_member() {
        for role in [None, Some(PLAIN), Some(SERVICE)] {
            assert_eq!(
                Sight::of(GATEWAY, || role, || Ok(UserId(Uuid::max()))),
                Sight::WhereMember(UserId(Uuid::max()))
            );
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
