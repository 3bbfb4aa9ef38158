//! The life of a request for deletion, as a decision: who may do what to it in which state, and what it becomes.
//!
//! ```text
//! pending ── approve ──> cooling_off ── execute ──> executed
//!    │                       │
//!    ├── reject ──> rejected <── reject
//!    └── expire ──> expired  <── expire
//! ```
//! Without a cooling-off period the approval is followed by the execution at once. Times are Postgres' microseconds.

use uuid::Uuid;

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;
use crate::time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    CoolingOff,
    Executed,
    Rejected,
    Expired,
}

impl State {
    pub const ALL: [State; 5] = [State::Pending, State::CoolingOff, State::Executed, State::Rejected, State::Expired];

    /// As the table has it.
    pub fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::CoolingOff => "cooling_off",
            State::Executed => "executed",
            State::Rejected => "rejected",
            State::Expired => "expired",
        }
    }

    pub fn parse(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
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
pub struct Facts {
    pub state: State,
    pub requested_by: Uuid,
    /// The OID of the role that asked, where a role did.
    pub requested_by_role: Option<u32>,
    /// Who takes the step.
    pub person: Uuid,
    pub person_role: Option<u32>,
    pub now: i64,
    pub expires_at: i64,
    /// When an approved request may be executed; None before the approval.
    pub execute_after: Option<i64>,
}

/// Why a step is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Whoever requests a deletion does not approve it.
    SamePerson,
    /// The request is over, or has not come so far.
    WrongState(State),
    /// Nobody decided in time, though no job has said so yet.
    Expired,
    /// The cooling-off period lasts until then.
    CoolingOff(i64),
    /// It has not expired.
    NotYet,
}

impl IntoReport for Refusal {
    fn report(&self) -> Report {
        let refused = |message: &str| Report::new(SqlState::RestrictViolation, message);
        match self {
            Refusal::SamePerson => {
                Report::new(SqlState::InsufficientPrivilege, "the person who requested a deletion cannot approve it")
                    .hint("Somebody else approves: another session user, or another user of a gateway.")
            }
            Refusal::WrongState(state) => refused(&format!("the request for deletion is in state {}", state.name()))
                .hint(match state {
                    State::Pending => "approve_audit_deletion() approves it, reject_audit_deletion() rejects it.",
                    State::CoolingOff => {
                        "It is approved: execute_audit_deletion() carries it out, reject_audit_deletion() stops it."
                    }
                    State::Executed | State::Rejected | State::Expired => "It is over; make a new request.",
                }),
            Refusal::Expired => {
                refused("the request for deletion has expired").hint("Make a new request; nothing was deleted.")
            }
            Refusal::CoolingOff(until) => {
                refused(&format!("the request for deletion is cooling off until {}", time::in_words(*until)))
                    .hint("execute_audit_deletion() carries it out after that; reject_audit_deletion() stops it.")
            }
            Refusal::NotYet => refused("the request for deletion has not expired").hint("Reject it instead."),
        }
    }
}

impl Facts {
    /// By id or by role: a role that is renamed has another id, one that is made anew another OID. After a restore the OID may be that of somebody
    /// else, who is then refused.
    fn is_same_person(&self) -> bool {
        self.person == self.requested_by || self.person_role.is_some() && self.person_role == self.requested_by_role
    }
}

