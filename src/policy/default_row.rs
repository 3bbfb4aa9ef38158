//! Inserts the default policy of a workspace with its first event.
//!
//! Writers never wait for it. The lock is taken only if it is free, and nobody can take it from SQL; whoever does not get it leaves the row
//! to the other writer or to the workspace's next event. A row that another transaction is inserting counts as there. If somebody has
//! locked the table, the row is left for later too. Until the row is there, the defaults apply.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use audit_core::catalogue::POLICIES;
use audit_core::ids::WorkspaceId;
use pgrx::pg_sys::UUIDOID;

use crate::cached::Cached;
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::relation::{AccessShareLock, Relation, RowExclusiveLock};
use crate::pg::role::Acting;
use crate::pg::scope::Told;
use crate::pg::shape::Named;
use crate::pg::snapshot::Snapshot;
use crate::pg::spi::PreparedStatement;
use crate::pg::{callbacks, datum, lock};
use crate::storage::Storage;

/// Locks on policies that are being made, over all backends at most this many: a bulk load of a million workspaces must
/// not fill the lock table.
const LOCKS: u32 = 256;
/// Workspaces a backend remembers; then it starts anew.
const REMEMBERED: usize = 10_000;

/// Workspaces whose policy is known to be there, as long as neither a rollback nor a catalog change came between.
#[derive(Default)]
struct Known {
    workspaces: HashSet<WorkspaceId>,
    as_of: (u64, u64),
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
    static INSERT: Cached<PreparedStatement> = const { Cached::nothing() };
}

fn generation() -> (u64, u64) {
    (callbacks::rollback_generation(), callbacks::catalog_generation())
}

/// Inserts the workspace's policy row, unless it exists or somebody else is inserting it.
pub fn ensure(storage: &Storage, workspace: WorkspaceId) {
    let known = KNOWN.with_borrow_mut(|known| {
        if known.as_of != generation() || known.workspaces.len() >= REMEMBERED {
            known.workspaces.clear();
            known.as_of = generation();
        }
        known.workspaces.contains(&workspace)
    });
    if known {
        return;
    }
    if has_policy(storage, workspace) == Presence::Committed
        || (lock::try_object(storage.essential(POLICIES), bucket(workspace)) && make_policy(storage, workspace))
    {
        KNOWN.with_borrow_mut(|known| known.workspaces.insert(workspace));
    }
}

fn bucket(workspace: WorkspaceId) -> u32 {
    (workspace.0.as_u128() % u128::from(LOCKS)) as u32
}

#[derive(PartialEq, Eq)]
enum Presence {
    Missing,
    /// Another transaction is inserting it, or has locked the table.
    Underway,
    Committed,
}

static SHAPE: [Named; 1] = [Named::needed("workspace_id", UUIDOID)];

fn has_policy(storage: &Storage, workspace: WorkspaceId) -> Presence {
    let Some(policies) = Relation::try_open(storage.essential(POLICIES), AccessShareLock) else {
        return Presence::Underway;
    };
    let Some(index) = policies.primary_key() else { return Presence::Missing };
    let keys = [IndexKey::UuidIs(1, workspace.0)];
    let scan = IndexScan::begin(policies, index, &SHAPE, &keys, Direction::Ascending, Snapshot::dirty());
    // No event is refused for the sake of a policy.
    let Ok(mut scan) = scan else { return Presence::Underway };
    match scan.advance() {
        false => Presence::Missing,
        true if scan.is_unfinished() => Presence::Underway,
        true => Presence::Committed,
    }
}

/// Under the lock: looks again, then inserts.
fn make_policy(storage: &Storage, workspace: WorkspaceId) -> bool {
    match has_policy(storage, workspace) {
        Presence::Committed => true,
        Presence::Underway => false,
        // The statement would wait for this lock.
        Presence::Missing if Relation::try_open(storage.essential(POLICIES), RowExclusiveLock).is_none() => false,
        Presence::Missing => {
            let _owner = Acting::as_owner(storage.owner);
            let statement = storage.known_or(&INSERT, || {
                PreparedStatement::prepare(
                    &format!(
                        "INSERT INTO {} (workspace_id) VALUES ($1) ON CONFLICT DO NOTHING",
                        storage.qualified(POLICIES)
                    ),
                    &[pgrx::pg_sys::UUIDOID],
                )
            });
            let _default = Told::to_triggers(&MAKING_DEFAULT, ());
            statement.run(&[Some(datum::from_uuid(&workspace.0))], |_| true)
        }
    }
}

thread_local! {
    /// Set while the default row is inserted, which is no change by anybody.
    static MAKING_DEFAULT: Cell<Option<Told<()>>> = const { Cell::new(None) };
}

/// Asked by the trigger that records changes.
pub fn is_making_default() -> bool {
    Told::to_me(&MAKING_DEFAULT).is_some()
}
