//! A policy is written: it tells when, and terms that would let events be purged earlier leave the former ones in force
//! for thirty days ([`super::terms`]). A first row is a change of the defaults, which held until then.

use pgrx::pg_sys::{Datum, HeapTuple};

use super::terms::{ArchiveBy, Protection, Terms};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::clock;
use crate::pg::trigger::{Operation, Trigger};
use crate::retention::appear;
use crate::storage::Storage;
use crate::turns;

/// `audit_policy_before_update()`: BEFORE INSERT OR UPDATE, for each row.
pub fn before_write(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call)?;
    let row = trigger.new_row();
    let is_update = trigger.operation() == Operation::Update;
    let standing = if is_update { trigger.old_row() } else { row };
    // A default that appears with the first event protects no more than none did.
    if let Some(workspace) = trigger.column_by_name(standing, "workspace_id").filter(|_| !appear::is_making_default()) {
        let storage = Storage::of(call)?;
        turns::protect(&storage, workspace)?;
    }
    let now = clock::now();
    let former = if is_update { terms(&trigger, trigger.old_row()) } else { Terms::DEFAULT };
    let protection = former.protection_after(&terms(&trigger, row), now);
    let mut values = vec![
        ("protected_until", protection.map(|protection| Datum::from(protection.until))),
        ("protected_days", protection.and_then(|protection| protection.days).map(Datum::from)),
    ];
    if is_update {
        values.push(("updated_at", Some(Datum::from(now))));
        let kept = ["workspace_id", "created_at"];
        values.extend(kept.map(|name| (name, trigger.column_by_name(trigger.old_row(), name))));
    }
    let changes: Vec<_> = values
        .into_iter()
        .filter_map(|(name, value)| trigger.column_number(name).map(|number| (number, value)))
        .collect();
    Ok(trigger.pass_with(row, &changes))
}

/// The terms in a row; a NULL that the table will refuse counts as the default.
fn terms(trigger: &Trigger, row: HeapTuple) -> Terms {
    let number = |name| trigger.column_by_name(row, name).map(|days| days.value() as i32);
    Terms {
        hot_days: number("hot_retention_days").unwrap_or(Terms::DEFAULT.hot_days),
        warm_days: number("warm_archive_days").unwrap_or(Terms::DEFAULT.warm_days),
        is_compliance_mode: trigger.column_by_name(row, "is_compliance_mode").is_some_and(|mode| mode.value() != 0),
        // Nothing here depends on it.
        archive_by: ArchiveBy::Event,
        protection: trigger
            .column_by_name(row, "protected_until")
            .map(|until| Protection { until: until.value() as i64, days: number("protected_days") }),
    }
}
