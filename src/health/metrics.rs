//! `audit_metrics()`: the figures of the trail, named as Prometheus names them.
//!
//! What the checks of `audit_health()` find comes first, each check once with its worst status. The figures come in groups, a query each, so that a
//! group which cannot be read takes no other along; how many there are of those is a figure too.

use audit_core::health::{self, Status};
use pgrx::pg_sys::INT8OID;

use super::{apart, findings};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::rows::Rows;
use crate::pg::spi::Parameter;
use crate::pg::{datum, parameter, spi};
use crate::storage::Storage;

/// Each gives metric, labels (no workspace, user or role among them), value, help.
const GROUPS: [&str; 7] = [
    include_str!("../../sql/health/metrics/last_success.sql"),
    include_str!("../../sql/health/metrics/partitions.sql"),
    include_str!("../../sql/health/metrics/requests.sql"),
    include_str!("../../sql/health/metrics/holds.sql"),
    include_str!("../../sql/health/metrics/cold.sql"),
    include_str!("../../sql/health/metrics/estimate.sql"),
    include_str!("../../sql/health/metrics/bytes.sql"),
];
const CHECKS: &str = include_str!("../../sql/health/metrics/checks.sql");
const LAST_FAILURE: &str = include_str!("../../sql/health/metrics/last_failure.sql");
const LAG: &str = include_str!("../../sql/health/metrics/lag.sql");
const FAILED: &str = include_str!("../../sql/health/metrics/failed.sql");

pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut figures = Figures { storage: &storage, rows: Rows::of(call)?, failed: 0 };
    let found: Vec<_> = findings(&storage).collect();
    let worst = health::worst(&found);
    let names = parameter::texts(worst.keys());
    let statuses = parameter::texts(worst.values().map(u8::to_string));
    figures.tell(CHECKS, &[names, statuses]);
    if worst.get("archive_run").is_some_and(|status| *status == Status::Fail as u8) {
        figures.tell(LAST_FAILURE, &[]);
    }
    match health::largest_measure(&found, "archive_lag") {
        Some(days) => figures.tell(LAG, &[(INT8OID, Some(datum::from_int8(days)))]),
        None => figures.failed += 1,
    }
    for group in GROUPS {
        figures.tell(group, &[]);
    }
    let failed = parameter::count(figures.failed);
    figures.tell(FAILED, &[failed]);
    Ok(Answer::Nothing)
}

/// What is told, and how many groups of it could not be read.
struct Figures<'a> {
    storage: &'a Storage,
    rows: Rows,
    failed: u64,
}

impl Figures<'_> {
    fn tell(&mut self, group: &str, parameters: &[Parameter]) {
        let sql = self.storage.fill(group, &[]);
        let kind = Some(datum::from_text(b"gauge"));
        let rows = &mut self.rows;
        // A row is kept when the whole query has run.
        let told = apart(|| {
            spi::rows_with(&sql, parameters, |row| {
                let [metric, labels, value, help] = [1, 2, 3, 4].map(|column| row.column(column));
                rows.push(&[metric, labels, value, kind, help]);
            })
        });
        self.failed += u64::from(told.is_err());
    }
}
