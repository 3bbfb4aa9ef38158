//! Months ahead, and events that wait in a default partition.

use std::collections::BTreeSet;

use super::Finding;
use crate::partition::month::Month;
use crate::partition::{Table, maintain};
use crate::pg::{clock, spi};
use crate::storage::Storage;

const MAKE: &str = "Run create_monthly_audit_partition(), and every month: audit_schedule_jobs() sees to it.";

pub fn ahead(storage: &Storage) -> Vec<Finding> {
    let now = Month::of(clock::now());
    let of = |table: Table| judge_ahead(table.name(), now, &maintain::existing_months(storage, table));
    Table::BOTH.into_iter().map(of).collect()
}

fn judge_ahead(table: &str, now: Option<Month>, existing: &BTreeSet<Month>) -> Finding {
    const CHECK: &str = "partitions_ahead";
    let months = (0..).map_while(|n| now?.plus(n).filter(|month| existing.contains(month))).count();
    match months {
        0 => Finding::fail(CHECK, format!("{table} has no partition for this month"), MAKE),
        1 => Finding::fail(CHECK, format!("{table} has no partition for next month"), MAKE),
        2 => Finding::warn(CHECK, format!("{table} has partitions for one month ahead"), MAKE),
        _ => Finding::ok(CHECK, format!("{table} has partitions for {} months ahead", months - 1)),
    }
}

pub fn default(storage: &Storage) -> Vec<Finding> {
    let count = |table: Table| {
        let name = table.default_partition();
        let sql = format!("SELECT count(*) FROM ONLY {}", storage.qualified(&name));
        let rows = spi::rows(&sql, |row| row.int8(1)).into_iter().flatten().next().unwrap_or(0);
        judge_default(&name, rows)
    };
    Table::BOTH.into_iter().map(count).collect()
}

fn judge_default(name: &str, rows: i64) -> Finding {
    const CHECK: &str = "default_partition";
    match rows {
        0 => Finding::ok(CHECK, format!("{name} is empty")),
        _ => Finding::warn(
            CHECK,
            format!("{rows} events wait in {name} for the partition of their month"),
            "Run create_monthly_audit_partition(): it makes the months and moves the events.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_gap_in_the_months_ends_the_count() {
        let month = |number| Month::new(2026, number).unwrap();
        let status = |existing: &[i32]| {
            judge_ahead("t", Some(month(4)), &existing.iter().map(|number| month(*number)).collect()).status
        };
        assert_eq!(status(&[4, 5, 6]), Status::Ok);
        assert_eq!(status(&[4, 5]), Status::Warn);
        assert_eq!(status(&[4, 6, 7]), Status::Fail);
        assert_eq!(status(&[3, 5, 6]), Status::Fail);
    }

    #[test]
    fn strays_are_told() {
        assert_eq!(judge_default("d", 0).status, Status::Ok);
        assert_eq!(judge_default("d", 1).status, Status::Warn);
    }
}
