//! `create_monthly_audit_partition()` makes the months ahead, and those of the last twelve months whose events are in a default partition.
//! `create_past_audit_partitions()` makes older months, for the owner.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use audit_core::argument::Argument;
use audit_core::month::Month;
use audit_core::partition_plan::{Wish, plan};
use audit_core::tier::Tier;

use super::ddl::{self, Partition};
use super::indexes;
pub use super::locks::{defaults, exclude_other_runs, keep_autovacuum_out, lock_exclusively};
use crate::error::Error;
use crate::interlock::{self, Contention};
use crate::permit::Breach;
use crate::pg::call::{Answer, Call};
use crate::pg::internal_ddl::InternalDdl;
use crate::pg::partitions::Partitions;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::rows::Rows;
use crate::pg::{clock, datum, lock, raise, relation, subtransaction};
use crate::record::idempotency::swap;
use crate::storage::Storage;

/// How long locks are asked for while an eraser waits for this transaction. The eraser would give up after deadlock_timeout, one second by default.
const BESIDE_ERASER: Duration = Duration::from_millis(200);
const MONTHS_AHEAD: std::ops::RangeInclusive<i32> = 0..=120;

/// `create_monthly_audit_partition(p_months_ahead)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let months_ahead = call.int4(0).filter(|n| MONTHS_AHEAD.contains(n)).ok_or_else(|| {
        Argument::new("p_months_ahead")
            .problem(format!("must be between {} and {}", MONTHS_AHEAD.start(), MONTHS_AHEAD.end()))
            .hint("3 is a good choice; let the function run every day.")
    })?;
    let made = ensure_months(&storage, &Wish::regular(clock::now(), months_ahead))?;
    // The locks of months that were made are strong: nobody waits for an index behind them. The next run builds it.
    if !made.is_empty() || indexes::build_wanted(&storage) {
        interlock::end_soon(&storage);
    }
    if made.is_empty() {
        swap::swap_if_due(&storage)?;
    }
    for name in made {
        rows.push(&[Some(datum::from_text(name.as_bytes()))]);
    }
    Ok(Answer::Nothing)
}

/// `create_past_audit_partitions(p_from, p_until)`.
pub fn past_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let (from, until) = (month_argument(call, 0, "p_from")?, month_argument(call, 1, "p_until")?);
    if from > until {
        return Err(Argument::new("p_until")
            .problem("must not be before p_from")
            .hint("Both months are made, and those between them.")
            .into());
    }
    for name in ensure_months(&storage, &Wish { anyway: Vec::new(), strays: from..=until })? {
        rows.push(&[Some(datum::from_text(name.as_bytes()))]);
    }
    Ok(Answer::Nothing)
}

fn month_argument(call: &Call, argument: usize, name: &'static str) -> Result<Month, Argument> {
    let month = call.date(argument).and_then(Month::of);
    month.ok_or(
        Argument::new(name)
            .problem("must be a date from 1970 to 9998")
            .hint("Any day of the month will do; audit_health() tells which months wait."),
    )
}

/// A partition that is to be made.
#[derive(Clone, Copy)]
struct WantedPartition {
    partition: Partition,
    /// It is in the future and has no rows, so it holds up others only at the default partition.
    gently: bool,
}

/// Makes what is missing and gives the names of what it made.
pub fn ensure_months(storage: &Storage, wish: &Wish) -> Result<Vec<String>, Error> {
    let _internal = InternalDdl::begin();
    exclude_other_runs(storage)?;
    let mut wanted = Vec::new();
    // An event of a hot month must find its month in the archive.
    let mut hot_months = BTreeSet::new();
    for tier in Tier::ALL {
        let existing = existing_months(storage, tier);
        let in_default: BTreeSet<Month> = ddl::months_in_default(storage, tier, &wish.strays).into_iter().collect();
        let plan = plan(clock::now(), wish, &existing, &in_default, &hot_months);
        hot_months = existing.into_iter().chain(plan.ahead.iter().chain(&plan.current).copied()).collect();
        for (months, gently) in [(plan.ahead, true), (plan.current, false)] {
            wanted.extend(
                months.into_iter().map(|month| WantedPartition { partition: Partition { tier, month }, gently }),
            );
        }
    }
    match make(storage, &wanted)? {
        true => {}
        // Whoever keeps past months from being made may let those ahead pass.
        false if wanted.iter().any(|wanted| wanted.gently) => {
            wanted.retain(|wanted| wanted.gently);
            if !make(storage, &wanted)? {
                wanted.clear();
            }
        }
        false => wanted.clear(),
    }
    Ok(wanted.into_iter().map(|wanted| wanted.partition.name()).collect())
}

