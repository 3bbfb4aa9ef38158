//! A run of the archive. `archive_old_audit_events()` does everything that is due in one transaction; `archive_audit_events()` commits
//! after each batch until nothing is left.
//!
//! Every run leaves a trace. When it begins, a sequence is set to the time, which no rollback undoes. When it is done or was skipped, it
//! writes a row. A beginning without such a row is a run that failed ([`crate::health`]).

use audit_core::archive_due::Workspace;
use audit_core::catalogue::{ARCHIVE_ATTEMPTS, ARCHIVE_RUNS, RESTORED};
use audit_core::deletion::grounds::RETENTION_POLICY;
use audit_core::tally::Tallies;
use audit_core::tier::Tier;
use audit_core::time::Timestamp;

use super::rows::Progressed;
use super::{due, month, rows};
use crate::deletion::log::{self, Entry, Reach};
use crate::deletion::request;
use crate::error::Error;
use crate::interlock;
use crate::partition::leaves::{self, TableLeaf};
use crate::pg::call::{Answer, Call};
use crate::pg::procedure::{InBlock, Procedure};
use crate::pg::role::Acting;
use crate::pg::rows::Rows;
use crate::pg::{clock, datum, lock, parameter, quote, raise, spi};
use crate::policy::default_row;
use crate::record::idempotency::swap;
use crate::storage::Storage;

const REASON: &str = "older than hot_retention_days; moved to the archive";
/// Events that one transaction of the procedure moves: a transaction of some seconds.
const STEP: u64 = 50_000;
/// Runs are remembered for so long.
const REMEMBERED: &str = "400 days";

pub const IN_BLOCK: InBlock = InBlock {
    procedure: "archive_audit_events",
    hint: "CALL it by itself, or use archive_old_audit_events(), which does all in one transaction.",
};

/// The result of a run.
#[derive(Default)]
struct Outcome {
    moved: Tallies,
    /// It stopped because it had moved as many events as it was allowed to.
    is_unfinished: bool,
    left: Vec<String>,
    /// Months are locked, whether they changed sides or not.
    holds_months: bool,
}

/// `archive_old_audit_events()`.
pub fn all_call(call: &Call) -> Result<Answer, Error> {
    let mut answer = Rows::of(call)?;
    let storage = Storage::of(call)?;
    let outcome = run(&storage, u64::MAX)?;
    if outcome.holds_months {
        interlock::end_soon(&storage);
    }
    let moved = Some(datum::from_int8(outcome.moved.total() as i64));
    answer.push(&[moved, moved]);
    Ok(Answer::Nothing)
}

/// `CALL archive_audit_events()`.
pub fn procedure_call(call: &Call) -> Result<Answer, Error> {
    let procedure = Procedure::begin(call, IN_BLOCK)?;
    loop {
        let outcome = {
            let storage = Storage::of(call)?;
            let _owner = Acting::as_owner(storage.owner);
            run(&storage, STEP)?
        };
        procedure.commit();
        if !outcome.is_unfinished {
            return Ok(Answer::Nothing);
        }
    }
}

fn run(storage: &Storage, limit: u64) -> Result<Outcome, Error> {
    let now = clock::now();
    if !interlock::try_archive_run(storage) {
        return skip(storage, now, "another run of the archive is at work");
    }
    begin(storage, now);
    if !lock::with_patience(|| interlock::move_events_with_others(storage)) {
        return skip(storage, now, "an erasure or purge is at work");
    }
    forget_past_restores(storage, now)?;
    request::expire(storage)?;
    let outcome = move_all(storage, now, limit)?;
    for (workspace, tally) in outcome.moved.in_order() {
        let (authority, reason) = (RETENTION_POLICY.to_owned(), REASON.to_owned());
        log::write(
            storage,
            &Entry {
                at: now,
                workspace,
                authority,
                reason,
                tally: Some(tally),
                subject: None,
                ticket: None,
                is_irrevocable: false,
                list: None,
                kind: None,
                reach: Reach::default(),
                by: None,
            },
        )?;
    }
    let detail = (!outcome.left.is_empty()).then(|| outcome.left.join("; "));
    note(storage, now, "done", outcome.moved.total(), detail.as_deref())?;
    // Who waits for a month must not wait longer.
    if !outcome.holds_months {
        swap::swap_if_due(storage)?;
    }
    Ok(outcome)
}

