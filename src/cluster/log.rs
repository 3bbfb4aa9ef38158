//! The log of the cluster: what concerns all nodes, in one order. A reference table, so Citus stores a row on all nodes or on none, in one distributed transaction.
//!
//! The trigger of the table carries a row out where it is stored ([`crate::nodes`]). On the node of the client the deed is done already, in the same transaction; there
//! the row is marked only. Whatever raises on a node fails the call of the client.

use std::cell::Cell;

use audit_core::catalogue::{CLUSTER_APPLIED, CLUSTER_LOG};
use pgrx::pg_sys::{INT8OID, SubTransactionId};
use serde_json::Value;
use uuid::Uuid;

use super::Removed;
use super::author::Author;
use super::error::ClusterError;
use crate::error::Error;
use crate::pg::callbacks::Hooks;
use crate::pg::role::Acting;
use crate::pg::scope::{Scoped, Told};
use crate::pg::{citus, clock, datum, parameter, raised, role, spi, subtransaction, transaction};
use crate::storage::Storage;

/// The newest place in a log of which this node has no copy: later than all that it has carried out.
const UNKNOWN: i64 = i64::MAX;

/// The transaction that appended last, in which of its savepoints it began to, and the first place that it took.
#[derive(Clone, Copy)]
struct Appended {
    transaction: u32,
    savepoint: SubTransactionId,
    first: i64,
}

thread_local! {
    static APPENDED: Cell<Option<Appended>> = const { Cell::new(None) };
    /// The row that is being stored tells what this transaction did: what it removed, if that is what it did.
    static TELLING: Cell<Option<Told<Option<Removed>>>> = const { Cell::new(None) };
    /// The row was stored on the other nodes long ago.
    static LATE: Cell<Option<Told<()>>> = const { Cell::new(None) };
    /// Rows of configuration are not told of: what makes them is.
    static UNTOLD: Cell<Option<Told<()>>> = const { Cell::new(None) };
    static MARKING: Cell<Option<Told<()>>> = const { Cell::new(None) };
    /// Rows of configuration are stored as another node made them.
    static CARRYING: Cell<Option<Told<()>>> = const { Cell::new(None) };
}

/// Asked by the trigger of the log: is the row one of this transaction, and what did that remove?
pub fn told_here() -> Option<Option<Removed>> {
    Told::to_me(&TELLING)
}

/// Asked by the trigger of the log: does this node only get now what others have?
pub fn is_late() -> bool {
    Told::to_me(&LATE).is_some()
}

/// For the statement that stores such a row.
pub fn late() -> Scoped<Option<Told<()>>> {
    Told::to_triggers(&LATE, ())
}

/// Asked by the triggers of configuration: is the row one that another node made?
pub fn is_carrying() -> bool {
    Told::to_me(&CARRYING).is_some()
}

/// For the statements that store such rows.
pub fn carrying() -> Scoped<Option<Told<()>>> {
    Told::to_triggers(&CARRYING, ())
}

/// Asked before a row of configuration is told: does each node make it for itself?
pub fn is_untold() -> bool {
    Told::to_me(&UNTOLD).is_some()
}

/// For statements that make such rows.
pub fn untold() -> Scoped<Option<Told<()>>> {
    Told::to_triggers(&UNTOLD, ())
}

/// Asked by the guard of the table of what was carried out.
pub fn is_marking() -> bool {
    Told::to_me(&MARKING).is_some()
}

/// Notes that this node has carried out a row.
pub fn mark(storage: &Storage, ordinal: i64, id: Uuid, removed: Option<Removed>) {
    let _owner = Acting::as_owner(storage.owner);
    let _marking = Told::to_triggers(&MARKING, ());
    let sql = format!(
        "INSERT INTO {} (ordinal, log_id, deletion_log_id, event_count) VALUES ($1, $2, $3, $4)",
        storage.qualified(CLUSTER_APPLIED)
    );
    let values = [
        parameter::int8(ordinal),
        parameter::uuid(id),
        parameter::uuid(removed.map(|removed| removed.entry)),
        (INT8OID, removed.map(|removed| datum::from_int8(removed.count as i64))),
    ];
    spi::count_with(&sql, &values);
}

/// For whoever is about to do what concerns all nodes: takes the lock of the log before any other, as all do, so that two of them on two nodes do not wait for each other.
/// Nothing where nodes do not act as one.
pub fn enter(storage: &Storage) -> Result<(), ClusterError> {
    if super::is_enabled(storage) {
        demand_trusted(storage)?;
        lock(storage);
    }
    Ok(())
}

pub const HOOKS: Hooks = Hooks { rolled_back_to, released, ..Hooks::NONE };

/// A savepoint was rolled back, and with it the rows that were appended since.
fn rolled_back_to(savepoint: SubTransactionId) {
    APPENDED.set(APPENDED.get().filter(|appended| appended.savepoint < savepoint));
}

fn released(savepoint: SubTransactionId, parent: SubTransactionId) {
    let hand_over = |appended: Appended| match appended.savepoint == savepoint {
        true => Appended { savepoint: parent, ..appended },
        false => appended,
    };
    APPENDED.set(APPENDED.get().map(hand_over));
}

