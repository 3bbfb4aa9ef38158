//! Whether archiving keeps up, and what became of the last run.

use audit_core::catalogue::{ARCHIVE_ATTEMPTS, ARCHIVE_RUNS};
use audit_core::health::Finding;
use audit_core::ids::WorkspaceId;
use audit_core::tier::Tier;
use audit_core::time::{Span, Timestamp};
use pgrx::pg_sys::{TIMESTAMPTZOID, UUIDOID};

use crate::archive::due;
use crate::interlock;
use crate::partition::leaves;
use crate::pg::{clock, datum, parameter, spi};
use crate::storage::Storage;

/// A daily run leaves an event that has become due in place for a day at most.
const WARN_AFTER: Span = Span::days(2);
const FAIL_AFTER: Span = Span::days(7);
/// Workspaces that are named one by one.
const NAMED: usize = 10;

/// It measures days, none while a daily run keeps up.
pub fn lag(storage: &Storage) -> Vec<Finding> {
    let now = clock::now();
    let mut lags = overdue(storage, now);
    lags.sort_unstable_by_key(|(workspace, lag)| (std::cmp::Reverse(*lag), *workspace));
    assess_lag(&lags)
}

/// Workspaces with events that have been due for longer than a daily run leaves them, and for how long.
fn overdue(storage: &Storage, now: Timestamp) -> Vec<(WorkspaceId, Span)> {
    let mut found: std::collections::HashMap<WorkspaceId, Span> = Default::default();
    let latest = due::latest(storage, now) - WARN_AFTER;
    for leaf in leaves::of(storage, Tier::Hot).into_iter().filter(|leaf| leaf.lower() < latest && !leaf.is_empty()) {
        let sql = storage.fill(include_str!("../../sql/health/oldest_due.sql"), &[("leaf", leaf.name.clone())]);
        let statement = spi::PreparedStatement::prepare(&sql, &[UUIDOID, TIMESTAMPTZOID]);
        for workspace in due::survey(storage, &leaf, now) {
            let before = workspace.archive_before - WARN_AFTER;
            let values = [Some(datum::from_uuid(&workspace.id.0)), Some(datum::from_time(before))];
            let oldest = statement.run(&values, |outcome| outcome.column(1).map(datum::read_time));
            if let Some(oldest) = oldest.filter(|_| leaf.lower() < before) {
                let lag = workspace.archive_before - oldest;
                found.entry(workspace.id).and_modify(|longest| *longest = lag.max(*longest)).or_insert(lag);
            }
        }
    }
    found.into_iter().collect()
}

/// The longest lags first.
fn assess_lag(lags: &[(WorkspaceId, Span)]) -> Vec<Finding> {
    const CHECK: &str = "archive_lag";
    const HINT: &str = "Run archive_old_audit_events(), or CALL archive_audit_events() for a large backlog.";
    let one = |(workspace, lag): &(WorkspaceId, Span)| {
        let detail = format!("workspace {workspace} has events that have been due for {} days", lag.whole_days());
        let is_long = *lag >= FAIL_AFTER;
        let finding = if is_long { Finding::fail(CHECK, detail, HINT) } else { Finding::warn(CHECK, detail, HINT) };
        finding.measuring(lag.whole_days())
    };
    match lags {
        [] => vec![Finding::ok(CHECK, "no event has been due for more than two days").measuring(0)],
        _ => {
            let mut findings: Vec<_> = lags.iter().take(NAMED).map(one).collect();
            if lags.len() > NAMED {
                findings.push(Finding::warn(
                    CHECK,
                    format!("and so have {} more workspaces", lags.len() - NAMED),
                    HINT,
                ));
            }
            findings
        }
    }
}

/// What is known of the runs.
struct Runs {
    begun: Option<Timestamp>,
    /// Whether the run that began last is noted as done or skipped. One that was skipped because that one was at work is
    /// noted later, and says nothing of it.
    has_ended: bool,
    /// Start, outcome, events, detail of the run that ended last.
    last: Option<(Timestamp, String, i64, Option<String>)>,
    is_running: bool,
    now: Timestamp,
}

