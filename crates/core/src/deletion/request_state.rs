//! The life of a request for deletion, as a decision: who may do what to it in which state, and what it becomes.
//!
//! ```text
//! pending ── approve ──> cooling_off ── execute ──> executed
//!    │                       │
//!    ├── reject ──> rejected <── reject
//!    └── expire ──> expired  <── expire
//! ```
//! Without a cooling-off period the approval is followed by the execution at once.

use uuid::Uuid;

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    Pending,
    CoolingOff,
    Executed,
    Rejected,
    Expired,
}

impl RequestState {
    pub const ALL: [RequestState; 5] = [
        RequestState::Pending,
        RequestState::CoolingOff,
        RequestState::Executed,
        RequestState::Rejected,
        RequestState::Expired,
    ];

    /// As the table has it.
    pub fn name(self) -> &'static str {
        match self {
            RequestState::Pending => "pending",
            RequestState::CoolingOff => "cooling_off",
            RequestState::Executed => "executed",
            RequestState::Rejected => "rejected",
            RequestState::Expired => "expired",
        }
    }

    pub fn parse(name: &str) -> Option<RequestState> {
        RequestState::ALL.into_iter().find(|state| state.name() == name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Approve,
    Reject,
    Execute,
    /// Done by the archive job when the time has come.
    Expire,
}

/// What the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts {
    pub state: RequestState,
    pub requested_by: Uuid,
    /// The OID of the role that asked, where a role did.
    pub requested_by_role: Option<u32>,
    /// Who takes the step.
    pub principal: Uuid,
    pub principal_role: Option<u32>,
    pub now: Timestamp,
    pub expires_at: Timestamp,
    /// When an approved request may be executed; None before the approval.
    pub execute_after: Option<Timestamp>,
}

/// Why a step is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Whoever requests a deletion does not approve it.
    SamePrincipal,
    /// The state of the request does not allow this step.
    WrongState(RequestState),
    /// The time to decide is over, although the archive job has not marked it yet.
    Expired,
    /// The cooling-off period lasts until then.
    CoolingOff(Timestamp),
    /// It has not expired.
    NotYet,
}

impl IntoReport for Refusal {
    fn report(&self) -> Report {
        let refused = |message: &str| Report::new(SqlState::RestrictViolation, message);
        match self {
            Refusal::SamePrincipal => {
                Report::new(SqlState::InsufficientPrivilege, "the person who requested a deletion cannot approve it")
                    .hint("Somebody else approves: another session user, or another user of a gateway.")
            }
            Refusal::WrongState(state) => refused(&format!("the request for deletion is in state {}", state.name()))
                .hint(match state {
                    RequestState::Pending => {
                        "approve_audit_deletion() approves it, reject_audit_deletion() rejects it."
                    }
                    RequestState::CoolingOff => {
                        "It is approved: execute_audit_deletion() carries it out, reject_audit_deletion() stops it."
                    }
                    RequestState::Executed | RequestState::Rejected | RequestState::Expired => {
                        "It is over; make a new request."
                    }
                }),
            Refusal::Expired => {
                refused("the request for deletion has expired").hint("Make a new request; nothing was deleted.")
            }
            Refusal::CoolingOff(until) => refused(&format!("the request for deletion is cooling off until {}", until))
                .hint("execute_audit_deletion() carries it out after that; reject_audit_deletion() stops it."),
            Refusal::NotYet => refused("the request for deletion has not expired").hint("Reject it instead."),
        }
    }
}

impl RequestFacts {
    /// By id or by role: a role that is renamed has another id, one that is made anew another OID. After a restore the OID may be that of somebody
    /// else, who is then refused.
    fn is_same_principal(&self) -> bool {
        self.principal == self.requested_by
            || self.principal_role.is_some() && self.principal_role == self.requested_by_role
    }
}

/// The state that follows, or why the step is refused.
pub fn next(facts: &RequestFacts, step: Step) -> Result<RequestState, Refusal> {
    let is_expired = facts.now >= facts.expires_at;
    match (facts.state, step) {
        (RequestState::Pending | RequestState::CoolingOff, Step::Expire) if is_expired => Ok(RequestState::Expired),
        (RequestState::Pending | RequestState::CoolingOff, Step::Expire) => Err(Refusal::NotYet),
        // To stop a deletion is always safe: whoever may decide may, the requester too.
        (RequestState::Pending | RequestState::CoolingOff, Step::Reject) => Ok(RequestState::Rejected),
        (RequestState::Pending | RequestState::CoolingOff, _) if is_expired => Err(Refusal::Expired),
        (RequestState::Pending, Step::Approve) if facts.is_same_principal() => Err(Refusal::SamePrincipal),
        (RequestState::Pending, Step::Approve) => Ok(RequestState::CoolingOff),
        (RequestState::CoolingOff, Step::Execute) => match facts.execute_after {
            Some(after) if facts.now >= after => Ok(RequestState::Executed),
            Some(after) => Err(Refusal::CoolingOff(after)),
            None => Err(Refusal::WrongState(facts.state)),
        },
        (state, _) => Err(Refusal::WrongState(state)),
    }
}

