//! `audit_cold_due()`: the months whose events may go to cold storage, and what is in the way of others. What is in the way refuses
//! [`super::begin`] as well.

use audit_core::argument::Argument;
use audit_core::catalogue::POLICIES;
use audit_core::cold::obstacle::{self, Live, MonthFacts, Obstacle, WorkspaceFacts};
use audit_core::deletion::voucher;
use audit_core::ids::WorkspaceId;
use audit_core::month::Month;
use audit_core::retention::Terms;
use audit_core::time::Timestamp;

use crate::error::Error;
use crate::hold;
use crate::pg::backend::Session;
use crate::pg::call::{Answer, Call};
use crate::pg::rows::Rows;
use crate::pg::{clock, datum, parameter, spi};
use crate::policy::policy_of;
use crate::seal;
use crate::storage::Storage;

/// `audit_cold_due(p_workspace_id, p_min_events)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut answer = Rows::of(call)?;
    let least = call.int4(1).filter(|least| *least >= 1).ok_or(
        Argument::new("p_min_events")
            .problem("must be 1 or more")
            .hint("A file of fewer than 100 events costs more than it frees."),
    )?;
    for workspace in workspaces(&storage, call.uuid(0).map(WorkspaceId)) {
        let (terms, now) = (policy_of(&storage, workspace).terms, clock::now());
        let Some(before) = terms.cold_before(now) else { continue };
        let of_workspace = workspace_facts(&storage, workspace, &terms, now)?;
        for (month, facts) in months(&storage, workspace, Timestamp::PAST, before, least as u64) {
            let obstacle = obstacle(&storage, workspace, month, &of_workspace, &facts);
            answer.push(&[
                Some(datum::from_uuid(&workspace.0)),
                Some(datum::from_date(month.start())),
                Some(datum::from_int8(facts.event_count as i64)),
                obstacle.map(|obstacle| datum::from_text(obstacle.in_words().as_bytes())),
            ]);
        }
    }
    Ok(Answer::Nothing)
}

/// What is in the way of a month, however few its events are.
pub fn of_month(storage: &Storage, workspace: WorkspaceId, month: Month) -> Result<Option<Obstacle>, Error> {
    let (terms, now) = (policy_of(storage, workspace).terms, clock::now());
    if let Some(obstacle) = obstacle::of_policy(&terms, month, now) {
        return Ok(Some(obstacle));
    }
    let end = month.plus(1).map_or(Timestamp::FUTURE, Month::start);
    let of_workspace = workspace_facts(storage, workspace, &terms, now)?;
    let facts = months(storage, workspace, month.start(), end, 0).pop().map(|(_, facts)| facts);
    Ok(match facts {
        Some(facts) => obstacle(storage, workspace, month, &of_workspace, &facts),
        None => Some(Obstacle::NoEvents),
    })
}

fn obstacle(
    storage: &Storage,
    workspace: WorkspaceId,
    month: Month,
    of_workspace: &WorkspaceFacts,
    facts: &MonthFacts,
) -> Option<Obstacle> {
    obstacle::obstacle(of_workspace, facts, || seal::cold::unsealed(storage, workspace, month) > 0)
}

/// Those whose policy sends events to cold storage.
fn workspaces(storage: &Storage, only: Option<WorkspaceId>) -> Vec<WorkspaceId> {
    let sql = format!(
        "SELECT workspace_id FROM {} WHERE cold_retention_days IS NOT NULL AND ($1 IS NULL OR workspace_id = $1) ORDER BY 1",
        storage.qualified(POLICIES)
    );
    let found = spi::rows_with(&sql, &[parameter::uuid(only.map(|workspace| workspace.0))], |row| row.uuid(1));
    found.into_iter().flatten().map(WorkspaceId).collect()
}

fn workspace_facts(
    storage: &Storage,
    workspace: WorkspaceId,
    terms: &Terms,
    now: Timestamp,
) -> Result<WorkspaceFacts, Error> {
    let sql = storage.fill(include_str!("../../sql/cold/workspace.sql"), &[]);
    let parameters = [parameter::uuid(workspace), parameter::time(now)];
    let found = spi::find_row_with(&sql, &parameters, |row| Some((row.bool(1)?, row.bool(2)?)));
    let (has_request, is_erasure_pending) = found.unwrap_or_default();
    Ok(WorkspaceFacts {
        is_held: !hold::in_force(storage, workspace)?.is_empty(),
        is_kept_for_ever: terms.purge_before(now).is_err(),
        has_request,
        is_erasure_pending,
    })
}

/// The months in this span that have so many archived events that may go, in their order.
fn months(
    storage: &Storage,
    workspace: WorkspaceId,
    from: Timestamp,
    before: Timestamp,
    least: u64,
) -> Vec<(Month, MonthFacts)> {
    let sql = storage.fill(include_str!("../../sql/cold/due.sql"), &[]);
    let parameters = [
        parameter::uuid(workspace),
        parameter::time(from),
        parameter::time(before),
        parameter::count(least),
        parameter::texts(voucher::ACTIONS),
    ];
    let read = |row: spi::ResultRow| {
        let session = || Some(Session { pid: row.int4(5)?, started_at: row.time(6)? });
        let live = match row.text(4).as_deref() {
            Some("open") => Some(Live::Open { is_session_alive: session().is_some_and(|session| session.is_alive()) }),
            Some(_) => Some(Live::Stored),
            None => None,
        };
        let facts = MonthFacts { live, event_count: row.int8(2)? as u64, has_hot_events: row.bool(3)? };
        Some((Month::of(row.time(1)?)?, facts))
    };
    spi::rows_with(&sql, &parameters, read).into_iter().flatten().collect()
}
