//! `create_monthly_audit_partition()`: months ahead of time, and a month for every stray in the default partition.
//!
//! Who waits for whom. Two runs exclude each other (SHARE UPDATE EXCLUSIVE on the parents, which no writer or reader
//! conflicts with). A partition is built aside and attached, which locks the parent no stronger than that, and the default
//! partition exclusively, for a moment.
//!
//! For a month that lies ahead this is all. For a month whose events may already be on their way to the default
//! partition it is not enough: an INSERT chooses its partition before it waits for the partition's lock, and one that chose
//! the default would be refused once the month has its own. Likewise a SELECT lists the partitions before it waits for their
//! locks: one that listed the default alone would find its rows gone and not know of the month. So rows are first moved
//! without a strong lock (uncommitted, so that everybody still sees each event exactly once), then, for the few that came
//! in meanwhile and for the attachment, newcomers are held back at the parent, before they look at its partitions.
//!
//! Strong locks are asked for with a short timeout and patience; if they cannot be had, nothing of that part is done, the
//! rows stay in the default partition, where they are found as ever, and the next run tries again.

use std::collections::BTreeSet;

use super::Table;
use super::ddl::{self, Partition};
use super::month::Month;
use super::plan::plan;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::own_ddl::OwnDdl;
use crate::pg::partitions::Partitions;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::rows::Rows;
use crate::pg::{clock, datum, lock, raise, relation, spi, subtransaction};
use crate::storage::Storage;

const MONTHS_AHEAD: std::ops::RangeInclusive<i32> = 0..=120;

/// `create_monthly_audit_partition(p_months_ahead)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let months_ahead = call.int4(0).filter(|n| MONTHS_AHEAD.contains(n)).ok_or_else(|| Error::Argument {
        name: "p_months_ahead",
        problem: format!("must be between {} and {}", MONTHS_AHEAD.start(), MONTHS_AHEAD.end()),
        hint: "3 is a good choice when the function runs every month.".to_owned(),
    })?;
    for name in ensure_months(&storage, months_ahead)? {
        rows.push(&[Some(datum::from_text(name.as_bytes()))]);
    }
    Ok(Answer::Nothing)
}

/// Makes what is missing and gives the names of what it made.
pub fn ensure_months(storage: &Storage, months_ahead: i32) -> Result<Vec<String>, Error> {
    let _own = OwnDdl::begin();
    let mut made = Vec::new();
    for table in Table::BOTH {
        exclude_other_runs(storage, table)?;
        let existing = existing_months(storage, table);
        let in_default: BTreeSet<Month> = ddl::months_in_default(storage, table).into_iter().collect();
        let plan = plan(clock::now(), months_ahead, &existing, &in_default);
        let of_table = |months: Vec<Month>| months.into_iter().map(move |month| Partition { table, month }).collect();
        for (partitions, gently) in [(of_table(plan.ahead), true), (of_table(plan.current), false)] {
            made.extend(make(storage, table, partitions, gently)?);
        }
    }
    Ok(made)
}

fn exclude_other_runs(storage: &Storage, table: Table) -> Result<(), Error> {
    let sql = format!("LOCK TABLE ONLY {} IN SHARE UPDATE EXCLUSIVE MODE", storage.qualified(table.name()));
    match lock::with_patience(|| spi::run(&sql)) {
        true => Ok(()),
        false => Err(Error::MaintenanceBusy { what: "partition maintenance" }),
    }
}

fn existing_months(storage: &Storage, table: Table) -> BTreeSet<Month> {
    let oid = match table {
        Table::Events => storage.events,
        Table::Archive => storage.archive,
    };
    Relation::open(oid, AccessShareLock)
        .map(|parent| Partitions::of(&parent).newest_first().filter_map(|leaf| Month::of(leaf.lower)).collect())
        .unwrap_or_default()
}

/// Makes the partitions of one table, all or none; none, with a warning, when the locks cannot be had.
fn make(storage: &Storage, table: Table, partitions: Vec<Partition>, gently: bool) -> Result<Vec<String>, Error> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let mut outcome = Ok(());
    let mut drained = 0;
    let done = subtransaction::attempt(|| {
        outcome = build(storage, &partitions, gently, &mut drained);
        outcome.is_ok() && {
            let mut rest = Ok(0);
            let attached = lock::with_patience(|| rest = attach(storage, table, &partitions, gently));
            outcome = rest.map(|rows| drained += rows);
            attached && outcome.is_ok()
        }
    });
    outcome?;
    if !done {
        raise::warn(&Error::MaintenanceBusy { what: "making the partitions of past months" }.report());
        return Ok(Vec::new());
    }
    if drained > 0 {
        raise::notice(format!("{drained} events moved from {} to their months", table.default_partition()));
    }
    Ok(partitions.into_iter().map(Partition::name).collect())
}

/// What can be done without a strong lock.
fn build(storage: &Storage, partitions: &[Partition], gently: bool, moved: &mut u64) -> Result<(), Error> {
    for partition in partitions {
        partition.create(storage)?;
        if !gently {
            *moved += partition.fill_from_default(storage)?;
        }
    }
    Ok(())
}

/// What needs one: gives the number of rows that came in meanwhile.
fn attach(storage: &Storage, table: Table, partitions: &[Partition], gently: bool) -> Result<u64, Error> {
    let mut moved = 0;
    if !gently {
        spi::run(&format!("LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE MODE", storage.qualified(table.name())));
    }
    spi::run(&format!("LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE MODE", storage.qualified(&table.default_partition())));
    for partition in partitions {
        if !gently {
            moved += partition.fill_from_default(storage)?;
        }
        partition.attach(storage);
    }
    relation::tell_changed(storage.events);
    Ok(moved)
}