pub fn last_run(storage: &Storage) -> Vec<Finding> {
    let attempts = format!("SELECT last_value FROM {} WHERE is_called", storage.qualified(ARCHIVE_ATTEMPTS));
    let begun = spi::find_row(&attempts, |row| row.int8(1));
    let begun = begun.map(Timestamp::from_unix);
    let ended = format!("SELECT FROM {} WHERE started_at = $1", storage.qualified(ARCHIVE_RUNS));
    let has_ended = begun.is_some_and(|begun| spi::count_with(&ended, &[parameter::time(begun)]) > 0);
    let runs = format!(
        "SELECT started_at, outcome, archived_count, detail FROM {} ORDER BY started_at DESC, finished_at DESC LIMIT 1",
        storage.qualified(ARCHIVE_RUNS)
    );
    let last = spi::find_row(&runs, |row| Some((row.time(1)?, row.text(2)?, row.int8(3)?, row.text(4))));
    vec![assess_run(&Runs {
        begun,
        has_ended,
        last,
        is_running: interlock::is_archive_running(storage),
        now: clock::now(),
    })]
}

fn assess_run(runs: &Runs) -> Finding {
    const CHECK: &str = "archive_run";
    match (runs.begun, &runs.last) {
        _ if runs.is_running => Finding::ok(CHECK, "a run is at work"),
        (Some(begun), _) if !runs.has_ended => Finding::fail(
            CHECK,
            format!("the run begun at {begun} failed, was cancelled or died; what it had moved was undone"),
            "The error is in the server's log, and in cron.job_run_details if pg_cron ran it; the next run carries on.",
        ),
        (_, None) => Finding::warn(CHECK, "the archive has never been run", "Schedule it with audit_schedule_jobs()."),
        (_, Some((started, outcome, ..))) if outcome == "skipped" => Finding::warn(
            CHECK,
            format!("the run of {started} was skipped: something else was at work"),
            "The next run carries on; if it happens every time, move the job to another hour.",
        ),
        (_, Some((started, _, _, _))) if runs.now - *started > WARN_AFTER => Finding::warn(
            CHECK,
            format!("the last run was at {started}"),
            "It should run every day: audit_schedule_jobs().",
        ),
        (_, Some((started, _, _, Some(detail)))) => {
            Finding::warn(CHECK, format!("the run of {started} left something: {detail}"), "The next run tries again.")
        }
        (_, Some((started, _, count, None))) => {
            Finding::ok(CHECK, format!("the run of {started} archived {count} events"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;

    fn day(day: i32) -> Timestamp {
        Timestamp::UNIX_EPOCH.plus_days(day)
    }

    fn runs(begun: Option<Timestamp>, last: Option<(Timestamp, &str, Option<&str>)>) -> Runs {
        let last = last.map(|(at, outcome, detail)| (at, outcome.to_owned(), 0, detail.map(str::to_owned)));
        let has_ended = begun.is_some() && begun == last.as_ref().map(|(started, ..)| *started);
        Runs { begun, has_ended, last, is_running: false, now: day(10) }
    }

    #[test]
    fn a_beginning_without_an_end_is_a_failure() {
        let yesterday = day(9);
        assert_eq!(assess_run(&runs(Some(yesterday), Some((yesterday, "done", None)))).status, Status::Ok);
        assert_eq!(
            assess_run(&runs(Some(yesterday + Span::MICROSECOND), Some((yesterday, "done", None)))).status,
            Status::Fail
        );
        let skipped_meanwhile = runs(Some(yesterday), Some((yesterday + Span::MICROSECOND, "skipped", None)));
        assert_eq!(assess_run(&skipped_meanwhile).status, Status::Fail, "the one it was skipped for died");
        assert_eq!(assess_run(&runs(Some(yesterday), None)).status, Status::Fail);
        let at_work = Runs { is_running: true, ..runs(Some(yesterday), None) };
        assert_eq!(assess_run(&at_work).status, Status::Ok);
    }

    #[test]
    fn old_skipped_and_incomplete_runs_are_warned_of() {
        for last in [(day(9), "skipped", Some("why")), (day(7), "done", None), (day(9), "done", Some("a month"))] {
            assert_eq!(assess_run(&runs(Some(last.0), Some(last))).status, Status::Warn, "{last:?}");
        }
        assert_eq!(assess_run(&runs(None, None)).status, Status::Warn);
    }

    #[test]
    fn lags_are_named_and_counted() {
        assert_eq!(assess_lag(&[])[0].status, Status::Ok);
        let lags: Vec<_> =
            (0..12).map(|n| (WorkspaceId(uuid::Uuid::from_u128(n)), Span::days((9 - n as i64).max(3)))).collect();
        let findings = assess_lag(&lags);
        assert_eq!(findings.len(), NAMED + 1);
        assert_eq!((findings[0].status, findings[3].status), (Status::Fail, Status::Warn));
        assert!(findings[NAMED].detail.contains("2 more"));
    }
}