/// Proof that a request was approved by somebody else and may be carried out now.
pub struct Granted(());

#[cfg(test)]
impl Granted {
    pub(super) fn for_tests() -> Granted {
        Granted(())
    }
}

/// The request may be carried out, or why not.
pub fn execute(facts: &RequestFacts) -> Result<Granted, Refusal> {
    next(facts, Step::Execute).map(|_| Granted(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 4] = [Step::Approve, Step::Reject, Step::Execute, Step::Expire];

    fn time(microseconds: i64) -> Timestamp {
        Timestamp::from_microseconds(microseconds)
    }

    fn facts(state: RequestState) -> RequestFacts {
        RequestFacts {
            state,
            requested_by: Uuid::from_u128(1),
            requested_by_role: Some(1),
            principal: Uuid::from_u128(2),
            principal_role: Some(2),
            now: time(100),
            expires_at: time(200),
            execute_after: (state != RequestState::Pending).then_some(time(50)),
        }
    }

    #[test]
    fn every_state_and_step_has_its_answer() {
        use Refusal::{NotYet, WrongState};
        use RequestState::{CoolingOff, Executed, Expired, Pending, Rejected};
        for (state, answers) in [
            (Pending, [Ok(CoolingOff), Ok(Rejected), Err(WrongState(Pending)), Err(NotYet)]),
            (CoolingOff, [Err(WrongState(CoolingOff)), Ok(Rejected), Ok(Executed), Err(NotYet)]),
            (Executed, [Err(WrongState(Executed)); 4]),
            (Rejected, [Err(WrongState(Rejected)); 4]),
            (Expired, [Err(WrongState(Expired)); 4]),
        ] {
            assert_eq!(STEPS.map(|step| next(&facts(state), step)), answers, "{state:?}");
        }
    }

    #[test]
    fn nobody_approves_their_own_request_in_any_state() {
        for state in RequestState::ALL {
            let own = RequestFacts { principal: Uuid::from_u128(1), ..facts(state) };
            assert!(next(&own, Step::Approve).is_err(), "{state:?}");
        }
        let own = RequestFacts { principal: Uuid::from_u128(1), ..facts(RequestState::Pending) };
        assert_eq!(next(&own, Step::Approve), Err(Refusal::SamePrincipal));
        assert_eq!(next(&own, Step::Reject), Ok(RequestState::Rejected), "to withdraw it is fine");
    }

    #[test]
    fn a_role_that_was_renamed_is_the_same_person() {
        let renamed = RequestFacts { principal_role: Some(1), ..facts(RequestState::Pending) };
        assert_eq!(next(&renamed, Step::Approve), Err(Refusal::SamePrincipal));
        let through_a_gateway =
            RequestFacts { requested_by_role: None, principal_role: None, ..facts(RequestState::Pending) };
        assert_eq!(next(&through_a_gateway, Step::Approve), Ok(RequestState::CoolingOff), "told apart by id alone");
    }

    #[test]
    fn what_has_expired_can_only_expire_or_be_rejected() {
        for state in [RequestState::Pending, RequestState::CoolingOff] {
            let late = RequestFacts { now: time(200), ..facts(state) };
            assert_eq!(next(&late, Step::Expire), Ok(RequestState::Expired));
            assert_eq!(next(&late, Step::Reject), Ok(RequestState::Rejected));
            assert_eq!(next(&late, Step::Approve), Err(Refusal::Expired));
            assert_eq!(next(&late, Step::Execute), Err(Refusal::Expired));
        }
    }

    #[test]
    fn an_approved_deletion_waits_for_the_cooling_off_period() {
        let early = RequestFacts { now: time(49), ..facts(RequestState::CoolingOff) };
        assert_eq!(next(&early, Step::Execute), Err(Refusal::CoolingOff(time(50))));
        assert_eq!(next(&RequestFacts { now: time(50), ..early }, Step::Execute), Ok(RequestState::Executed));
        assert!(execute(&early).is_err() && execute(&RequestFacts { now: time(50), ..early }).is_ok());
    }

    #[test]
    fn executed_is_reached_through_an_approval_only() {
        for state in RequestState::ALL {
            for step in STEPS {
                if next(&facts(state), step) == Ok(RequestState::Executed) {
                    assert_eq!((state, step), (RequestState::CoolingOff, Step::Execute));
                }
            }
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        assert!(RequestState::ALL.into_iter().all(|state| RequestState::parse(state.name()) == Some(state)));
        assert_eq!(RequestState::parse("done"), None);
    }
}
