//! `audit_capture_changes()`: the trigger on tracked tables.
//!
//! A table that stands alone is captured once per statement, from transition tables: Postgres keeps those on disk beyond
//! work_mem, so memory stays flat, and rows are read without being fetched again. If it has AFTER ROW triggers of its own, they
//! may change rows again before the statement ends; then all rows are captured at the first of them, so that events come in the
//! order of what was done. A table with parents or children is captured row by row, where the row is stored: a statement may
//! name any of them. [`super::sync`] decides which, and puts the triggers.
//!
//! The triggers are ENABLE ALWAYS: `session_replication_role = replica` hides nothing that a session does. What logical
//! replication applies was captured where it was done.

use std::cell::RefCell;

use pgrx::pg_sys::Oid;

use super::plan::Plan;
use super::record::{Change, Recorder};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::citus::Shard;
use crate::pg::expected::{Expected, On};
use crate::pg::fired::{Fired, Level, Operation, Timing};
use crate::pg::transaction::Stretch;
use crate::pg::transition::Transition;
use crate::pg::trigger::Trigger;
use crate::pg::{guc, relation};
use crate::record::batch::{self, Batch};
use crate::storage::Storage;

/// For each row, or for each statement with its rows in transition tables.
static CAPTURE: Expected = Expected {
    on: On::AnyTable,
    fired: {
        const CHANGES: [Operation; 3] = [Operation::Insert, Operation::Update, Operation::Delete];
        Fired::when(Timing::After, &CHANGES, Level::Row)
            .or(Fired::when(Timing::After, &CHANGES, Level::Statement))
            .or(Fired::when(Timing::After, &[Operation::Truncate], Level::Statement))
    },
    columns: &[],
};

pub fn call(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &CAPTURE)?;
    if trigger.operation() != Operation::Truncate && !trigger.is_given_rows() {
        return Err(trigger.misplaced().into());
    }
    if trigger.operation() != Operation::Truncate {
        forget_emptied(trigger.table());
    }
    if Trigger::is_applied_by_replication() {
        return Ok(Answer::Nothing);
    }
    let (old, new) = (Transition::before(&trigger), Transition::after(&trigger));
    // A statement that changed no row calls its triggers all the same; so does each row of a statement recorded before.
    let rows = old.iter().chain(&new).map(Transition::count).max().unwrap_or(0);
    if trigger.has_transition_tables() && rows == 0 {
        return Ok(Answer::Nothing);
    }
    let storage = Storage::of(call)?;
    let plan = Plan::of(&trigger)?;
    if plan.shard.is_some_and(|shard| is_told_elsewhere(shard, trigger.operation())) {
        return Ok(Answer::Nothing);
    }
    let _settings = plan.looks_at_settings.then(guc::exact_printing);
    let record = |batch: Option<&mut Batch>| {
        let recorder = Recorder::new(storage, &plan, batch);
        match trigger.operation() {
            Operation::Truncate => record_truncate(&recorder, &trigger),
            _ if trigger.has_transition_tables() => record_statement(&recorder, old, new),
            operation => record_row(&recorder, &trigger, operation),
        }
    };
    match rows > 1 {
        true => batch::store_together(|batch| record(Some(batch)))?,
        false => record(None)?,
    }
    Ok(Answer::Nothing)
}

/// What Citus does to all shards of a table, or to all copies, is told once: a TRUNCATE by the table, a row of a reference table by the first copy.
fn is_told_elsewhere(shard: Shard, operation: Operation) -> bool {
    operation == Operation::Truncate || !shard.tells_of_rows()
}

fn record_row(recorder: &Recorder, trigger: &Trigger, operation: Operation) -> Result<(), Error> {
    let (old, new) = (trigger.take_apart(trigger.old_row()), trigger.take_apart(trigger.new_row()));
    recorder.record(match operation {
        Operation::Insert => Change::Insert(new.row()),
        Operation::Update => Change::Update(old.row(), new.row()),
        _ => Change::Delete(old.row()),
    })
}

fn record_statement(recorder: &Recorder, old: Option<Transition>, new: Option<Transition>) -> Result<(), Error> {
    match (old, new) {
        // Both sides of an updated row are put into their tables at the same time, so they belong together by their place.
        (Some(mut old), Some(mut new)) if old.count() == new.count() => {
            while let (Some(old), Some(new)) = (old.next(), new.next()) {
                recorder.record(Change::Update(old, new))?;
            }
        }
        // A row that moved to another partition and was swallowed there: what is known is what went and what came.
        (mut old, mut new) => {
            while let Some(row) = old.as_mut().and_then(Transition::next) {
                recorder.record(Change::Delete(row))?;
            }
            while let Some(row) = new.as_mut().and_then(Transition::next) {
                recorder.record(Change::Insert(row))?;
            }
        }
    }
    Ok(())
}

/// Partitions that the running TRUNCATE of their parent empties: their own triggers fire after the parent's and have nothing to
/// add. A partition truncated by itself is not among them.
#[derive(Default)]
struct Emptied {
    partitions: Vec<Oid>,
    as_of: Stretch,
}

thread_local! {
    static EMPTIED: RefCell<Emptied> = RefCell::default();
}

/// A table that has had rows since is emptied by a statement of its own: where a TRUNCATE named a partition before its parent, the partition's trigger has fired
/// when the parent's does, and will not fire again.
fn forget_emptied(table: Oid) {
    EMPTIED.with_borrow_mut(|emptied| emptied.partitions.retain(|partition| *partition != table));
}

fn record_truncate(recorder: &Recorder, trigger: &Trigger) -> Result<(), Error> {
    let table = trigger.table();
    let told_by_parent = EMPTIED.with_borrow_mut(|emptied| {
        if !emptied.as_of.is_now() {
            *emptied = Emptied { partitions: Vec::new(), as_of: Stretch::now() };
        }
        let place = emptied.partitions.iter().position(|partition| *partition == table);
        if let Some(place) = place {
            emptied.partitions.swap_remove(place);
        } else if trigger.is_of_partitioned_table() {
            emptied.partitions.extend(relation::descendants(table));
        }
        place.is_some()
    });
    if told_by_parent {
        return Ok(());
    }
    let part = relation::has_parent(table).then(|| relation::qualified_name(table)).flatten();
    recorder.record_truncate(part.as_deref())
}
