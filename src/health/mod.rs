//! `audit_health()`: whether the trail is as it should be, one row per check, with what to do where it is not.
//!
//! Checks read and judge; what is judged is plain data, so the judgements are tested without a server.

mod archive;
mod capture;
mod guards;
mod jobs;
mod partitions;
mod policies;

use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum;
use crate::pg::rows::Rows;
use crate::storage::Storage;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Ok,
    Warn,
    Fail,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Fail => "fail",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check: &'static str,
    pub status: Status,
    pub detail: String,
    /// What to do; nothing where all is well.
    pub hint: Option<String>,
}

impl Finding {
    pub fn ok(check: &'static str, detail: impl Into<String>) -> Finding {
        Finding { check, status: Status::Ok, detail: detail.into(), hint: None }
    }

    pub fn warn(check: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Finding {
        Finding { check, status: Status::Warn, detail: detail.into(), hint: Some(hint.into()) }
    }

    pub fn fail(check: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Finding {
        Finding { check, status: Status::Fail, detail: detail.into(), hint: Some(hint.into()) }
    }
}

const CHECKS: [fn(&Storage) -> Vec<Finding>; 9] = [
    partitions::ahead,
    partitions::default,
    archive::lag,
    archive::last_run,
    jobs::scheduled,
    guards::in_force,
    policies::sound,
    capture::tracked,
    guards::version,
];

/// `audit_health()`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    for finding in CHECKS.iter().flat_map(|check| check(&storage)) {
        let text = |text: &str| Some(datum::from_text(text.as_bytes()));
        let hint = finding.hint.as_deref().and_then(text);
        rows.push(&[text(finding.check), text(finding.status.name()), text(&finding.detail), hint]);
    }
    Ok(Answer::Nothing)
}
