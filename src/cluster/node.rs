//! The nodes of the cluster, and questions to them.

use audit_core::catalogue::CLUSTER_NODES;

use super::error::ClusterError;
use crate::pg::citus::{self, Node};
use crate::pg::spi;
use crate::storage::Storage;

/// A node whose trail the cluster has.
pub struct Registered {
    pub system: i64,
    pub group: i32,
    pub is_retired: bool,
}

/// The nodes that were registered, retired ones too, as this node's copy of the table says.
pub fn registered(storage: &Storage) -> Result<Vec<Registered>, ClusterError> {
    let read =
        |row: spi::ResultRow| Some(Registered { system: row.int8(1)?, group: row.int4(2)?, is_retired: row.bool(3)? });
    let nodes = super::own_copy(storage, CLUSTER_NODES)
        .ok_or_else(|| ClusterError::NoCopy { node: format!("of group {}", citus::group()) })?;
    let sql = spi::fill(include_str!("../../sql/cluster/registered.sql"), &[("nodes", nodes)]);
    Ok(spi::rows(&sql, read).into_iter().flatten().collect())
}

/// All nodes but this one.
pub fn others() -> Vec<Node> {
    let own = citus::group();
    citus::nodes().into_iter().filter(|node| node.group != own).collect()
}

/// What the other nodes answer to a query for one text, each of which must answer.
pub fn ask_others(query: &str) -> Result<Vec<(Node, String)>, ClusterError> {
    all_answers(citus::ask(&others(), query))
}

/// The same of all nodes, each in a session of its own.
pub fn ask_all(query: &str) -> Result<Vec<(Node, String)>, ClusterError> {
    all_answers(citus::ask(&citus::nodes(), query))
}

fn all_answers(answers: Vec<(Node, Result<String, String>)>) -> Result<Vec<(Node, String)>, ClusterError> {
    answers
        .into_iter()
        .map(|(node, answer)| match answer {
            Ok(answer) => Ok((node, answer)),
            Err(reason) => Err(ClusterError::NoAnswer { node: node.name(), reason }),
        })
        .collect()
}

/// The system identifier of this server.
pub fn own_system() -> Option<i64> {
    spi::find_row("SELECT c.system_identifier FROM pg_catalog.pg_control_system() AS c", |row| row.int8(1))
}

/// Each node whose trail the cluster has must have answered, or be retired. It is told by its system identifier: groups are used again.
pub fn demand_all(storage: &Storage, answered: impl Iterator<Item = i64>) -> Result<(), ClusterError> {
    let present: Vec<i64> = answered.chain(own_system()).collect();
    let is_missing = |node: &Registered| !node.is_retired && !present.contains(&node.system);
    match registered(storage)?.into_iter().find(is_missing) {
        Some(gone) => Err(ClusterError::Gone { group: gone.group }),
        None => Ok(()),
    }
}

/// Whether a node whose trail the cluster has is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Present,
    /// It does not answer.
    Silent,
    /// It is not in Citus' catalog, or another server took its place: one that was upgraded by pg_upgrade, or made anew.
    Gone,
}

/// The nodes that were registered and are not retired.
pub fn presence(storage: &Storage) -> Result<Vec<(Registered, Presence)>, ClusterError> {
    let answers = systems();
    let own = own_system();
    let presence = |node: Registered| {
        let is_present = own == Some(node.system) || answers.iter().any(|(_, system)| *system == Some(node.system));
        let is_silent = answers.iter().any(|(other, system)| other.group == node.group && system.is_none());
        let presence = match (is_present, is_silent) {
            (true, _) => Presence::Present,
            (false, true) => Presence::Silent,
            (false, false) => Presence::Gone,
        };
        (node, presence)
    };
    Ok(registered(storage)?.into_iter().filter(|node| !node.is_retired).map(presence).collect())
}

/// Groups of nodes that are gone.
pub fn gone(storage: &Storage) -> Result<Vec<i32>, ClusterError> {
    let is_gone = |(node, presence): (Registered, Presence)| (presence == Presence::Gone).then_some(node.group);
    Ok(presence(storage)?.into_iter().filter_map(is_gone).collect())
}

/// The nodes and their system identifiers; None of those that do not answer.
fn systems() -> Vec<(Node, Option<i64>)> {
    let query = "SELECT c.system_identifier FROM pg_catalog.pg_control_system() AS c";
    citus::ask(&citus::nodes(), query)
        .into_iter()
        .map(|(node, answer)| (node, answer.ok().and_then(|id| id.parse().ok())))
        .collect()
}
