//! Finds reasons why changes of tracked tables are not captured.

use audit_core::catalogue::CAPTURE;
use audit_core::health::{Finding, Status};

use super::sync;
use crate::pg::role::Acting;
use crate::pg::{citus, parameter, spi};
use crate::storage::Storage;

const CHECK: &str = "tracked_tables";

/// Nothing when all tracked tables are captured as they should be. A failure: changes may go unrecorded; a warning: they are recorded otherwise
/// than was asked for; what is well is good to know.
pub fn findings(storage: &Storage) -> Vec<Finding> {
    let _owner = Acting::as_owner(storage.owner);
    let sql = storage.fill(include_str!("../../sql/capture/health.sql"), &[]);
    let event_triggers = parameter::texts(CAPTURE.iter().map(|trigger| trigger.name));
    let read = |row: spi::ResultRow| {
        Some(Finding::new(CHECK, Status::named(&row.text(1)?), row.text(2)?, row.text(3).unwrap_or_default()))
    };
    let mut findings: Vec<Finding> = spi::rows_with(&sql, &[event_triggers], read).into_iter().flatten().collect();
    findings.append(&mut on_this_node());
    for table in sync::outdated(storage) {
        if !findings.iter().any(|known| known.status == Status::Fail && known.detail.starts_with(&format!("{table}: ")))
        {
            findings.push(Finding::fail(
                CHECK,
                format!(
                    "{table}: the capture triggers of the table, a partition or a child are not those that it needs now"
                ),
                "Call audit_setup(): it makes them anew.",
            ));
        }
    }
    findings
}

/// Whether the shards of tracked tables on this node of a Citus cluster have the triggers that their tables have on the coordinator.
fn on_this_node() -> Vec<Finding> {
    match citus::lacking_triggers() {
        Ok(tables) => tables
            .into_iter()
            .map(|table| {
                Finding::fail(
                    CHECK,
                    format!("{table}: a capture trigger that the coordinator has is missing or disabled"),
                    "Call audit_setup() on the coordinator: it puts the triggers of distributed tables back on all nodes.",
                )
            })
            .collect(),
        Err(reason) => vec![Finding::fail(
            CHECK,
            format!("shards of tracked tables cannot be compared with their tables: {reason}"),
            "See to it that the coordinator answers, and that it has audit_ext.",
        )],
    }
}

/// The same, and a word where all is well.
pub fn of_all(storage: &Storage) -> Vec<Finding> {
    let mut findings = findings(storage);
    if findings.iter().all(|finding| finding.status == Status::Ok) {
        findings.push(Finding::ok(CHECK, "all tracked tables are captured"));
    }
    findings
}
