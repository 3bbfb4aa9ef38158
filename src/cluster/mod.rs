//! Nodes of a Citus cluster that act as one, once `audit_cluster_enable()` was called.
//!
//! Each node has a whole trail of its own. What concerns all of them is one row of the [`log`], a reference table: Citus stores the row on every node or on none, and its
//! trigger carries the deed out where it is stored. A change of configuration is told as the row that it made ([`row`]). An erasure or purge is done again on each node,
//! which must take as many events as it said before ([`removal`]). [`crate::nodes`] is what the other nodes do.

pub mod author;
pub mod error;
pub mod log;
pub mod node;
pub mod removal;
pub mod row;

use audit_core::catalogue::{CARRY_OUT, CLUSTER_LOG, CLUSTER_NODES};
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use uuid::Uuid;

use crate::pg::call::{Answer, Call};
use crate::pg::{catalog, citus, datum, raise, relation, scan, spi};
use crate::storage::Storage;

/// Events that were removed, and the entry of the deletion log that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    pub count: u64,
    pub entry: Uuid,
}

impl Removed {
    /// As the record (deleted_count, deletion_log_id).
    pub fn answer(&self, call: &Call) -> Answer {
        call.record(&[Some(datum::from_int8(self.count as i64)), Some(datum::from_uuid(&self.entry))])
    }
}

/// Whether the nodes act as one: Citus keeps the log, and its trigger is that of this extension, which DROP EXTENSION takes away. Asked anew each time, so that no
/// session goes by what was; without the log this is one look-up of a name.
pub fn is_enabled(storage: &Storage) -> bool {
    relation::find(storage.schema, CLUSTER_LOG).is_some_and(|log| {
        let trigger = catalog::function_named(storage.schema, CARRY_OUT);
        let is_owned = |table| relation::owner(table) == Some(storage.owner);
        is_owned(log)
            && relation::find(storage.schema, CLUSTER_NODES).is_some_and(is_owned)
            && citus::distributed_tables().contains(&log)
            && scan::triggers_on(log, |function, _| (Some(function) == trigger).then_some(())).len() == 1
    })
}

/// This node's copy of a table of the cluster.
pub fn own_copy(storage: &Storage, table: &str) -> Option<String> {
    relation::find(storage.schema, table).and_then(citus::own_copy)
}

/// Tells the reader of one node that there are others.
pub fn tell_of_others(storage: &Storage) {
    if is_enabled(storage) {
        raise::tell(&OneNode);
    }
}

/// What was asked is answered for one node alone.
struct OneNode;

impl IntoReport for OneNode {
    fn report(&self) -> Report {
        Report::new(SqlState::SuccessfulCompletion, "these are the events of this node alone")
            .hint("Nodes act as one: ask each of them, or get_audit_trail() for all.")
    }
}

pub fn new_id() -> Option<Uuid> {
    spi::find_row("SELECT pg_catalog.gen_random_uuid()", |row| row.uuid(1))
}
