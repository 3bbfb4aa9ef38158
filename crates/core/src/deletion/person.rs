//! Whether a person's events may be erased in all workspaces that have some. The answer is one for all: either each workspace is erased, or none.
//! Held workspaces are left out only where the caller says so.

use super::authorised::{self, Approval, Authorised, Erasure, RemovalFacts};
use super::denial::Denial;
use super::grounds::Grounds;
use crate::ids::{UserId, WorkspaceId};
use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonErasure {
    pub erasure: Erasure,
    /// Held workspaces are left out, instead of standing in the way.
    pub skip_held: bool,
}

/// Proof that the person may be erased in each of these workspaces, in ascending order.
pub struct AuthorisedPerson {
    pub parts: Vec<Authorised<Erasure>>,
    /// What is left out because it is held.
    pub held: Vec<WorkspaceId>,
}

/// Why a person may not be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonDenial {
    /// The first hold of each workspace that is held.
    Held { holds: Vec<(WorkspaceId, uuid::Uuid)> },
    /// The policy of this workspace demands a request that somebody else approves.
    NeedsApproval { workspace: WorkspaceId },
    /// Something else stands against it.
    Denied(Denial),
}

impl IntoReport for PersonDenial {
    fn report(&self) -> Report {
        let refused = |message: &str| Report::new(SqlState::RestrictViolation, message);
        match self {
            PersonDenial::Held { holds } => {
                let holds: Vec<String> =
                    holds.iter().map(|(workspace, hold)| format!("{workspace} (hold {hold})")).collect();
                refused("the person's audit events are held in some workspaces")
                    .detail(format!("Held are: {}.", holds.join(", ")))
                    .hint("p_skip_held := true leaves these workspaces out; or release_audit_hold() releases a hold when the reason for it is gone.")
            }
            PersonDenial::NeedsApproval { workspace } => {
                refused("deletion of this person's events needs an approved request")
                    .detail(format!("The policy of workspace {workspace} has requires_approval."))
                    .hint("Use request_audit_person_deletion(); somebody else then calls approve_audit_deletion().")
            }
            PersonDenial::Denied(denial) => denial.report(),
        }
    }
}

/// `facts` are of all workspaces concerned. `left_out`: workspaces that are held elsewhere, by an event on another node of the cluster. `concerns` tells whether an event
/// there is by the person and about the held user, or the other way round.
pub fn decide(
    facts: &[RemovalFacts],
    approval: &Approval,
    what: &PersonErasure,
    grounds: &Grounds,
    left_out: &[WorkspaceId],
    mut concerns: impl FnMut(WorkspaceId, UserId) -> bool,
) -> Result<AuthorisedPerson, PersonDenial> {
    let (mut parts, mut holds, mut held) = (Vec::new(), Vec::new(), Vec::new());
    for facts in facts {
        let workspace = facts.workspace;
        let concerns = |held| concerns(workspace, held);
        match authorised::erasure(facts, approval, what.erasure.clone(), grounds.clone(), concerns) {
            Ok(_) if left_out.contains(&workspace) => held.push(workspace),
            Ok(part) => parts.push(part),
            Err(Denial::Held { hold }) => {
                holds.push((workspace, hold));
                held.push(workspace);
            }
            Err(Denial::NeedsApproval) => return Err(PersonDenial::NeedsApproval { workspace }),
            Err(denial) => return Err(PersonDenial::Denied(denial)),
        }
    }
    match holds.is_empty() || what.skip_held {
        true => Ok(AuthorisedPerson { parts, held }),
        false => Err(PersonDenial::Held { holds }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::hold::Hold;
    use crate::deletion::request_state::Granted;
    use crate::retention::Terms;
    use crate::time::Timestamp;
    use uuid::Uuid;

    const ANN: UserId = UserId(Uuid::from_u128(3));
    const HOLD: Uuid = Uuid::from_u128(9);

    fn workspace(number: u128) -> WorkspaceId {
        WorkspaceId(Uuid::from_u128(number))
    }

    fn facts(number: u128, is_held: bool, requires_approval: bool) -> RemovalFacts {
        RemovalFacts {
            workspace: workspace(number),
            terms: Terms::DEFAULT,
            requires_approval,
            holds: if is_held { vec![Hold { id: HOLD, user: None }] } else { vec![] },
            now: Timestamp::from_microseconds(0),
        }
    }

    fn decided(facts: &[RemovalFacts], approval: &Approval, skip_held: bool) -> Result<[Vec<u128>; 2], PersonDenial> {
        decided_without(&[], facts, approval, skip_held)
    }

    fn decided_without(
        left_out: &[WorkspaceId],
        facts: &[RemovalFacts],
        approval: &Approval,
        skip_held: bool,
    ) -> Result<[Vec<u128>; 2], PersonDenial> {
        let grounds = Grounds::parse(Some("GDPR".into()), Some("T-1".into()), None).unwrap();
        let what = PersonErasure { erasure: Erasure::of(ANN, false), skip_held };
        let numbers = |ids: &mut dyn Iterator<Item = WorkspaceId>| ids.map(|id| id.0.as_u128()).collect();
        decide(facts, approval, &what, &grounds, left_out, |_, _| false).map(|decided| {
            [numbers(&mut decided.parts.iter().map(Authorised::workspace)), numbers(&mut decided.held.into_iter())]
        })
    }

    #[test]
    fn all_workspaces_or_none() {
        let free = [facts(1, false, false), facts(2, false, false)];
        assert_eq!(decided(&free, &Approval::Direct, false), Ok([vec![1, 2], vec![]]));
        let held = [facts(1, true, false), facts(2, false, false), facts(3, true, false)];
        let holds = vec![(workspace(1), HOLD), (workspace(3), HOLD)];
        assert_eq!(decided(&held, &Approval::Direct, false), Err(PersonDenial::Held { holds }));
        assert_eq!(decided(&held, &Approval::Direct, true), Ok([vec![2], vec![1, 3]]));
        assert_eq!(decided(&[], &Approval::Direct, false), Ok([vec![], vec![]]));
    }

    #[test]
    fn what_is_held_elsewhere_is_left_out_here() {
        let facts = [facts(1, true, false), facts(2, false, false), facts(3, false, false)];
        let left_out = [workspace(2), workspace(7)];
        assert_eq!(decided_without(&left_out, &facts, &Approval::Direct, true), Ok([vec![3], vec![1, 2]]));
    }

    #[test]
    fn one_workspace_that_demands_an_approval_is_enough() {
        let strict = [facts(1, false, false), facts(2, true, true)];
        let needs = Err(PersonDenial::NeedsApproval { workspace: workspace(2) });
        assert_eq!(decided(&strict, &Approval::Direct, true), needs, "skipped or not");
        let granted = Approval::Granted(Granted::for_tests());
        assert_eq!(decided(&strict, &granted, true), Ok([vec![1], vec![2]]));
    }
}
