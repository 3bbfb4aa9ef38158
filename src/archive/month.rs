//! Moves a whole month: the hot partition becomes a partition of the archive, and the archive's empty one becomes the hot partition. No row
//! is copied.
//!
//! The log needs the exact number of events per workspace. So the month is counted under a SHARE lock on its partition, which holds up only
//! those who write into that past month. As soon as one of them waits, the lock is released and the month is left for the next run.
//!
//! When all months are counted, both tables, their default partitions and the partitions of the months are locked exclusively for the few
//! catalog changes. This lock is asked for with many short attempts and lasts to the end of the transaction, so nothing is counted or moved
//! after it.

use audit_core::archive_due::{self, Workspace};
use audit_core::catalogue::RESTORED;
use audit_core::ids::WorkspaceId;
use audit_core::month::Month;
use audit_core::tally::{Tallies, Tally};
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::Oid;

use crate::interlock;
use crate::partition::ddl::{self, Partition};
use crate::partition::leaves::TableLeaf;
use crate::partition::maintain;
use crate::pg::internal_ddl::InternalDdl;
use crate::pg::lock::Patience;
use crate::pg::partitions::Leaf;
use crate::pg::relation::{self, AccessShareLock, Relation, ShareLock};
use crate::pg::{lock, parameter, snapshot, spi, subtransaction};
use crate::storage::Storage;

/// Pages that are counted between two looks at who is waiting: some milliseconds.
const PAGES: u32 = 2048;
/// Pages of a default partition that may be read while everybody waits: some milliseconds.
const DEFAULT_PAGES: u32 = 4096;

/// Whether the partition could be moved now, as far as that is known without a lock. A transaction with an old snapshot
/// cannot see newer events, so it moves rows instead.
pub fn is_eligible(storage: &Storage, leaf: &TableLeaf, workspaces: &[Workspace], now: Timestamp) -> bool {
    let Leaf::Month(part) = leaf.partition else { return false };
    !snapshot::is_fixed()
        && archive_due::is_whole_month_due(workspaces, part.upper)
        && twin(storage, leaf).is_some_and(|twin| is_empty(storage, &twin.name()))
        && is_out_of_the_way(storage, leaf, now)
}

fn twin(storage: &Storage, leaf: &TableLeaf) -> Option<Partition> {
    let Leaf::Month(part) = leaf.partition else { return None };
    let month = Month::of(part.lower)?;
    let hot = Partition { tier: Tier::Hot, month };
    let twin = Partition { tier: Tier::Archive, month };
    // Both must be what their names say.
    let is_ours = relation::find(storage.schema, &hot.name()) == Some(part.oid);
    (is_ours && relation::find(storage.schema, &twin.name()).is_some()).then_some(twin)
}

fn is_empty(storage: &Storage, table: &str) -> bool {
    spi::count(&format!("SELECT FROM ONLY {} LIMIT 1", storage.qualified(table))) == 0
}

/// No event of the month is to stay hot for a while, and none lies in a default partition, where ATTACH would find it. ATTACH reads all of that
/// while everybody waits, so it must be small.
fn is_out_of_the_way(storage: &Storage, leaf: &TableLeaf, now: Timestamp) -> bool {
    let Leaf::Month(part) = leaf.partition else { return false };
    let kept = format!(
        "SELECT FROM {} WHERE created_at >= $1 AND created_at < $2 AND keep_hot_until > $3 LIMIT 1",
        storage.qualified(RESTORED)
    );
    let times = [part.lower, part.upper, now].map(parameter::time);
    spi::count_with(&kept, &times) == 0
        && Tier::ALL.into_iter().all(|tier| has_none_of(storage, &tier.default_partition(), &times[..2]))
}

/// Whether a default partition is soon read through and holds no event between two times.
fn has_none_of(storage: &Storage, default: &str, times: &[spi::Parameter]) -> bool {
    let pages = relation::find(storage.schema, default)
        .and_then(|table| Relation::open(table, AccessShareLock))
        .map_or(0, |table| table.pages());
    let sql =
        format!("SELECT FROM ONLY {} WHERE created_at >= $1 AND created_at < $2 LIMIT 1", storage.qualified(default));
    pages <= DEFAULT_PAGES && spi::count_with(&sql, times) == 0
}

