//! Erasure: a person's events in a workspace lose their personal payload, hot and archived, in one transaction. What was
//! done to which resource and when stays, under ids that are pseudonyms.

use std::rc::Rc;

use audit_core::deletion::authorised::{Approval, Authorised, Erasure};
use audit_core::deletion::grounds::Grounds;
use audit_core::deletion::requested::PERSON;
use audit_core::isolation::FixedSnapshot;
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use uuid::Uuid;

use super::authorise;
use super::log::{Entry, Reach};
use super::removal::Removal;
use super::{Done, until_of, user_argument, workspace_argument};
use crate::cluster::removal::{Wanted, What, everywhere};
use crate::cold::order;
use crate::error::Error;
use crate::partition::leaves;
use crate::permit::Purpose;
use crate::pg::call::{Answer, Call};
use crate::pg::{clock, parameter, snapshot};
use crate::request;
use crate::storage::Storage;

/// `delete_user_audit_events_compliant(p_user_id, p_workspace_id, p_authority, p_approval_ticket_id,
/// p_include_events_about_user, p_reason)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let user = user_argument(call, 0)?;
    let workspace = workspace_argument(call, 1)?;
    let grounds = Grounds::parse(call.text(2), call.text(3), call.text(5))?;
    let erasure = Erasure::of(user, call.bool(4).unwrap_or(false));
    let what = What::Erasure { user, about: erasure.about };
    let wanted = Wanted { workspace, what, grounds, request: None };
    let here = || {
        let grounds = wanted.grounds.clone();
        execute(&storage, authorise::erasure(&storage, workspace, erasure.clone(), grounds, &Approval::Direct)?)
    };
    Ok(everywhere(&storage, &wanted, here)?.answer(call))
}

/// Erases and logs on this node, also when there is nothing to erase.
pub fn execute(storage: &Rc<Storage>, authorised: Authorised<Erasure>) -> Result<Done, Error> {
    demand_current_view()?;
    carry_out(storage, &authorised, None, clock::now())
}

/// An event that was recorded since the transaction began would keep its payload.
pub fn demand_current_view() -> Result<(), FixedSnapshot> {
    snapshot::demand_current("an erasure", "every event that was recorded")
}

/// As [`execute`]. `whole`: the entry of which this is the part of one workspace.
pub fn carry_out(
    storage: &Rc<Storage>,
    authorised: &Authorised<Erasure>,
    whole: Option<Uuid>,
    now: Timestamp,
) -> Result<Done, Error> {
    let (workspace, grounds) = (authorised.workspace(), authorised.grounds());
    let Erasure { user, about, held_users, until } = authorised.what();
    let (user, about) = (*user, *about);
    let parameters = [
        parameter::uuid(workspace),
        parameter::uuid(user),
        parameter::bool(about),
        parameter::time(now),
        parameter::uuid(request::user().map(Uuid::from)),
        parameter::text(&grounds.in_words()),
        parameter::uuids(held_users.iter().copied()),
        parameter::time(*until),
    ];
    let cold = order::erasure(storage, workspace)?;
    let mut removal = Removal::begin(storage);
    for leaf in Tier::ALL.into_iter().flat_map(|tier| leaves::of(storage, tier)).filter(|leaf| !leaf.is_empty()) {
        let sql = storage
            .fill(include_str!("../../sql/deletion/erase.sql"), &[("leaf", leaf.name.clone()), until_of(*until, 8)]);
        removal.run(Purpose::Erase { workspace, user, about }, &leaf.name, &sql, &parameters)?;
    }
    // Events may be recorded while the erasure runs.
    let cutoff = removal.newest().map_or(now, |newest| newest.max(now));
    let reach = Reach { parent: whole, about: Some(about), cutoff: Some(cutoff), held: Vec::new() };
    let entry = Entry { kind: whole.map(|_| PERSON), reach, ..Entry::of_removal(authorised, Some(user), now) };
    let done = removal.log(storage, entry)?;
    cold.order(storage, done.entry, about)?;
    Ok(done)
}
