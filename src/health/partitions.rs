//! Whether there are partitions for the months ahead, and whether events wait in a default partition.

use std::collections::BTreeSet;

use audit_core::health::Finding;
use audit_core::month::Month;
use audit_core::partition_plan::{self, MONTHS_BACK};
use audit_core::tier::Tier;
use audit_core::time::Timestamp;

use crate::partition::maintain;
use crate::pg::{clock, parameter, spi};
use crate::storage::Storage;

const MAKE: &str = "Run create_monthly_audit_partition(), and every day: audit_schedule_jobs() sees to it.";

pub fn ahead(storage: &Storage) -> Vec<Finding> {
    let now = Month::of(clock::now());
    let of = |tier: Tier| assess_ahead(tier.table(), now, &maintain::existing_months(storage, tier));
    Tier::ALL.into_iter().map(of).collect()
}

fn assess_ahead(table: &str, now: Option<Month>, existing: &BTreeSet<Month>) -> Finding {
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
    let regular = partition_plan::oldest_regular(clock::now()).start();
    let count = |tier: Tier| {
        let name = tier.default_partition();
        let sql =
            storage.fill(include_str!("../../sql/health/in_default.sql"), &[("default", storage.qualified(&name))]);
        let bound = parameter::time(regular);
        let found = spi::rows_with(&sql, &[bound], |row| InDefault {
            recent: row.int8(1).unwrap_or(0),
            older: row.int8(2).unwrap_or(0),
            oldest: row.time(3),
            newest: row.time(4),
        });
        assess_default(&name, &found.into_iter().next().unwrap_or_default())
    };
    Tier::ALL.into_iter().flat_map(count).collect()
}

/// Events in a default partition: those whose months maintenance makes by itself, and those that are older, with their times.
#[derive(Default)]
struct InDefault {
    recent: i64,
    older: i64,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

fn assess_default(name: &str, found: &InDefault) -> Vec<Finding> {
    const CHECK: &str = "default_partition";
    let mut findings = Vec::new();
    if found.recent > 0 {
        findings.push(Finding::warn(
            CHECK,
            format!("{} events wait in {name} for the partition of their month", found.recent),
            "Run create_monthly_audit_partition(): it makes the months and moves the events.",
        ));
    }
    if found.older > 0 {
        let bound = |time: Option<Timestamp>| time.and_then(Month::of).map_or_else(String::new, Month::as_date);
        findings.push(Finding::warn(
            CHECK,
            format!("{} events of more than {MONTHS_BACK} months ago are in {name}", found.older),
            format!(
                "Everything works for them there. If they belong in the trail, the owner gives them their months: create_past_audit_partitions('{}', '{}').",
                bound(found.oldest),
                bound(found.newest)
            ),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, format!("{name} is empty")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;

    #[test]
    fn a_gap_in_the_months_ends_the_count() {
        let month = |number| Month::new(2026, number).unwrap();
        let status = |existing: &[i32]| {
            assess_ahead("t", Some(month(4)), &existing.iter().map(|number| month(*number)).collect()).status
        };
        assert_eq!(status(&[4, 5, 6]), Status::Ok);
        assert_eq!(status(&[4, 5]), Status::Warn);
        assert_eq!(status(&[4, 6, 7]), Status::Fail);
        assert_eq!(status(&[3, 5, 6]), Status::Fail);
    }

    #[test]
    fn strays_are_told() {
        assert_eq!(assess_default("d", &InDefault::default())[0].status, Status::Ok);
        let old = Month::new(1999, 5).map(Month::start);
        let both = assess_default("d", &InDefault { recent: 1, older: 2, oldest: old, newest: old });
        assert!(both.len() == 2 && both.iter().all(|finding| finding.status == Status::Warn));
        assert!(both[1].hint.as_ref().unwrap().contains("create_past_audit_partitions('1999-05-01', '1999-05-01')"));
    }
}
