//! `explain_audit_retention()`: what the next archive run, a release to cold storage and a purge would do to a workspace's events now, and why. It uses the same
//! decisions, policy and holds.

use audit_core::argument::Argument;
use audit_core::deletion::voucher;
use audit_core::ids::WorkspaceId;

use crate::error::Error;
use crate::hold;
use crate::pg::call::{Answer, Call};
use crate::pg::rows::Rows;
use crate::pg::{clock, datum, parameter, spi};
use crate::policy::policy_of;
use crate::storage::Storage;

/// `explain_audit_retention(p_workspace_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut answer = Rows::of(call)?;
    let workspace = call.uuid(0).map(WorkspaceId).ok_or(
        Argument::new("p_workspace_id").problem("must not be null").hint("Retention is explained for one workspace."),
    )?;
    let now = clock::now();
    let terms = policy_of(&storage, workspace).terms;
    let holds = hold::in_force(&storage, workspace)?;
    let held_users: Vec<_> = holds.iter().filter_map(|hold| hold.user).collect();
    let sql = storage.fill(include_str!("../../sql/retention/explain.sql"), &[]);
    let parameters = [
        parameter::uuid(workspace),
        parameter::time(terms.archive_before(now)),
        parameter::time(terms.purge_before(now).ok()),
        parameter::text_or_null(terms.why_protected(now)),
        parameter::uuids(held_users),
        parameter::bool(holds.iter().any(|hold| hold.user.is_none())),
        parameter::time(now),
        parameter::time(terms.own_purge_before(now)),
        parameter::texts(voucher::ACTIONS),
        parameter::text(terms.purge_period()),
        parameter::time(terms.cold_before(now)),
        parameter::bool(!holds.is_empty()),
    ];
    let rows = spi::rows_with(&sql, &parameters, |row| {
        (row.text(1), row.text(2), row.text(3), row.int8(4), row.time(5), row.time(6))
    });
    let text = |text: Option<String>| text.map(|text| datum::from_text(text.as_bytes()));
    for (location, outcome, reason, count, oldest, newest) in rows {
        let [oldest, newest] = [oldest, newest].map(|time| time.map(datum::from_time));
        answer.push(&[text(location), text(outcome), text(reason), count.map(datum::from_int8), oldest, newest]);
    }
    Ok(Answer::Nothing)
}
