//! Whether events may be removed. The answer yes is a value of [`Authorised`], which whoever removes events must show.

use super::denial::Denial;
use super::grounds::Grounds;
use super::hold::{self, Hold};
use super::offboarding::{self, OffboardingDenial};
use super::request_state::Granted;
use crate::ids::{UserId, WorkspaceId};
use crate::retention::Terms;
use crate::time::Timestamp;

/// How a removal was approved.
pub enum Approval {
    /// By whoever calls, with the ticket of an approval elsewhere.
    Direct,
    /// By a request that somebody else approved.
    Granted(Granted),
    /// On another node of the cluster, which decides; this one counts, or does again what was done there.
    Elsewhere,
}

/// The payload of one person's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    pub user: UserId,
    /// Also of events whose resource is the person.
    pub about: bool,
    /// Events by and about these users are left out, also those recorded while the erasure runs.
    pub held_users: Vec<UserId>,
    /// Younger events are left out: those that came after an erasure which is done again.
    pub until: Option<Timestamp>,
}

impl Erasure {
    pub fn of(user: UserId, about: bool) -> Erasure {
        Erasure { user, about, held_users: Vec::new(), until: None }
    }
}

/// Archived events before a time, but for those by and about some users.
#[derive(Clone, Debug)]
pub struct Purge {
    pub before: Timestamp,
    pub held_users: Vec<UserId>,
}

/// Events leave PostgreSQL for a file that was read back. None is lost, so this is no removal for good; but who releases trusts the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColdRelease;

/// What a deletion of a journal took once is taken again from a database that was restored from an older backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Events by the user, or also about them.
    Erasure { user: UserId, about: bool },
    /// Events before this time.
    Purge { before: Timestamp },
    /// All that a workspace had before this time.
    Offboarding { before: Timestamp },
}

/// All events of a workspace, whatever their age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offboarding;

/// What stands for or against it.
pub struct OffboardingFacts {
    pub removal: RemovalFacts,
    /// Events that only released cold objects hold.
    pub cold_events: u64,
    /// A whole export of the last days has all live events that are no system events, and no other.
    pub is_exported: bool,
}

/// Why a deletion of a journal is not carried out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A hold of today concerns it.
    Held,
    /// The policy of today does not allow it, or not to this caller.
    Kept,
}

/// Proof that `What` may be removed in a workspace: only the decisions of this file make one.
pub struct Authorised<What> {
    workspace: WorkspaceId,
    what: What,
    grounds: Grounds,
}

/// What stands for or against a removal. Whoever reads it holds the locks that keep it true.
pub struct RemovalFacts {
    pub workspace: WorkspaceId,
    pub terms: Terms,
    /// The policy demands a request that somebody else approves.
    pub requires_approval: bool,
    /// Those in force on the workspace.
    pub holds: Vec<Hold>,
    pub now: Timestamp,
}

impl RemovalFacts {
    fn demand_approval(&self, approval: &Approval) -> Result<(), Denial> {
        match approval {
            Approval::Direct if self.requires_approval => Err(Denial::NeedsApproval),
            Approval::Direct | Approval::Granted(_) | Approval::Elsewhere => Ok(()),
        }
    }

    /// A file in a store is easier to lose than a row. So nothing is released while anything of the workspace is held, and nobody alone decides it
    /// where events are kept for ever.
    fn may_be_released(&self, approval: &Approval) -> Result<(), Denial> {
        let is_kept = self.requires_approval || self.terms.purge_before(self.now).is_err();
        match approval {
            Approval::Direct if is_kept => Err(Denial::ReleaseNeedsApproval),
            Approval::Direct | Approval::Granted(_) | Approval::Elsewhere => hold::none(&self.holds),
        }
    }

    fn held_users(&self) -> Vec<UserId> {
        self.holds.iter().filter_map(|hold| hold.user).collect()
    }
}

/// What is past its period may be purged, unless the terms or a hold on the workspace keep it.
pub fn purge(facts: &RemovalFacts, approval: &Approval, grounds: Grounds) -> Result<Authorised<Purge>, Denial> {
    facts.demand_approval(approval)?;
    if let Some(hold) = facts.holds.iter().find(|hold| hold.user.is_none()) {
        return Err(Denial::Held { hold: hold.id });
    }
    let before = facts.terms.purge_before(facts.now).map_err(Denial::Kept)?;
    let what = Purge { before, held_users: facts.held_users() };
    Ok(Authorised { workspace: facts.workspace, what, grounds })
}

