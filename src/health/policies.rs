//! Policies that contradict themselves or each other.

use audit_core::catalogue::POLICIES;
use audit_core::health::Finding;

use crate::pg::spi;
use crate::storage::Storage;

const CHECK: &str = "policies";

pub fn sound(storage: &Storage) -> Vec<Finding> {
    let sql = storage.fill(include_str!("../../sql/health/policies.sql"), &[]);
    let read = |row: spi::ResultRow| Some((row.text(1)?, row.text(2)?, row.text(3)?));
    let mut found = spi::rows(&sql, read);
    let is_any = format!("SELECT FROM {} WHERE offboarded_at IS NOT NULL LIMIT 1", storage.qualified(POLICIES));
    if spi::count(&is_any) > 0 {
        found.extend(spi::rows(&storage.fill(include_str!("../../sql/health/offboarded.sql"), &[]), read));
    }
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
