//! Reads what stands for or against a removal, under the locks that keep it true until the end of the transaction, and has it decided
//! ([`audit_core::deletion::authorised`]). [`super::erase`] and [`super::purge`] demand the proof.

use audit_core::deletion::authorised::{self, Approval, Authorised, ColdRelease, Erasure, Purge, RemovalFacts};
use audit_core::deletion::grounds::Grounds;
use audit_core::ids::{UserId, WorkspaceId};
use audit_core::tier::Tier;
use audit_core::time::Timestamp;

use crate::error::Error;
use crate::pg::{clock, parameter, spi};
use crate::policy::policy_of;
use crate::storage::Storage;
use crate::{hold, interlock};

/// Whether what is past its period may be purged.
pub fn purge(
    storage: &Storage,
    workspace: WorkspaceId,
    grounds: Grounds,
    approval: &Approval,
) -> Result<Authorised<Purge>, Error> {
    purge_as_of(storage, workspace, grounds, approval, clock::now())
}

/// Whether what was past its period at a time may be purged.
pub fn purge_as_of(
    storage: &Storage,
    workspace: WorkspaceId,
    grounds: Grounds,
    approval: &Approval,
    now: Timestamp,
) -> Result<Authorised<Purge>, Error> {
    let facts = RemovalFacts { now, ..facts(storage, workspace)? };
    Ok(authorised::purge(&facts, approval, grounds)?)
}

/// Whether a person's events may be erased.
pub fn erasure(
    storage: &Storage,
    workspace: WorkspaceId,
    what: Erasure,
    grounds: Grounds,
    approval: &Approval,
) -> Result<Authorised<Erasure>, Error> {
    let facts = facts(storage, workspace)?;
    let asked = what.clone();
    let concerns = |held| share_events(storage, workspace, &asked, held);
    Ok(authorised::erasure(&facts, approval, what, grounds, concerns)?)
}

/// Whether stored cold objects may be released.
pub fn cold_release(
    storage: &Storage,
    workspace: WorkspaceId,
    grounds: Grounds,
    approval: &Approval,
) -> Result<Authorised<ColdRelease>, Error> {
    Ok(authorised::cold_release(&facts(storage, workspace)?, approval, grounds)?)
}

/// What stands for or against a removal in this workspace.
pub fn facts(storage: &Storage, workspace: WorkspaceId) -> Result<RemovalFacts, Error> {
    interlock::erase_events(storage, workspace)?;
    let policy = policy_of(storage, workspace);
    Ok(RemovalFacts {
        workspace,
        terms: policy.terms,
        requires_approval: policy.requires_approval,
        holds: hold::in_force(storage, workspace)?,
        now: clock::now(),
    })
}

/// Whether there are events by one of the two users and about the other.
pub fn share_events(storage: &Storage, workspace: WorkspaceId, what: &Erasure, held: UserId) -> bool {
    let parameters = [
        parameter::uuid(workspace),
        parameter::uuid(what.user),
        parameter::bool(what.about),
        parameter::uuid(held),
        parameter::time(what.until),
    ];
    Tier::ALL.iter().any(|tier| {
        let values = [("table", storage.qualified(tier.table())), super::until_of(what.until, 5)];
        spi::count_with(&storage.fill(include_str!("../../sql/deletion/held.sql"), &values), &parameters) > 0
    })
}