/// The state that follows, or why the step is refused.
pub fn next(facts: &Facts, step: Step) -> Result<State, Refusal> {
    let is_expired = facts.now >= facts.expires_at;
    match (facts.state, step) {
        (State::Pending | State::CoolingOff, Step::Expire) if is_expired => Ok(State::Expired),
        (State::Pending | State::CoolingOff, Step::Expire) => Err(Refusal::NotYet),
        // To stop a deletion is always safe: whoever may decide may, the requester too.
        (State::Pending | State::CoolingOff, Step::Reject) => Ok(State::Rejected),
        (State::Pending | State::CoolingOff, _) if is_expired => Err(Refusal::Expired),
        (State::Pending, Step::Approve) if facts.is_same_person() => Err(Refusal::SamePerson),
        (State::Pending, Step::Approve) => Ok(State::CoolingOff),
        (State::CoolingOff, Step::Execute) => match facts.execute_after {
            Some(after) if facts.now >= after => Ok(State::Executed),
            Some(after) => Err(Refusal::CoolingOff(after)),
            None => Err(Refusal::WrongState(facts.state)),
        },
        (state, _) => Err(Refusal::WrongState(state)),
    }
}

/// Proof that a request was approved by somebody else and may be carried out now.
pub struct Granted(());

/// The request may be carried out, or why not.
pub fn execute(facts: &Facts) -> Result<Granted, Refusal> {
    next(facts, Step::Execute).map(|_| Granted(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 4] = [Step::Approve, Step::Reject, Step::Execute, Step::Expire];

    fn facts(state: State) -> Facts {
        Facts {
            state,
            requested_by: Uuid::from_u128(1),
            requested_by_role: Some(1),
            person: Uuid::from_u128(2),
            person_role: Some(2),
            now: 100,
            expires_at: 200,
            execute_after: (state != State::Pending).then_some(50),
        }
    }

    #[test]
    fn every_state_and_step_has_its_answer() {
        use Refusal::{NotYet, WrongState};
        use State::{CoolingOff, Executed, Expired, Pending, Rejected};
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
        for state in State::ALL {
            let own = Facts { person: Uuid::from_u128(1), ..facts(state) };
            assert!(next(&own, Step::Approve).is_err(), "{state:?}");
        }
        let own = Facts { person: Uuid::from_u128(1), ..facts(State::Pending) };
        assert_eq!(next(&own, Step::Approve), Err(Refusal::SamePerson));
        assert_eq!(next(&own, Step::Reject), Ok(State::Rejected), "to withdraw it is fine");
    }

    #[test]
    fn a_role_that_was_renamed_is_the_same_person() {
        let renamed = Facts { person_role: Some(1), ..facts(State::Pending) };
        assert_eq!(next(&renamed, Step::Approve), Err(Refusal::SamePerson));
        let through_a_gateway = Facts { requested_by_role: None, person_role: None, ..facts(State::Pending) };
        assert_eq!(next(&through_a_gateway, Step::Approve), Ok(State::CoolingOff), "told apart by id alone");
    }

    #[test]
    fn what_has_expired_can_only_expire_or_be_rejected() {
        for state in [State::Pending, State::CoolingOff] {
            let late = Facts { now: 200, ..facts(state) };
            assert_eq!(next(&late, Step::Expire), Ok(State::Expired));
            assert_eq!(next(&late, Step::Reject), Ok(State::Rejected));
            assert_eq!(next(&late, Step::Approve), Err(Refusal::Expired));
            assert_eq!(next(&late, Step::Execute), Err(Refusal::Expired));
        }
    }

    #[test]
    fn an_approved_deletion_waits_for_the_cooling_off_period() {
        let early = Facts { now: 49, ..facts(State::CoolingOff) };
        assert_eq!(next(&early, Step::Execute), Err(Refusal::CoolingOff(50)));
        assert_eq!(next(&Facts { now: 50, ..early }, Step::Execute), Ok(State::Executed));
        assert!(execute(&early).is_err() && execute(&Facts { now: 50, ..early }).is_ok());
    }

    #[test]
    fn executed_is_reached_through_an_approval_only() {
        for state in State::ALL {
            for step in STEPS {
                if next(&facts(state), step) == Ok(State::Executed) {
                    assert_eq!((state, step), (State::CoolingOff, Step::Execute));
                }
            }
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        assert!(State::ALL.into_iter().all(|state| State::parse(state.name()) == Some(state)));
        assert_eq!(State::parse("done"), None);
    }
}