/// A person's events may be erased unless they are held; compliance mode is no obstacle, for this is explicit and approved. A hold on somebody else
/// concerns the events that are by the one and about the other: `concerns` looks for them.
pub fn erasure(
    facts: &RemovalFacts,
    approval: &Approval,
    what: Erasure,
    grounds: Grounds,
    mut concerns: impl FnMut(UserId) -> bool,
) -> Result<Authorised<Erasure>, Denial> {
    facts.demand_approval(approval)?;
    let is_direct = |hold: &&Hold| hold.user.is_none_or(|user| user == what.user);
    let held = facts
        .holds
        .iter()
        .find(is_direct)
        .or_else(|| facts.holds.iter().find(|hold| hold.user.is_some_and(&mut concerns)));
    if let Some(hold) = held {
        return Err(Denial::Held { hold: hold.id });
    }
    let what = Erasure { held_users: facts.held_users(), ..what };
    Ok(Authorised { workspace: facts.workspace, what, grounds })
}

/// Stored cold objects may be released.
pub fn cold_release(
    facts: &RemovalFacts,
    approval: &Approval,
    grounds: Grounds,
) -> Result<Authorised<ColdRelease>, Denial> {
    facts.may_be_released(approval)?;
    Ok(Authorised { workspace: facts.workspace, what: ColdRelease, grounds })
}

/// A workspace may be off-boarded by a request that somebody else approved, unless something of it is held, its policy keeps it, or nobody has its events.
pub fn offboarding(
    facts: &OffboardingFacts,
    approval: &Approval,
    grounds: Grounds,
) -> Result<Authorised<Offboarding>, OffboardingDenial> {
    let removal = &facts.removal;
    if matches!(approval, Approval::Direct) {
        return Err(OffboardingDenial::Denied(Denial::NeedsApproval));
    }
    hold::none(&removal.holds).map_err(OffboardingDenial::Denied)?;
    offboarding::terms_allow(&removal.terms, removal.now)?;
    match (facts.cold_events, facts.is_exported) {
        (0, true) => Ok(Authorised { workspace: removal.workspace, what: Offboarding, grounds }),
        (0, false) => Err(OffboardingDenial::NotExported),
        (count, _) => Err(OffboardingDenial::InColdStorage { count }),
    }
}

/// It was approved when it was done. What stands against it is what protects the events today: a hold, and from a purge the policy. Where nobody may delete
/// alone, only the owner of the trail is believed (`is_owner`), for anybody can make up a journal. `concerns` tells whether an event of its list is by or
/// about one of these users.
pub fn again(
    facts: &RemovalFacts,
    what: Again,
    grounds: Grounds,
    is_owner: bool,
    concerns: impl FnOnce(&[UserId]) -> bool,
) -> Result<Authorised<Again>, Standing> {
    let held_users = facts.held_users();
    let is_of = |held: &UserId| matches!(what, Again::Erasure { user, .. } if user == *held);
    if held_users.len() < facts.holds.len() || held_users.iter().any(is_of) {
        return Err(Standing::Held);
    }
    if !held_users.is_empty() && concerns(&held_users) {
        return Err(Standing::Held);
    }
    let takes_two = facts.requires_approval || matches!(what, Again::Offboarding { .. });
    let is_allowed = match what {
        Again::Erasure { .. } => true,
        Again::Purge { before } => facts.terms.purge_before(facts.now).is_ok_and(|limit| before <= limit),
        Again::Offboarding { .. } => offboarding::terms_allow(&facts.terms, facts.now).is_ok(),
    };
    match is_allowed && (is_owner || !takes_two) {
        true => Ok(Authorised { workspace: facts.workspace, what, grounds }),
        false => Err(Standing::Kept),
    }
}

impl<What> Authorised<What> {
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    pub fn what(&self) -> &What {
        &self.what
    }

