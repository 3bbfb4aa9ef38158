//! `explain_audit_retention()`: what the next archive run and a purge would do to a workspace's events now, and why. It asks the
//! same questions of the same policy and holds as they do.

use pgrx::pg_sys::{BOOLOID, Datum, TEXTOID, TIMESTAMPTZOID, UUIDARRAYOID, UUIDOID};

use super::policy_of;
use crate::error::Error;
use crate::hold;
use crate::pg::call::{Answer, Call};
use crate::pg::rows::Rows;
use crate::pg::{clock, datum, spi};
use crate::storage::Storage;

/// `explain_audit_retention(p_workspace_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut answer = Rows::of(call)?;
    let workspace = call.datum(0).ok_or_else(|| Error::Argument {
        name: "p_workspace_id",
        problem: "must not be null".to_owned(),
        hint: "Retention is explained for one workspace.".to_owned(),
    })?;
    let now = clock::now();
    let terms = policy_of(&storage, workspace).terms;
    let holds = hold::in_force(&storage, workspace)?;
    let held_users: Vec<_> = holds.iter().filter_map(|hold| hold.user).collect();
    let sql = storage.fill(include_str!("../../sql/archive/explain.sql"), &[]);
    let parameters = [
        (UUIDOID, Some(workspace)),
        (TIMESTAMPTZOID, Some(Datum::from(terms.archive_before(now)))),
        (TIMESTAMPTZOID, terms.purge_before(now).ok().map(Datum::from)),
        (TEXTOID, terms.why_protected(now).map(|why| datum::from_text(why.as_bytes()))),
        (UUIDARRAYOID, Some(datum::from_uuids(&held_users))),
        (BOOLOID, Some(Datum::from(holds.iter().any(|hold| hold.user.is_none())))),
        (TIMESTAMPTZOID, Some(Datum::from(now))),
        (TIMESTAMPTZOID, terms.own_purge_before(now).map(Datum::from)),
    ];
    let rows = spi::rows_with(&sql, &parameters, |row| {
        (row.text(1), row.text(2), row.text(3), row.int8(4), row.time(5), row.time(6))
    });
    let text = |text: Option<String>| text.map(|text| datum::from_text(text.as_bytes()));
    for (location, outcome, reason, count, oldest, newest) in rows {
        let [count, oldest, newest] = [count, oldest, newest].map(|number| number.map(Datum::from));
        answer.push(&[text(location), text(outcome), text(reason), count, oldest, newest]);
    }
    Ok(Answer::Nothing)
}