/// Keeps other nodes and sessions from the log until the end of the transaction.
pub fn lock(storage: &Storage) {
    let _everywhere = citus::on_all_nodes();
    let _owner = Acting::as_owner(storage.owner);
    spi::run(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", storage.qualified(CLUSTER_LOG)));
}

fn newest_in(storage: &Storage, table: &str) -> i64 {
    let _owner = Acting::as_owner(storage.owner);
    spi::find_row_as_committed(&format!("SELECT max(ordinal) FROM {table}"), &[], |row| row.int8(1)).unwrap_or(0)
}

/// The newest row that other nodes can know of, too: not one of this transaction.
pub fn newest_elsewhere(storage: &Storage) -> i64 {
    let newest = newest(storage);
    match APPENDED.get() {
        Some(appended) if transaction::id_if_any() == appended.transaction => newest.min(appended.first - 1),
        _ => newest,
    }
}

/// The newest place in this node's copy of the log. Not to be asked from within its own trigger: Citus runs what is done on a shard apart.
pub fn newest(storage: &Storage) -> i64 {
    match super::own_copy(storage, CLUSTER_LOG) {
        Some(copy) => newest_in(storage, &copy),
        None => UNKNOWN,
    }
}

/// The newest place that this node has carried out. It has all before it, too.
pub fn newest_applied(storage: &Storage) -> i64 {
    newest_in(storage, &storage.qualified(CLUSTER_APPLIED))
}

/// Refuses what needs this node to have carried out all rows up to a place, which others know of.
pub fn demand_applied(storage: &Storage, ordinal: i64) -> Result<(), ClusterError> {
    match ordinal - newest_applied(storage) {
        rows @ 1.. => Err(ClusterError::Behind { node: format!("of group {}", citus::group()), rows }),
        _ => Ok(()),
    }
}

/// Whether this node has a copy of the log. One that has joined has none until it has caught up for the first time.
pub fn has_copy(storage: &Storage) -> bool {
    super::own_copy(storage, CLUSTER_LOG).is_some()
}

/// How many rows this node has not carried out; without a copy of the log nobody knows, and it is the largest number.
pub fn open_rows(storage: &Storage) -> i64 {
    (newest(storage) - newest_applied(storage)).max(0)
}

/// Refuses what may not be done while this node has rows to carry out.
pub fn demand_all_applied(storage: &Storage) -> Result<(), ClusterError> {
    match open_rows(storage) {
        0 => Ok(()),
        _ if !has_copy(storage) => Err(ClusterError::NoCopy { node: format!("of group {}", citus::group()) }),
        rows => Err(ClusterError::Behind { node: format!("this one (group {})", citus::group()), rows }),
    }
}

/// Refuses what concerns all nodes to whoever is not trusted as the owner is. Citus opens the connections to other nodes as the owner, and what it sends there first is
/// whatever SET LOCAL the session has run: whoever chooses that acts as the owner there.
pub fn demand_trusted(storage: &Storage) -> Result<(), ClusterError> {
    let users = [role::session_user(), role::outer_user()];
    match users.into_iter().find(|user| !role::has_rights_of(*user, storage.owner)) {
        Some(user) => Err(ClusterError::NotTrusted { role: role::name(user), owner: role::name(storage.owner) }),
        None => Ok(()),
    }
}

/// Refuses what some node would not be told of: one that has joined has no copy of the log until it has caught up for the first time.
fn demand_copies(storage: &Storage) -> Result<(), ClusterError> {
    let without = citus::without_copy(storage.oid(CLUSTER_LOG).unwrap_or(pgrx::pg_sys::InvalidOid));
    match without.first() {
        Some(node) => Err(ClusterError::NoCopy { node: node.name() }),
        None => Ok(()),
    }
}

/// Tells all nodes what this transaction did. They do it, or this raises. `expected`: how many events each must remove, by its group.
pub fn append(
    storage: &Storage,
    verb: &str,
    arguments: &Value,
    expected: Option<Value>,
    removed: Option<Removed>,
) -> Result<(), Error> {
    demand_trusted(storage)?;
    lock(storage);
    demand_all_applied(storage)?;
    demand_copies(storage)?;
    let by = Author::acting();
    let _owner = Acting::as_owner(storage.owner);
    let _here = citus::executing_here();
    let _telling = Told::to_triggers(&TELLING, removed);
    let sql = format!(
        "INSERT INTO {} (id, ordinal, verb, arguments, expected, acting_user_id, session_role, outer_role, origin_group, at) \
         VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7, $8, $9, $10)",
        storage.qualified(CLUSTER_LOG)
    );
    let ordinal = newest(storage).saturating_add(1);
    if APPENDED.get().is_none_or(|appended| appended.transaction != transaction::id()) {
        APPENDED.set(Some(Appended {
            transaction: transaction::id(),
            savepoint: subtransaction::current(),
            first: ordinal,
        }));
    }
    let values = [
        parameter::uuid(super::new_id()),
        parameter::int8(ordinal),
        parameter::text(verb),
        parameter::text(&arguments.to_string()),
        parameter::text_or_null(expected.map(|expected| expected.to_string()).as_deref()),
        parameter::uuid(by.user),
        parameter::text(&by.session_user),
        parameter::text(&by.role),
        parameter::int4(citus::group()),
        parameter::time(clock::now()),
    ];
    // This node's copy is old: others have a row in this place.
    match raised::catch(|| spi::count_with(&sql, &values)) {
        Err(raised) if raised.sqlstate() == "23505" => {
            return Err(ClusterError::Behind { node: format!("this one (group {})", citus::group()), rows: 1 }.into());
        }
        Err(raised) => raised.raise(),
        Ok(_) => {}
    }
    // Its trigger has marked the row here, or somebody took the trigger away.
    demand_all_applied(storage)?;
    Ok(())
}