pub fn existing_months(storage: &Storage, tier: Tier) -> BTreeSet<Month> {
    Relation::open(storage.table(tier), AccessShareLock)
        .map(|parent| Partitions::of(&parent).newest_first().filter_map(|leaf| Month::of(leaf.lower)).collect())
        .unwrap_or_default()
}

/// Events that moved, by the table they are of.
#[derive(Default)]
struct Drained([u64; 2]);

impl Drained {
    fn add(&mut self, partition: Partition, events: u64) {
        self.0[partition.tier as usize] += events;
    }
}

/// Makes these partitions, all or none; none, with a warning, when the locks cannot be had.
///
/// The strong locks of both tables are taken at once and last: they stay to the end of the transaction, so nothing may be moved
/// or waited for once they are there. Waiting for one while holding another would make writers wait, or deadlock.
fn make(storage: &Storage, wanted: &[WantedPartition]) -> Result<bool, Error> {
    if wanted.is_empty() {
        return Ok(true);
    }
    let mut outcome = Ok(());
    let mut drained = Drained::default();
    let done = subtransaction::attempt(|| {
        // Before rows are moved, which would be in vain.
        if !keep_autovacuum_out(defaults(storage)) {
            return false;
        }
        outcome = build(storage, wanted, &mut drained);
        outcome.is_ok() && {
            let mut rest = Ok(Drained::default());
            // An eraser that has read the trail in its transaction holds a lock we ask for, and waits for us.
            let begun = Instant::now();
            let is_in_the_way = || begun.elapsed() > BESIDE_ERASER && interlock::is_eraser_waiting(storage);
            let attached = lock::with_patience_unless(is_in_the_way, || rest = attach(storage, wanted));
            outcome = rest.map(|rest| (0..2).for_each(|tier| drained.0[tier] += rest.0[tier])).map_err(Error::from);
            attached && outcome.is_ok()
        }
    });
    outcome?;
    if !done {
        let what = if wanted.iter().all(|wanted| wanted.gently) {
            "making the partitions of months ahead"
        } else {
            "making the partitions of past months"
        };
        raise::warn(&Contention::Lock { what });
        return Ok(false);
    }
    for tier in Tier::ALL.into_iter().filter(|tier| drained.0[*tier as usize] > 0) {
        let (events, default) = (drained.0[tier as usize], tier.default_partition());
        raise::notice(format!("{events} events moved from {default} to their months"));
    }
    Ok(true)
}

/// The part that needs no strong lock.
fn build(storage: &Storage, wanted: &[WantedPartition], drained: &mut Drained) -> Result<(), Error> {
    for WantedPartition { partition, .. } in wanted {
        partition.create(storage)?;
    }
    Ok(fill(storage, wanted, drained)?)
}

/// Moves the events of these months that are in a default partition. Which months have any is asked once, not for each of hundreds.
fn fill(storage: &Storage, wanted: &[WantedPartition], drained: &mut Drained) -> Result<(), Breach> {
    let of = |tier: Tier| wanted.iter().filter(move |wanted| !wanted.gently && wanted.partition.tier == tier);
    for tier in Tier::ALL {
        let months = || of(tier).map(|wanted| wanted.partition.month);
        let Some((first, last)) = months().min().zip(months().max()) else { continue };
        let in_default = ddl::months_in_default(storage, tier, &(first..=last));
        for WantedPartition { partition, .. } in of(tier).filter(|wanted| in_default.contains(&wanted.partition.month))
        {
            drained.add(*partition, partition.fill_from_default(storage)?);
        }
    }
    Ok(())
}

/// From here to the end of the transaction nobody else reads or writes the trail.
pub fn lock_against_everybody(storage: &Storage) {
    let parents = Tier::ALL.map(|tier| tier.table().to_owned());
    let defaults = Tier::ALL.map(Tier::default_partition);
    parents.iter().chain(&defaults).for_each(|name| lock_exclusively(&storage.qualified(name)));
}

/// The part that needs a strong lock. Returns how many rows came in meanwhile.
fn attach(storage: &Storage, wanted: &[WantedPartition]) -> Result<Drained, Breach> {
    let of = |tier: Tier| wanted.iter().filter(move |wanted| wanted.partition.tier == tier);
    let parents = Tier::ALL.into_iter().filter(|tier| of(*tier).any(|wanted| !wanted.gently));
    let defaults = Tier::ALL.into_iter().filter(|tier| of(*tier).next().is_some()).map(Tier::default_partition);
    for name in parents.map(|tier| tier.table().to_owned()).chain(defaults) {
        lock_exclusively(&storage.qualified(&name));
    }
    let mut drained = Drained::default();
    fill(storage, wanted, &mut drained)?;
    wanted.iter().for_each(|wanted| wanted.partition.attach(storage));
    relation::tell_changed(storage.events);
    Ok(drained)
}
