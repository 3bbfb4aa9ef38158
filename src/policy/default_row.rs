//! Inserts the default policy of a workspace with its first event.
//!
//! Writers never wait for it. The lock is taken only if it is free, and nobody can take it from SQL; whoever does not get it leaves the row
//! to the other writer or to the workspace's next event. A row that another transaction is inserting counts as there. If somebody has
//! locked the table, the row is left for later too. Until the row is there, the defaults apply.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use audit_core::catalogue::{CONFIGURATION_CHANGED, POLICIES, POLICY_BEFORE_WRITE};
use audit_core::ids::WorkspaceId;
use pgrx::pg_sys::{BOOLOID, INT4OID, TEXTOID, TIMESTAMPTZOID, UUIDOID};

use crate::cached::Cached;
use crate::direct::{self, Triggers};
use crate::pg::datum::Datum;
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::leaf_insert::CompiledLeaf;
use crate::pg::record::Record;
use crate::pg::relation::{AccessShareLock, Relation, RowExclusiveLock};
use crate::pg::role::Acting;
use crate::pg::scope::Told;
use crate::pg::shape::Named;
use crate::pg::snapshot::Snapshot;
use crate::pg::spi::PreparedStatement;
use crate::pg::{callbacks, clock, datum, lock, parameter, spi};
use crate::policy::Policy;
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
    /// None: by the statement, because something of somebody else is attached to the table, or its defaults are others.
    static DIRECT: Cached<Option<CompiledLeaf>> = const { Cached::nothing() };
}

/// All columns of the table.
static ROW: [Named; 15] = [
    Named::needed("workspace_id", UUIDOID),
    Named::needed("hot_retention_days", INT4OID),
    Named::needed("warm_archive_days", INT4OID),
    Named::needed("cold_retention_days", INT4OID),
    Named::needed("is_compliance_mode", BOOLOID),
    Named::needed("compliance_reason", TEXTOID),
    Named::needed("created_at", TIMESTAMPTZOID),
    Named::needed("updated_at", TIMESTAMPTZOID),
    Named::needed("requires_approval", BOOLOID),
    Named::needed("archive_by", TEXTOID),
    Named::needed("approval_expiry_days", INT4OID),
    Named::needed("cooling_off_days", INT4OID),
    Named::needed("protected_until", TIMESTAMPTZOID),
    Named::needed("protected_days", INT4OID),
    Named::needed("offboarded_at", TIMESTAMPTZOID),
];

/// The defaults of the table, as PostgreSQL prints them; [`default_of`] gives the same.
const DEFAULTS: &str = "hot_retention_days 90, warm_archive_days 365, is_compliance_mode false, created_at clock_timestamp(), \
     updated_at clock_timestamp(), requires_approval false, archive_by 'event'::text, approval_expiry_days 30, cooling_off_days 0";

/// They let a default row pass as it is.
const OURS: Triggers =
    &[("audit_policy_before_insert", POLICY_BEFORE_WRITE, None), (CONFIGURATION_CHANGED, CONFIGURATION_CHANGED, None)];

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
    let is_there = match has_policy(storage, workspace) {
        Presence::Committed => true,
        // A row that is given up again would be left behind by each event.
        Presence::Underway => false,
        Presence::Missing => {
            lock::try_object(storage.essential(POLICIES), bucket(workspace)) && make_policy(storage, workspace)
        }
    };
    if is_there {
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

/// Under the lock: inserts it, unless it is there by now.
fn make_policy(storage: &Storage, workspace: WorkspaceId) -> bool {
    // The statement would wait for this lock.
    let Some(table) = Relation::try_open(storage.essential(POLICIES), RowExclusiveLock) else { return false };
    // Whoever got a lock may have been told of a change just now.
    let direct = (!storage.is_stale()).then(|| storage.known_or(&DIRECT, || compile(storage, &table)));
    match direct.as_deref() {
        Some(Some(leaf)) => leaf.store_unless_taken(&table, &default_of(workspace)),
        _ => make_by_statement(storage, workspace),
    }
}

/// The row goes past the statement where that would run nothing but what is ours, and give it the values that we give it.
fn compile(storage: &Storage, table: &Relation) -> Option<CompiledLeaf> {
    let defaults = || {
        let sql = include_str!("../../sql/retention/defaults.sql");
        spi::find_row_with(sql, &[parameter::oid(table.oid())], |row| row.text(1))
    };
    let suits = direct::suits(storage, None, table, OURS, &ROW) && defaults().as_deref() == Some(DEFAULTS);
    suits.then(|| CompiledLeaf::compile(table, &ROW, |_, _| false)).flatten()
}

/// What a workspace is kept by that nobody has said anything about.
fn default_of(workspace: WorkspaceId) -> Record<'static, { ROW.len() }> {
    let Policy { terms, requires_approval, approval_expiry_days, cooling_off_days } = Policy::DEFAULT;
    let now = datum::from_time(clock::now());
    let values: [(i16, Datum); 10] = [
        (1, datum::from_uuid(&workspace.0)),
        (2, datum::from_int4(terms.hot_days)),
        (3, datum::from_int4(terms.warm_days)),
        (5, datum::from_bool(terms.is_compliance_mode)),
        (7, now),
        (8, now),
        (9, datum::from_bool(requires_approval)),
        (10, datum::from_text(b"event")),
        (11, datum::from_int4(approval_expiry_days)),
        (12, datum::from_int4(cooling_off_days)),
    ];
    let mut row = Record::empty(&ROW);
    values.into_iter().for_each(|(column, value)| row.set(column, Some(value)));
    row
}

fn make_by_statement(storage: &Storage, workspace: WorkspaceId) -> bool {
    match has_policy(storage, workspace) {
        Presence::Committed => true,
        Presence::Underway => false,
        Presence::Missing => {
            let _owner = Acting::as_owner(storage.owner);
            let statement = storage.known_or(&INSERT, || {
                PreparedStatement::prepare(
                    &format!(
                        "INSERT INTO {} (workspace_id) VALUES ($1) ON CONFLICT DO NOTHING",
                        storage.qualified(POLICIES)
                    ),
                    &[UUIDOID],
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
