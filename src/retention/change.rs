//! Changes of policies. A change that would let events be purged earlier leaves the former terms in force for thirty days
//! ([`audit_core::retention`]). The first row of a workspace counts as a change of the defaults, which applied until then.

use audit_core::catalogue;
use audit_core::ids::WorkspaceId;
use audit_core::retention::{ArchiveBy, Protection, Terms};
use pgrx::pg_sys::{BOOLOID, INT4OID, Oid, TIMESTAMPTZOID, UUIDOID};

use crate::cluster::log;
use crate::error::Error;
use crate::interlock;
use crate::permit::{self, Purpose};
use crate::pg::call::{Answer, Call};
use crate::pg::datum::Datum;
use crate::pg::expected::{Expected, On};
use crate::pg::fired::{Fired, Level, Operation, Timing};
use crate::pg::misuse::Misuse;
use crate::pg::trigger::{Trigger, Tuple};
use crate::pg::{clock, datum};
use crate::policy::default_row;
use crate::storage::Storage;

static BEFORE_WRITE: Expected = Expected {
    on: On::Tables(catalogue::POLICY_BEFORE_WRITE),
    fired: Fired::when(Timing::Before, &[Operation::Insert, Operation::Update], Level::Row),
    columns: &[],
};

/// `audit_policy_before_update()`: for each row, BEFORE UPDATE and, in spite of the name, BEFORE INSERT.
pub fn before_write(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &BEFORE_WRITE)?;
    let row = trigger.new_row();
    // A row that another node made is as it is.
    if log::is_carrying() {
        return Ok(trigger.pass(row));
    }
    // The default row protects no more than none did, and off-boarding has its turn already.
    let is_ours = permit::admits(|purpose| purpose == Purpose::Configure { table: trigger.table() }).is_some();
    if !is_ours && !default_row::is_making_default() {
        take_turn(call, &trigger)?;
    }
    let mut changes = Vec::new();
    for (name, kind, value) in columns_of_ours(&trigger, is_ours)? {
        changes.extend(trigger.column_number(name, kind)?.map(|number| (number, value)));
    }
    Ok(trigger.pass_with(row, &changes))
}

/// Whoever protects events waits for those who remove events of the workspace, and keeps them out.
fn take_turn(call: &Call, trigger: &Trigger) -> Result<(), Error> {
    if let Some(workspace) = trigger.column(standing(trigger), "workspace_id", UUIDOID)? {
        let storage = Storage::of(call)?;
        log::enter(&storage)?;
        interlock::protect(&storage, WorkspaceId(datum::read_uuid(workspace)))?;
    }
    Ok(())
}

/// The row whose workspace counts: it stays what it is.
fn standing(trigger: &Trigger) -> Tuple<'_> {
    if trigger.operation() == Operation::Update { trigger.old_row() } else { trigger.new_row() }
}

type NamedValue<'a> = (&'static str, Oid, Option<Datum<'a>>);

/// What the row says in columns that nobody else sets.
fn columns_of_ours(trigger: &Trigger, is_offboarding: bool) -> Result<Vec<NamedValue<'_>>, Misuse> {
    let is_update = trigger.operation() == Operation::Update;
    let now = clock::now();
    let former = if is_update { terms(trigger, trigger.old_row())? } else { Terms::DEFAULT };
    let protection = former.protection_after(&terms(trigger, trigger.new_row())?, now);
    let mut columns = vec![
        ("protected_until", TIMESTAMPTZOID, protection.map(|protection| datum::from_time(protection.until))),
        ("protected_days", INT4OID, protection.and_then(|protection| protection.days).map(datum::from_int4)),
    ];
    if is_update {
        columns.push(("updated_at", TIMESTAMPTZOID, Some(datum::from_time(now))));
        for (name, kind) in [("workspace_id", UUIDOID), ("created_at", TIMESTAMPTZOID)] {
            columns.push((name, kind, trigger.column(trigger.old_row(), name, kind)?));
        }
    }
    if !is_offboarding && trigger.column_number("offboarded_at", TIMESTAMPTZOID)?.is_some() {
        // Nobody else says that a workspace is off-boarded, but a dump that is restored.
        let stays = is_update || Trigger::is_in_replica_role();
        let kept = if stays { trigger.column(standing(trigger), "offboarded_at", TIMESTAMPTZOID)? } else { None };
        columns.push(("offboarded_at", TIMESTAMPTZOID, kept));
    }
    Ok(columns)
}

/// The terms in a row; a NULL that the table will refuse counts as the default.
fn terms(trigger: &Trigger, row: Tuple) -> Result<Terms, Misuse> {
    let value = |name, kind| trigger.column(row, name, kind);
    let number = |name| Ok::<_, Misuse>(value(name, INT4OID)?.map(datum::read_int4));
    let protected_days = number("protected_days")?;
    Ok(Terms {
        hot_days: number("hot_retention_days")?.unwrap_or(Terms::DEFAULT.hot_days),
        warm_days: number("warm_archive_days")?.unwrap_or(Terms::DEFAULT.warm_days),
        cold_days: number("cold_retention_days")?,
        is_compliance_mode: value("is_compliance_mode", BOOLOID)?.is_some_and(datum::read_bool),
        // Nothing here depends on it.
        archive_by: ArchiveBy::Event,
        protection: value("protected_until", TIMESTAMPTZOID)?
            .map(|until| Protection { until: datum::read_time(until), days: protected_days }),
    })
}
