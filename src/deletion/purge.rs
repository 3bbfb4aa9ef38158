//! Purge: archived and cold events past their period are removed for good, one workspace at a time.

use audit_core::deletion::authorised::{Approval, Authorised, Purge};
use audit_core::deletion::grounds::Grounds;
use audit_core::deletion::voucher;
use audit_core::tier::Tier;
use audit_core::time::Span;

use super::authorise;
use super::log::{Entry, Reach};
use super::removal::Removal;
use super::{Done, workspace_argument};
use crate::cluster::removal::{Wanted, What, everywhere};
use crate::cold::order;
use crate::error::Error;
use crate::partition::leaves;
use crate::permit::Purpose;
use crate::pg::call::{Answer, Call};
use crate::pg::{clock, parameter};
use crate::policy::policy_of;
use crate::storage::Storage;

/// `purge_expired_audit_events(p_workspace_id, p_authority, p_approval_ticket_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let workspace = workspace_argument(call, 0)?;
    let reason = match policy_of(&storage, workspace).terms.cold_days {
        None => "older than warm_archive_days; removed from the archive",
        Some(_) => "older than cold_retention_days; removed from the archive and cold storage",
    };
    let grounds = Grounds::parse(call.text(1), call.text(2), Some(reason.to_owned()))?;
    let wanted = Wanted { workspace, what: What::Purge, grounds, request: None };
    let here = || execute(&storage, authorise::purge(&storage, workspace, wanted.grounds.clone(), &Approval::Direct)?);
    Ok(everywhere(&storage, &wanted, here)?.answer(call))
}

/// Removes and logs on this node, also when there is nothing to remove.
pub fn execute(storage: &std::rc::Rc<Storage>, authorised: Authorised<Purge>) -> Result<Done, Error> {
    let workspace = authorised.workspace();
    let Purge { before, held_users } = authorised.what();
    let before = *before;
    let parameters = [
        parameter::uuid(workspace),
        parameter::time(before),
        parameter::uuids(held_users.iter().copied()),
        parameter::texts(voucher::ACTIONS),
    ];
    let mut removal = Removal::begin(storage);
    let mut cold = order::purge(storage, workspace)?;
    // A file goes as a whole, with what is in it of held users.
    if held_users.is_empty() {
        cold.take_released(storage, before, &mut removal)?;
    }
    for leaf in leaves::of(storage, Tier::Archive).into_iter().filter(|leaf| leaf.lower() < before && !leaf.is_empty())
    {
        let sql = storage.fill(include_str!("../../sql/deletion/purge.sql"), &[("leaf", leaf.name.clone())]);
        removal.run(Purpose::Purge { workspace, before }, &leaf.name, &sql, &parameters)?;
    }
    let months = removal.months();
    let reach = Reach { cutoff: Some(before + Span::microseconds(-1)), ..Reach::default() };
    let entry = Entry { reach, ..Entry::of_removal(&authorised, None, clock::now()) };
    let done = removal.log(storage, entry)?;
    cold.order(storage, done.entry, &months)?;
    Ok(done)
}
