//! `audit_health()`: whether the trail is as it should be, one row per check, with what to do where it is not.
//!
//! A check reads, then assesses: what it assesses is plain data, so that this is tested without a server.

mod archive;
mod clock;
mod guards;
mod ids;
mod jobs;
mod partitions;
mod policies;

use audit_core::health::{Finding, Status};
use audit_core::report::IntoReport;

use crate::capture;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum;
use crate::pg::rows::Rows;
use crate::storage::{Storage, StorageError};

/// Whose trail a check can read: that of any release, or only one that is just as this library makes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    AnyRelease,
    ThisRelease,
}

type Check = fn(&Storage) -> Vec<Finding>;

const CHECKS: [(Of, Check); 11] = [
    (Of::AnyRelease, partitions::ahead),
    (Of::AnyRelease, partitions::default),
    (Of::AnyRelease, archive::lag),
    (Of::AnyRelease, archive::last_run),
    (Of::AnyRelease, jobs::scheduled),
    (Of::AnyRelease, clock::reached),
    (Of::AnyRelease, ids::made_here),
    (Of::ThisRelease, guards::in_force),
    (Of::AnyRelease, policies::sound),
    (Of::ThisRelease, capture::health::of_all),
    (Of::AnyRelease, guards::version),
];

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
    let is_this_release = guards::version(&storage).iter().all(|finding| finding.status == Status::Ok);
    let checks = CHECKS.iter().filter(|(of, _)| is_this_release || *of == Of::AnyRelease);
    checks.flat_map(|(_, check)| check(&storage)).for_each(tell);
    Ok(Answer::Nothing)
}
