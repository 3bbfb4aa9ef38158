//! A whole month changes sides: the hot partition becomes the archive's and the archive's empty one becomes the hot
//! table's. No row is copied or touched.
//!
//! The log wants the number of events per workspace, exactly. So the month is counted under a SHARE lock on its partition
//! alone, which keeps writers into that past month out, and nobody else; as soon as one of them waits, the lock is given up
//! and the month is left to the next run. With the count done, both parents, their default partitions and the two partitions are
//! locked exclusively, for the moment the catalog takes; that lock is asked for with patience and lasts to the end of the
//! transaction, which is why months come last in a run.

use pgrx::pg_sys;
use uuid::Uuid;

use super::due::{self, Tenant};
use super::time;
use crate::conservation::{Tallies, Tally};
use crate::error::Error;
use crate::partition::ddl::{self, Partition};
use crate::partition::leaves::TableLeaf;
use crate::partition::month::Month;
use crate::partition::{Table, maintain};
use crate::pg::relation::{self, Relation, ShareLock};
use crate::pg::{lock, spi, subtransaction};
use crate::storage::{RESTORED, Storage};

/// Pages that are counted between two looks at who is waiting: some milliseconds.
const PAGES: u32 = 2048;

/// Whether the partition could change sides now, as far as can be told without a lock.
pub fn is_eligible(storage: &Storage, leaf: &TableLeaf, tenants: &[Tenant], now: i64) -> bool {
    !leaf.is_default
        && due::is_whole_month_due(tenants, leaf.upper)
        && twin(storage, leaf).is_some_and(|twin| is_empty(storage, &twin.name()))
        && is_out_of_the_way(storage, leaf, now)
}

fn twin(storage: &Storage, leaf: &TableLeaf) -> Option<Partition> {
    let month = Month::of(leaf.lower)?;
    let hot = Partition { table: Table::Events, month };
    let twin = Partition { table: Table::Archive, month };
    // Both must be what their names say.
    let is_ours = relation::find(storage.schema, &hot.name()) == Some(leaf.oid);
    (is_ours && relation::find(storage.schema, &twin.name()).is_some()).then_some(twin)
}

fn is_empty(storage: &Storage, table: &str) -> bool {
    spi::count(&format!("SELECT FROM ONLY {} LIMIT 1", storage.qualified(table))) == 0
}

/// No event of the month is to stay hot for a while, and none lies in a default partition, where ATTACH would find it.
fn is_out_of_the_way(storage: &Storage, leaf: &TableLeaf, now: i64) -> bool {
    let kept = format!(
        "SELECT FROM {} WHERE created_at >= $1 AND created_at < $2 AND keep_hot_until > $3 LIMIT 1",
        storage.qualified(RESTORED)
    );
    let times = [leaf.lower, leaf.upper, now].map(|at| (pg_sys::TIMESTAMPTZOID, time(at)));
    spi::count_with(&kept, &times) == 0
        && Table::BOTH.into_iter().all(|table| is_empty(storage, &table.default_partition()))
}

/// Lets the month change sides and gives what moved; None when it has to be left to the next run.
pub fn change_sides(
    storage: &Storage,
    leaf: &TableLeaf,
    tenants: &[Tenant],
    now: i64,
) -> Result<Option<Tallies>, Error> {
    let Some(twin) = twin(storage, leaf) else { return Ok(None) };
    let mut moved = Ok(None);
    subtransaction::attempt(|| {
        moved = count_alone(storage, leaf, tenants).and_then(|counted| match counted {
            Some(tallies) if exchange(storage, leaf, twin, now)? => Ok(Some(tallies)),
            _ => Ok(None),
        });
        matches!(moved, Ok(Some(_)))
    });
    moved
}

/// Counts the month while nobody can write into it; None when somebody wants to, or a workspace came in that does not agree.
fn count_alone(storage: &Storage, leaf: &TableLeaf, tenants: &[Tenant]) -> Result<Option<Tallies>, Error> {
    let lock = format!("LOCK TABLE ONLY {} IN SHARE MODE", leaf.name);
    if !lock::try_briefly(|| spi::run(&lock)) {
        return Ok(None);
    }
    let Some(table) = Relation::open(leaf.oid, ShareLock) else { return Ok(None) };
    let mut tallies = Tallies::default();
    let sql = storage.fill(include_str!("../../sql/archive/count_pages.sql"), &[("leaf", leaf.name.clone())]);
    for first in (0..table.pages()).step_by(PAGES as usize) {
        let tid = |page: u32| (pg_sys::TEXTOID, Some(crate::pg::datum::from_text(format!("({page},0)").as_bytes())));
        let counted = spi::rows_with(&sql, &[tid(first), tid(first.saturating_add(PAGES))], |row| {
            let tally = Tally { count: row.int8(2)? as u64, oldest: row.time(3)?, newest: row.time(4)? };
            Some((row.uuid(1)?, tally))
        });
        counted.into_iter().flatten().for_each(|(workspace, tally)| tallies.add(workspace, tally));
        if lock::has_waiters(&table) {
            return Ok(None);
        }
    }
    let agrees = |workspace: &Uuid| tenants.binary_search_by_key(workspace, |tenant| tenant.workspace).is_ok();
    Ok(tallies.0.keys().all(agrees).then_some(tallies))
}

/// The two partitions of the month change places, under the strong locks.
fn exchange(storage: &Storage, leaf: &TableLeaf, twin: Partition, now: i64) -> Result<bool, Error> {
    let hot = Partition { table: Table::Events, ..twin };
    let mut is_done = false;
    let had_locks = lock::with_patience_unless(
        || Relation::open(leaf.oid, ShareLock).is_none_or(|table| lock::has_waiters(&table)),
        || {
            maintain::lock_against_everybody(storage);
            is_done = is_empty(storage, &twin.name()) && is_out_of_the_way(storage, leaf, now);
            if is_done {
                ddl::exchange(storage, hot, twin);
            }
        },
    );
    Ok(had_locks && is_done)
}