fn move_all(storage: &Storage, now: Timestamp, limit: u64) -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    let mut progress = rows::Progress::begin(limit);
    let mut months = Vec::new();
    let latest = due::latest(storage, now);
    for leaf in leaves::of(storage, Tier::Hot).into_iter().filter(|leaf| leaf.lower() < latest) {
        let Some(workspaces) = survey(storage, &leaf, now) else {
            outcome.left.push(left_for_later(&leaf));
            continue;
        };
        for workspace in workspaces.iter().filter(|workspace| !workspace.has_policy && has_event(&leaf, workspace)) {
            default_row::ensure(storage, workspace.id);
        }
        if month::is_eligible(storage, &leaf, &workspaces, now) {
            months.push((leaf, workspaces));
            continue;
        }
        match rows::move_due(storage, &leaf, &workspaces, now, &mut progress, &mut outcome.moved)? {
            Progressed::ThroughAll => {}
            Progressed::UpToLimit => {
                outcome.is_unfinished = true;
                return Ok(outcome);
            }
            Progressed::InUse => outcome.left.push(left_for_later(&leaf)),
        }
    }
    change_sides(storage, months, now, limit, &mut outcome);
    Ok(outcome)
}

/// Whether a workspace has an event there other than system events. Those alone give a workspace no policy.
fn has_event(leaf: &TableLeaf, workspace: &Workspace) -> bool {
    let sql = format!(
        "SELECT FROM ONLY {} WHERE workspace_id = $1 AND NOT pg_catalog.starts_with(action_type, 'AUDIT_') LIMIT 1",
        leaf.name
    );
    spi::count_with(&sql, &[parameter::uuid(workspace.id)]) > 0
}

/// The workspaces of a partition. None if somebody else has locked it.
fn survey(storage: &Storage, leaf: &TableLeaf, now: Timestamp) -> Option<Vec<Workspace>> {
    let mut workspaces = Vec::new();
    lock::try_briefly(|| workspaces = if leaf.is_empty() { Vec::new() } else { due::survey(storage, leaf, now) })
        .then_some(workspaces)
}

/// All are counted before the first changes sides, for then everybody waits.
fn change_sides(
    storage: &Storage,
    months: Vec<(TableLeaf, Vec<Workspace>)>,
    now: Timestamp,
    limit: u64,
    outcome: &mut Outcome,
) {
    let are_quiet = month::keep_autovacuum_out(storage, months.iter().map(|(leaf, _)| leaf));
    let mut counted: Vec<month::Counted> = Vec::new();
    let mut total = outcome.moved.total();
    for ((leaf, workspaces), is_quiet) in months.into_iter().zip(are_quiet) {
        if total >= limit {
            outcome.is_unfinished = true;
            break;
        }
        let is_wanted = counted.iter().any(month::Counted::is_wanted);
        match (is_quiet && !is_wanted).then(|| month::count(storage, &leaf, &workspaces, &counted)).flatten() {
            Some(month) => {
                total += month.events.total();
                counted.push(month);
            }
            None => outcome.left.push(left_for_later(&leaf)),
        }
    }
    outcome.holds_months = !counted.is_empty();
    let changed = month::change_sides(storage, &counted, now);
    for (month, changed) in counted.into_iter().zip(changed) {
        match changed {
            true => outcome.moved.merge(month.events),
            false => outcome.left.push(left_for_later(&month.leaf)),
        }
    }
}

fn left_for_later(leaf: &TableLeaf) -> String {
    let left = format!("{} is in use and stays hot until the next run", leaf.name);
    raise::notice(left.clone());
    left
}

fn skip(storage: &Storage, now: Timestamp, why: &str) -> Result<Outcome, Error> {
    raise::notice(format!("nothing was archived: {why}"));
    note(storage, now, "skipped", 0, Some(why))?;
    Ok(Outcome::default())
}

fn begin(storage: &Storage, now: Timestamp) {
    let sequence = quote::literal(&storage.qualified(ARCHIVE_ATTEMPTS));
    spi::run(&format!("SELECT pg_catalog.setval({sequence}, {})", now.unix().unwrap_or_default()));
}

fn note(
    storage: &Storage,
    started_at: Timestamp,
    outcome: &str,
    count: u64,
    detail: Option<&str>,
) -> Result<(), Error> {
    let _permit = storage.writing(ARCHIVE_RUNS)?;
    let runs = storage.qualified(ARCHIVE_RUNS);
    spi::run(&format!("DELETE FROM {runs} WHERE started_at < now() - interval '{REMEMBERED}'"));
    spi::count_with(
        &format!("INSERT INTO {runs} (started_at, outcome, archived_count, detail) VALUES ($1, $2, $3, $4)"),
        &[
            parameter::time(started_at),
            parameter::text(outcome),
            parameter::count(count),
            parameter::text_or_null(detail),
        ],
    );
    Ok(())
}

fn forget_past_restores(storage: &Storage, now: Timestamp) -> Result<(), Error> {
    let _permit = storage.writing(RESTORED)?;
    let restored = storage.qualified(RESTORED);
    spi::count_with(&format!("DELETE FROM {restored} WHERE keep_hot_until <= $1"), &[parameter::time(now)]);
    Ok(())
}
