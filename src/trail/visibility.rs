//! Whether the session may read a workspace ([`audit_core::visibility`]).

use audit_core::ids::WorkspaceId;
use audit_core::membership::MembershipError;
use audit_core::report::{IntoReport, Report};
use audit_core::request::NoUser;
use audit_core::sqlstate::SqlState;
pub use audit_core::visibility::Sight;

use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::role;
use crate::storage::Storage;
use crate::{gateway, membership, request};

/// Which workspaces the session may read, once a membership source is named.
pub fn sight(storage: &Storage) -> Sight {
    let (session, outer) = (role::session_user(), role::outer_user());
    let set_role = || (outer != session).then(|| gateway::standing(storage, outer));
    Sight::of(gateway::standing(storage, session), set_role, request::acting_user)
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

pub fn reading(storage: &Storage, workspace: WorkspaceId) -> Result<Reading, MembershipError> {
    Ok(match sight(storage) {
        Sight::Everywhere => Reading::Allowed,
        Sight::WhereMember(user) => match membership::is_member(storage, workspace, user)? {
            Some(false) => Reading::NotAMember,
            Some(true) | None => Reading::Allowed,
        },
        Sight::Nowhere(why) if membership::has_source(storage)? => Reading::NoUser(why),
        Sight::Nowhere(_) => Reading::Allowed,
    })
}

/// Whether no workspace is hidden from the session.
pub fn reads_everywhere(storage: &Storage) -> Result<bool, MembershipError> {
    Ok(sight(storage) == Sight::Everywhere || !membership::has_source(storage)?)
}

/// `audit_may_read(p_workspace_id)`, the predicate of the views.
pub fn may_read_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    match call.uuid(0).map(WorkspaceId) {
        None => Ok(Answer::from(false)),
        Some(workspace) => Ok(Answer::from(reading(&storage, workspace)? == Reading::Allowed)),
    }
}
