//! Whether changes of tracked tables are captured.

use super::{Finding, Status};
use crate::capture;
use crate::storage::Storage;

pub fn tracked(storage: &Storage) -> Vec<Finding> {
    const CHECK: &str = "tracked_tables";
    let mut findings: Vec<Finding> = capture::health::findings(storage)
        .into_iter()
        .map(|found| match found.status.as_str() {
            "note" => Finding::ok(CHECK, found.detail),
            "warn" => Finding::warn(CHECK, found.detail, found.hint),
            _ => Finding::fail(CHECK, found.detail, found.hint),
        })
        .collect();
    if findings.iter().all(|finding| finding.status == Status::Ok) {
        findings.push(Finding::ok(CHECK, "all tracked tables are captured"));
    }
    findings
}
