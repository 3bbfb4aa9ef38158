//! Why a request for deletion does not take the step that is asked of it.

use audit_core::deletion::request_state::{Refusal, State};
use audit_core::time;

use super::Report;

pub fn report(refusal: Refusal) -> Report {
    let (sqlstate, message, hint) = match refusal {
        Refusal::SamePerson => (
            "42501",
            "the person who requested a deletion cannot approve it".to_owned(),
            "Somebody else approves: another session user, or another user of a gateway.",
        ),
        Refusal::WrongState(state) => (
            "23001",
            format!("the request for deletion is in state {}", state.name()),
            match state {
                State::Pending => "approve_audit_deletion() approves it, reject_audit_deletion() rejects it.",
                State::CoolingOff => {
                    "It is approved: execute_audit_deletion() carries it out, reject_audit_deletion() stops it."
                }
                _ => "It is over; make a new request.",
            },
        ),
        Refusal::Expired => {
            ("23001", "the request for deletion has expired".to_owned(), "Make a new request; nothing was deleted.")
        }
        Refusal::CoolingOff(until) => (
            "23001",
            format!("the request for deletion is cooling off until {}", time::in_words(until)),
            "execute_audit_deletion() carries it out after that; reject_audit_deletion() stops it.",
        ),
        Refusal::NotYet => ("23001", "the request for deletion has not expired".to_owned(), "Reject it instead."),
    };
    Report { sqlstate, message, hint: Some(hint.to_owned()), ..Report::default() }
}
