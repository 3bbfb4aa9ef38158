//! Whether changes of tracked tables are captured.

use super::Finding;
use crate::capture;
use crate::storage::Storage;

pub fn tracked(storage: &Storage) -> Vec<Finding> {
    const CHECK: &str = "tracked_tables";
    let findings: Vec<Finding> = capture::health::findings(storage)
        .into_iter()
        .map(|found| match found.status.as_str() {
            "warn" => Finding::warn(CHECK, found.detail, found.hint),
            _ => Finding::fail(CHECK, found.detail, found.hint),
        })
        .collect();
    if findings.is_empty() { vec![Finding::ok(CHECK, "all tracked tables are captured")] } else { findings }
}