/// Keeps autovacuum out of what is locked when months change sides, because it would outlast every attempt: the default partitions, and both tables of each
/// month. None of the months may be locked against writers before this waited for all. Which months may change sides.
pub fn keep_autovacuum_out<'a>(storage: &Storage, months: impl Iterator<Item = &'a TableLeaf>) -> Vec<bool> {
    let tables_of = |leaf| {
        let twin = twin(storage, leaf).and_then(|twin| relation::find(storage.schema, &twin.name()));
        std::iter::once(leaf.oid()).chain(twin).collect()
    };
    let tables: Vec<Vec<Oid>> = months.map(tables_of).collect();
    let defaults: Vec<Oid> = maintain::defaults(storage).collect();
    // Otherwise autovacuum goes on to one table while another is waited for.
    for table in tables.iter().flatten().chain(&defaults) {
        lock::try_keep_vacuum_out(*table);
    }
    let patience = Patience::with_autovacuum();
    let keep_out = |tables: &Vec<Oid>| {
        if interlock::is_eraser_waiting(storage) {
            patience.end();
        }
        lock::keep_vacuum_out(tables, &patience)
    };
    let is_out_of_defaults = keep_out(&defaults);
    tables.iter().map(|tables| is_out_of_defaults && keep_out(tables)).collect()
}

/// A month that nobody can write into, with its events counted.
pub struct Counted {
    pub leaf: TableLeaf,
    pub events: Tallies,
    twin: Partition,
}

impl Counted {
    /// Whether somebody wants to write into it.
    pub fn is_wanted(&self) -> bool {
        Relation::open(self.leaf.oid(), ShareLock).is_none_or(|table| lock::has_waiters(&table))
    }
}

/// Counts the month while nobody can write into it, nor into those counted before; None when it has to be left to the next run.
pub fn count(storage: &Storage, leaf: &TableLeaf, workspaces: &[Workspace], before: &[Counted]) -> Option<Counted> {
    let twin = twin(storage, leaf).filter(|twin| !is_used_here(storage, leaf, twin))?;
    let mut counted = None;
    subtransaction::attempt(|| {
        counted = count_alone(storage, leaf, workspaces, before);
        counted.is_some()
    });
    counted.map(|events| Counted { leaf: leaf.clone(), events, twin })
}

/// Whether a cursor or a statement further out in this very session reads the tables: no lock stands in our way then, but
/// they cannot be altered.
fn is_used_here(storage: &Storage, leaf: &TableLeaf, twin: &Partition) -> bool {
    let twin = relation::find(storage.schema, &twin.name());
    [Some(storage.events), Some(storage.archive), Some(leaf.oid()), twin].into_iter().flatten().any(relation::is_in_use)
}

/// None when somebody wants to write into one of the months, or a workspace came in that does not agree.
fn count_alone(storage: &Storage, leaf: &TableLeaf, workspaces: &[Workspace], before: &[Counted]) -> Option<Tallies> {
    let lock = format!("LOCK TABLE ONLY {} IN SHARE MODE", leaf.name);
    if !lock::try_briefly(|| spi::run(&lock)) {
        return None;
    }
    let table = Relation::open(leaf.oid(), ShareLock)?;
    let mut tallies = Tallies::default();
    let sql = storage.fill(include_str!("../../sql/archive/count_pages.sql"), &[("leaf", leaf.name.clone())]);
    for first in (0..table.pages()).step_by(PAGES as usize) {
        let tid = |page: u32| parameter::text(&format!("({page},0)"));
        let counted = spi::rows_with(&sql, &[tid(first), tid(first.saturating_add(PAGES))], |row| {
            let tally = Tally { count: row.int8(2)? as u64, oldest: row.time(3)?, newest: row.time(4)? };
            Some((WorkspaceId(row.uuid(1)?), tally))
        });
        counted.into_iter().flatten().for_each(|(workspace, tally)| tallies.add(workspace, tally));
        if lock::has_waiters(&table) || before.iter().any(Counted::is_wanted) {
            return None;
        }
    }
    let agrees = |workspace: &WorkspaceId| workspaces.binary_search_by_key(workspace, |workspace| workspace.id).is_ok();
    tallies.0.keys().all(agrees).then_some(tallies)
}

/// Moves the months, and returns for each whether it was moved. From here to the end of the transaction nobody else reads or
/// writes the trail.
pub fn change_sides(storage: &Storage, months: &[Counted], now: Timestamp) -> Vec<bool> {
    let mut changed = Vec::new();
    if months.is_empty() {
        return changed;
    }
    let had_locks = lock::with_patience_unless(
        // A restore may hold a lock we ask for, and wait behind an eraser that waits for us.
        || months.iter().any(Counted::is_wanted) || interlock::is_eraser_waiting(storage),
        || {
            maintain::lock_against_everybody(storage);
            let change = |month: &Counted| {
                let may = is_empty(storage, &month.twin.name()) && is_out_of_the_way(storage, &month.leaf, now);
                if may {
                    let _internal = InternalDdl::begin();
                    ddl::exchange(storage, Partition { tier: Tier::Hot, ..month.twin }, month.twin);
                }
                may
            };
            changed = months.iter().map(change).collect();
        },
    );
    if had_locks { changed } else { vec![false; months.len()] }
}
