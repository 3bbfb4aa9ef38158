//! `audit_health()`: whether the trail is as it should be, one row per check, with what to do where it is not.
//!
//! A check reads, then assesses: what it assesses is plain data, so that this is tested without a server.

mod archive;
mod clock;
mod cold;
mod guards;
mod ids;
mod jobs;
mod keys;
pub mod metrics;
mod partitions;
mod policies;
mod seals;
mod signatures;
mod streams;

use audit_core::health::{Finding, Status};
use audit_core::report::IntoReport;

use crate::capture;
use crate::error::Error;
use crate::nodes;
use crate::pg::call::{Answer, Call};
use crate::pg::rows::Rows;
use crate::pg::subtransaction::{self, Failure};
use crate::pg::{datum, guc};
use crate::storage::{Storage, StorageError};

/// Whose trail a check can read: that of any release, or only one that is just as this library makes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    AnyRelease,
    ThisRelease,
}

type Check = fn(&Storage) -> Vec<Finding>;

/// One line for each: whose trail it can read, what it is called where it fails itself, and what finds.
const CHECKS: [(Of, &str, Check); 18] = [
    (Of::AnyRelease, "partitions_ahead", partitions::ahead),
    (Of::AnyRelease, "default_partition", partitions::default),
    (Of::AnyRelease, "archive_lag", archive::lag),
    (Of::AnyRelease, "archive_run", archive::last_run),
    (Of::AnyRelease, "scheduled_jobs", jobs::scheduled),
    (Of::AnyRelease, "clock", clock::reached),
    (Of::AnyRelease, "event_ids", ids::made_here),
    (Of::ThisRelease, "guards", guards::in_force),
    (Of::AnyRelease, "policies", policies::sound),
    (Of::ThisRelease, "tracked_tables", capture::health::of_all),
    (Of::ThisRelease, "seal_lag", seals::lag),
    (Of::ThisRelease, "seal_identity", seals::identity),
    (Of::ThisRelease, "seal_signatures", signatures::current),
    (Of::ThisRelease, "cold_objects", cold::objects),
    (Of::ThisRelease, "streams", streams::read),
    (Of::ThisRelease, "idempotency_keys", keys::forgotten),
    (Of::ThisRelease, "cluster", nodes::health::of_this_node),
    (Of::AnyRelease, "version", guards::version),
];

/// Longest time that a check waits for a lock: whoever watches asks for all of them every few seconds.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(250);

/// Runs a check apart from the others, which neither its failure nor a lock that somebody holds takes along.
fn apart<T>(check: impl FnOnce() -> T) -> Result<T, Failure> {
    subtransaction::outcome(|| {
        let _patience = guc::wait_for_locks_at_most(PATIENCE);
        check()
    })
}

/// What a check finds, or that it failed.
fn run(name: &'static str, check: impl FnOnce() -> Vec<Finding>) -> Vec<Finding> {
    apart(check).unwrap_or_else(|failure| {
        vec![match failure {
            Failure::LockTimeout => Finding::warn(
                name,
                "not checked: somebody locks what it looks at",
                "Ask again; if it stays so, pg_locks and pg_stat_activity show who holds an AccessExclusiveLock.",
            ),
            Failure::Error(error) => Finding::fail(
                name,
                format!("the check itself failed: {error}"),
                "What it looks at is not as the extension makes it: compare it with a backup, or call audit_setup() if something is missing.",
            ),
        }]
    })
}

/// `audit_health()`. Between a new package and ALTER EXTENSION … UPDATE the library meets the tables of an older release.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let mut rows = Rows::of(call)?;
    let text = |text: &str| Some(datum::from_text(text.as_bytes()));
    let mut tell = |finding: Finding| {
        let hint = finding.hint.as_deref().and_then(text);
        rows.push(&[text(finding.check), text(finding.status.name()), text(&finding.detail), hint]);
    };
    let storage = match Storage::of(call) {
        Err(split @ StorageError::Split { .. }) => {
            let report = split.report();
            tell(Finding::fail("storage", report.message, report.hint.unwrap_or_default()));
            return Ok(Answer::Nothing);
        }
        storage => storage?,
    };
    findings(&storage).for_each(tell);
    Ok(Answer::Nothing)
}

/// What all checks find that can read the trail as it is.
fn findings(storage: &Storage) -> impl Iterator<Item = Finding> {
    let is_this_release = guards::version(storage).iter().all(|finding| finding.status == Status::Ok);
    let checks = CHECKS.iter().filter(move |(of, ..)| is_this_release || *of == Of::AnyRelease);
    checks.flat_map(|(_, name, check)| run(name, || check(storage)))
}
