//! Removes on this node what was removed on another one, and counts how many events that would be.

use std::rc::Rc;

use audit_core::deletion::authorised::{Approval, Erasure};
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::time::Timestamp;
use serde_json::Value;

use crate::cluster::Removed;
use crate::cluster::removal::{Foretold, TERMS_ALONE, Taken, Wanted, What};
use crate::deletion::person::{self, Concerned};
use crate::deletion::{authorise, erase, offboard, purge, request};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::guc::LocalSettings;
use crate::pg::{clock, jsonb, raise, subtransaction};
use crate::storage::Storage;

/// `until`: where it is done again, events that came after the first time are left alone, and nothing counts as expired that was not then.
fn execute(
    storage: &Rc<Storage>,
    wanted: Wanted,
    approval: &Approval,
    until: Option<Timestamp>,
) -> Result<Taken, Error> {
    let Wanted { workspace, what, grounds, .. } = wanted;
    let removed = match what {
        What::Erasure { user, about } => {
            let erasure = Erasure { until, ..Erasure::of(user, about) };
            erase::execute(storage, authorise::erasure(storage, workspace, erasure, grounds, approval)?)
        }
        What::Person { mut erasure, left_out } => {
            erasure.erasure.until = until;
            let concerned = Concerned::by(storage, &erasure.erasure)?;
            return person::execute(storage, &erasure, grounds, approval, &concerned, &left_out);
        }
        What::Purge => {
            let now = until.unwrap_or_else(clock::now);
            purge::execute(storage, authorise::purge_as_of(storage, workspace, grounds, approval, now)?)
        }
        What::Offboarding => offboard::execute(storage, workspace, grounds, approval, until),
    };
    Ok(removed?.into())
}

/// Does on this node what is done on another one. An approval is judged by this node's own copy of the request.
pub fn carry(storage: &Rc<Storage>, told: &Value, at: Timestamp) -> Result<Removed, Error> {
    let wanted = Wanted::read(told)?;
    let approval = match wanted.request {
        Some(id) => request::granted_by_own_copy(storage, id, &wanted, at)?,
        None => Approval::Direct,
    };
    Ok(execute(storage, wanted, &approval, None)?.done)
}

/// Does on this node what was done on the others at a time long ago, and approved then. What is held here by then stays, and the node goes on without it: None.
pub fn carry_again(storage: &Rc<Storage>, told: &Value, at: Timestamp) -> Result<Option<Removed>, Error> {
    match execute(storage, Wanted::read(told)?, &Approval::Elsewhere, Some(at)) {
        Ok(taken) => Ok(Some(taken.done)),
        Err(error) if error.as_ref().sqlstate == SqlState::RestrictViolation => {
            raise::tell(&NotAgain { reason: error.as_ref().message.clone() });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A removal stands out on this node.
struct NotAgain {
    reason: String,
}

impl IntoReport for NotAgain {
    fn report(&self) -> Report {
        Report::new(
            SqlState::SuccessfulCompletion,
            format!("a removal of the cluster was not done on this node: {}", self.reason),
        )
        .hint("Do it here again when the hold is released.")
    }
}

/// `audit_cluster_count(p_removal)`: what it would take on this node. It is done and undone. What this node refuses is nothing: whoever asks is told why
/// when it is to be done.
pub fn count_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let told: Value = call.text(0).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let wanted = Wanted::read(&told)?;
    let mut counted = Ok(Foretold::default());
    // Whoever asks waits for the answer, and nobody else would find out that it waits for itself.
    let patience = LocalSettings::new();
    patience.set(c"lock_timeout", c"10s");
    subtransaction::attempt(|| {
        // Whoever asks has the approval, or is refused by their own node.
        counted = match (&wanted.what, told[TERMS_ALONE] == true) {
            (What::Person { erasure, .. }, true) => Concerned::by(&storage, &erasure.erasure).map(|concerned| {
                let cooling_off_days = concerned.terms(&storage).cooling_off_days;
                Foretold { cooling_off_days, ..Foretold::default() }
            }),
            _ => execute(&storage, wanted, &Approval::Elsewhere, None).map(|taken| Foretold::of(&taken)),
        };
        false
    });
    let foretold = match counted {
        // A lock that was not had says nothing of how many they are.
        Err(error) if error.as_ref().sqlstate == SqlState::RaiseException => return Err(error),
        counted => counted.unwrap_or_default(),
    };
    Ok(Answer::Value(jsonb::from_serde(&serde_json::json!(foretold))))
}