    pub fn grounds(&self) -> &Grounds {
        &self.grounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retention::Kept;
    use uuid::Uuid;

    const Y2K: Timestamp = Timestamp::from_microseconds(0);

    fn facts(holds: &[Hold]) -> RemovalFacts {
        let holds = holds.to_vec();
        RemovalFacts {
            workspace: WorkspaceId(Uuid::from_u128(1)),
            terms: Terms::DEFAULT,
            requires_approval: false,
            holds,
            now: Y2K.plus_days(1000),
        }
    }

    fn grounds() -> Grounds {
        Grounds::parse(Some("GDPR".into()), Some("T-1".into()), None).unwrap()
    }

    fn purged(facts: &RemovalFacts) -> Result<Purge, Denial> {
        purge(facts, &Approval::Direct, grounds()).map(|authorised| authorised.what().clone())
    }

    fn erased(facts: &RemovalFacts, user: UserId, shares_events_with: Option<UserId>) -> Result<Erasure, Denial> {
        let concerns = |other| Some(other) == shares_events_with;
        erasure(facts, &Approval::Direct, Erasure::of(user, false), grounds(), concerns)
            .map(|authorised| authorised.what().clone())
    }

    const ANN: UserId = UserId(Uuid::from_u128(3));
    const BOB: UserId = UserId(Uuid::from_u128(4));

    fn hold(user: Option<UserId>) -> Hold {
        Hold { id: Uuid::from_u128(9), user }
    }

    const HELD: Denial = Denial::Held { hold: Uuid::from_u128(9) };

    #[test]
    fn what_is_past_its_period_may_go() {
        let purge = purged(&facts(&[])).unwrap();
        assert_eq!((purge.before, purge.held_users), (Y2K.plus_days(635), vec![]));
    }

    #[test]
    fn a_hold_on_the_workspace_and_compliance_mode_refuse_a_purge() {
        assert_eq!(purged(&facts(&[hold(None)])).unwrap_err(), HELD);
        let terms = Terms { is_compliance_mode: true, ..Terms::DEFAULT };
        assert_eq!(purged(&RemovalFacts { terms, ..facts(&[]) }).unwrap_err(), Denial::Kept(Kept::ComplianceMode));
    }

    #[test]
    fn a_hold_on_a_user_keeps_their_events_from_a_purge() {
        assert_eq!(purged(&facts(&[hold(Some(ANN))])).unwrap().held_users, vec![ANN]);
    }

    #[test]
    fn a_held_person_is_not_erased_nor_are_events_shared_with_one() {
        assert_eq!(erased(&facts(&[hold(None)]), ANN, None).unwrap_err(), HELD);
        assert_eq!(erased(&facts(&[hold(Some(ANN))]), ANN, None).unwrap_err(), HELD);
        assert_eq!(erased(&facts(&[hold(Some(BOB))]), ANN, Some(BOB)).unwrap_err(), HELD);
        assert_eq!(erased(&facts(&[hold(Some(BOB))]), ANN, None).unwrap().held_users, vec![BOB]);
        let terms = Terms { is_compliance_mode: true, ..Terms::DEFAULT };
        assert!(erased(&RemovalFacts { terms, ..facts(&[]) }, ANN, None).is_ok(), "explicit and approved");
    }

    #[test]
    fn nothing_is_released_to_cold_storage_under_any_hold() {
        let released = |facts: &RemovalFacts| cold_release(facts, &Approval::Direct, grounds()).map(|_| ());
        assert_eq!(released(&facts(&[])), Ok(()));
        assert_eq!(released(&facts(&[hold(None)])), Err(HELD));
        assert_eq!(released(&facts(&[hold(Some(ANN))])), Err(HELD), "an object has events of everybody");
    }

    #[test]
    fn what_is_kept_for_ever_is_released_by_request_only() {
        let strict = RemovalFacts { requires_approval: true, ..facts(&[]) };
        let terms = Terms { is_compliance_mode: true, ..Terms::DEFAULT };
        let kept = RemovalFacts { terms, ..facts(&[]) };
        let protection = terms.protection_after(&Terms::DEFAULT, kept.now);
        let left = RemovalFacts { terms: Terms { protection, ..Terms::DEFAULT }, ..facts(&[]) };
        for facts in [&strict, &kept, &left] {
            let direct = cold_release(facts, &Approval::Direct, grounds()).map(|_| ());
            assert_eq!(direct, Err(Denial::ReleaseNeedsApproval));
            assert!(cold_release(facts, &Approval::Granted(Granted::for_tests()), grounds()).is_ok());
        }
        let held = RemovalFacts { holds: vec![hold(Some(ANN))], ..kept };
        let granted = cold_release(&held, &Approval::Granted(Granted::for_tests()), grounds()).map(|_| ());
        assert_eq!(granted, Err(HELD), "an approval does not lift a hold");
    }

    #[test]
    fn what_is_protected_today_is_not_taken_again() {
        let erasure = Again::Erasure { user: ANN, about: false };
        let purge = Again::Purge { before: Y2K.plus_days(635) };
        let again = |facts: &RemovalFacts, what, concerns: bool| {
            super::again(facts, what, grounds(), true, |_| concerns).map(|authorised| *authorised.what())
        };
        for what in [erasure, purge] {
            assert_eq!(again(&facts(&[]), what, false), Ok(what));
            assert_eq!(again(&facts(&[hold(None)]), what, false), Err(Standing::Held));
            assert_eq!(again(&facts(&[hold(Some(BOB))]), what, false), Ok(what));
            assert_eq!(again(&facts(&[hold(Some(BOB))]), what, true), Err(Standing::Held));
        }
        assert_eq!(again(&facts(&[hold(Some(ANN))]), erasure, false), Err(Standing::Held));
        let terms = Terms { is_compliance_mode: true, ..Terms::DEFAULT };
        let strict = RemovalFacts { terms, requires_approval: true, ..facts(&[]) };
        assert_eq!(again(&strict, purge, false), Err(Standing::Kept));
        assert_eq!(again(&strict, erasure, false), Ok(erasure), "it was approved, and is explicit");
        assert_eq!(again(&facts(&[]), Again::Purge { before: Y2K.plus_days(636) }, false), Err(Standing::Kept));
    }

    #[test]
    fn where_nobody_deletes_alone_a_journal_is_believed_of_the_owner_only() {
        let erasure = Again::Erasure { user: ANN, about: false };
        let offboarding = Again::Offboarding { before: Y2K.plus_days(2000) };
        let by = |facts: &RemovalFacts, what, is_owner| {
            super::again(facts, what, grounds(), is_owner, |_| false).map(|authorised| *authorised.what())
        };
        let strict = RemovalFacts { requires_approval: true, ..facts(&[]) };
        assert_eq!((by(&strict, erasure, false), by(&strict, erasure, true)), (Err(Standing::Kept), Ok(erasure)));
        assert_eq!(by(&facts(&[]), erasure, false), Ok(erasure));
        assert_eq!(by(&facts(&[]), offboarding, false), Err(Standing::Kept));
        assert_eq!(by(&facts(&[]), offboarding, true), Ok(offboarding));
        let terms = Terms { is_compliance_mode: true, ..Terms::DEFAULT };
        assert_eq!(by(&RemovalFacts { terms, ..facts(&[]) }, offboarding, true), Err(Standing::Kept));
    }

    #[test]
    fn a_workspace_is_off_boarded_when_nothing_holds_it_and_all_of_it_is_exported() {
        let decided = |removal: RemovalFacts, cold_events, is_exported| {
            let facts = OffboardingFacts { removal, cold_events, is_exported };
            super::offboarding(&facts, &Approval::Granted(Granted::for_tests()), grounds())
                .map(|authorised| *authorised.what())
        };
        assert_eq!(decided(facts(&[]), 0, true), Ok(Offboarding));
        assert_eq!(decided(facts(&[]), 0, false), Err(OffboardingDenial::NotExported));
        assert_eq!(decided(facts(&[]), 7, true), Err(OffboardingDenial::InColdStorage { count: 7 }));
        assert_eq!(decided(facts(&[hold(Some(ANN))]), 0, true), Err(OffboardingDenial::Denied(HELD)));
        let compliance = Terms { is_compliance_mode: true, ..Terms::DEFAULT };
        let strict = RemovalFacts { terms: compliance, ..facts(&[]) };
        let now = strict.now;
        let facts_of_one = OffboardingFacts { removal: facts(&[]), cold_events: 0, is_exported: true };
        let alone = super::offboarding(&facts_of_one, &Approval::Direct, grounds()).err();
        assert_eq!(alone, Some(OffboardingDenial::Denied(Denial::NeedsApproval)));
        assert_eq!(decided(strict, 0, true), Err(OffboardingDenial::ComplianceMode));
        let protection = compliance.protection_after(&Terms::DEFAULT, now);
        let left = RemovalFacts { terms: Terms { protection, ..Terms::DEFAULT }, ..facts(&[]) };
        let until = now.plus_days(30);
        assert_eq!(decided(left, 0, true), Err(OffboardingDenial::Protected { until }));
        let later = RemovalFacts { terms: Terms { protection, ..Terms::DEFAULT }, now: until, ..facts(&[]) };
        assert_eq!(decided(later, 0, true), Ok(Offboarding));
    }

    #[test]
    fn where_the_policy_demands_an_approval_a_ticket_is_not_enough() {
        let strict = RemovalFacts { requires_approval: true, ..facts(&[]) };
        assert_eq!(purged(&strict).unwrap_err(), Denial::NeedsApproval);
        assert_eq!(erased(&strict, ANN, None).unwrap_err(), Denial::NeedsApproval);
    }
}
