//! Policies that contradict themselves or each other.

use audit_core::health::Finding;

use crate::pg::spi;
use crate::storage::Storage;

const CHECK: &str = "policies";

pub fn sound(storage: &Storage) -> Vec<Finding> {
    let sql = storage.fill(include_str!("../../sql/health/policies.sql"), &[]);
    let found = spi::rows(&sql, |row| Some((row.text(1)?, row.text(2)?, row.text(3)?)));
    let findings: Vec<Finding> = found
        .into_iter()
        .flatten()
        .map(|(status, detail, hint)| match status.as_str() {
            "fail" => Finding::fail(CHECK, detail, hint),
            _ => Finding::warn(CHECK, detail, hint),
        })
        .collect();
    if findings.is_empty() { vec![Finding::ok(CHECK, "no policy contradicts another")] } else { findings }
}
