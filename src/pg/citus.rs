//! What the extension citus does with tables: which it keeps in shards, on which node this is, and how far a statement reaches.
//!
//! Without Citus nothing here asks anything but whether it is installed.

use std::ffi::CStr;

use pgrx::pg_sys::{self, Oid};

use super::guc::{self, LocalSettings};
use super::{catalog, parameter, relation, scan, spi};

pub fn is_installed() -> bool {
    catalog::has_extension("citus")
}

/// Tables that Citus keeps in shards, or copies to other nodes; none without Citus.
pub fn distributed_tables() -> Vec<Oid> {
    read(c"pg_dist_partition", c"logicalrelid", |entry, column| entry.oid(column))
}

/// Whether this node is the one that Citus is told from: the others follow it. So is a server without Citus.
pub fn is_coordinator() -> bool {
    group() == 0
}

/// The group of this node: 0 is the coordinator, and a server without Citus.
pub fn group() -> i32 {
    read(c"pg_dist_local_group", c"groupid", |entry, column| entry.int4(column)).into_iter().next().unwrap_or(0)
}

/// What `read` makes of a column of Citus' catalog.
fn read<T>(table: &CStr, column: &CStr, read: impl Fn(&scan::Found, u32) -> Option<T>) -> Vec<T> {
    if !is_installed() {
        return Vec::new();
    }
    let name = |name: &CStr| name.to_string_lossy().into_owned();
    let Some(table) = relation::find(pg_sys::PG_CATALOG_NAMESPACE.into(), &name(table)) else { return Vec::new() };
    let Some(column) = relation::column_number(table, &name(column)) else { return Vec::new() };
    scan::all(table, |entry| read(entry, column))
}

/// A table that holds a part of another, or a copy of it.
#[derive(Clone, Copy)]
pub struct Shard {
    id: i64,
    /// Each node has all of the rows.
    is_copy: bool,
}

impl Shard {
    /// The shard that a table is, as Citus' catalog says; its name alone says nothing.
    pub fn of(table: Oid) -> Option<Shard> {
        if !is_installed() {
            return None;
        }
        let name = catalog::name_of(table)?;
        let parameters = [parameter::oid(table), parameter::text(&name)];
        spi::find_row_with(include_str!("../../sql/citus/shard.sql"), &parameters, |row| {
            Some(Shard { id: row.int8(1)?, is_copy: row.bool(2)? })
        })
    }

    /// Whether what is done to a row of this shard is told here. What is done to a copy is done to all of them, and told where the first is.
    pub fn tells_of_rows(self) -> bool {
        let sql = include_str!("../../sql/citus/is_first_copy.sql");
        !self.is_copy || spi::find_row_with(sql, &[parameter::int8(self.id)], |row| row.bool(1)).unwrap_or(true)
    }
}

/// Whether the triggers of a table are put, and followed, elsewhere: those of a shard with its table, those of a table of Citus on the coordinator.
pub fn is_followed_elsewhere(table: Oid) -> bool {
    is_installed() && (Shard::of(table).is_some() || (!is_coordinator() && distributed_tables().contains(&table)))
}

/// Tables on this node, shards among them, that lack a capture trigger which the coordinator has; or why it cannot be told.
pub fn lacking_triggers() -> Result<Vec<String>, String> {
    if distributed_tables().is_empty() {
        return Ok(Vec::new());
    }
    let sql = include_str!("../../sql/citus/trigger_list.sql");
    let list = match is_coordinator() {
        true => spi::find_row(sql, |row| row.text(1)).unwrap_or_default(),
        false => ask_coordinator(sql)?,
    };
    let lacking = include_str!("../../sql/citus/lacking_triggers.sql");
    Ok(spi::rows_with(lacking, &[parameter::text(&list)], |row| row.text(1)).into_iter().flatten().collect())
}

/// What the coordinator answers to a query for one text, or the error.
fn ask_coordinator(query: &str) -> Result<String, String> {
    let ask = include_str!("../../sql/citus/ask_coordinator.sql");
    let read = |row: spi::ResultRow| Some((row.bool(1)?, row.text(2).unwrap_or_default()));
    match spi::find_row_with(ask, &[parameter::text(query)], read) {
        Some((true, answer)) => Ok(answer),
        Some((false, reason)) => Err(reason),
        None => Err(String::from("there is no coordinator")),
    }
}

/// A node of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub group: i32,
    host: String,
    port: i32,
}

impl Node {
    fn read(row: spi::ResultRow) -> Option<Node> {
        Some(Node { group: row.int4(1)?, host: row.text(2)?, port: row.int4(3)? })
    }

    pub fn name(&self) -> String {
        format!("{}:{} (group {})", self.host, self.port, self.group)
    }
}

/// The nodes of the cluster, in the order of their groups.
pub fn nodes() -> Vec<Node> {
    if !is_installed() {
        return Vec::new();
    }
    spi::rows(include_str!("../../sql/citus/nodes.sql"), Node::read).into_iter().flatten().collect()
}

/// This node's copy of a reference table, qualified and quoted. To read it asks nothing of Citus, which would open connections as the current user, and send them
/// whatever SET LOCAL the session has run.
pub fn own_copy(table: Oid) -> Option<String> {
    spi::find_row_with(include_str!("../../sql/citus/own_copy.sql"), &[parameter::oid(table)], |row| row.text(1))
}

/// The nodes that have no copy of a reference table.
pub fn without_copy(table: Oid) -> Vec<Node> {
    let sql = include_str!("../../sql/citus/without_copy.sql");
    spi::rows_with(sql, &[parameter::oid(table)], Node::read).into_iter().flatten().collect()
}

/// Has the coordinator copy reference tables to the nodes that have none, or says why it does not.
pub fn copy_reference_tables() -> Result<(), String> {
    ask_coordinator("SELECT pg_catalog.replicate_reference_tables()").map(drop)
}

/// What each node answers to a query for one text, or the error; all at once, each in a session of the current user.
pub fn ask(nodes: &[Node], query: &str) -> Vec<(Node, Result<String, String>)> {
    if nodes.is_empty() {
        return Vec::new();
    }
    let parameters = [
        parameter::texts(nodes.iter().map(|node| node.host.as_str())),
        parameter::int8s(nodes.iter().map(|node| Some(i64::from(node.port)))),
        parameter::texts(nodes.iter().map(|_| query)),
    ];
    let read = |row: spi::ResultRow| {
        let (host, port, works) = (row.text(1)?, row.int4(2)?, row.bool(3)?);
        let answer = row.text(4).unwrap_or_default();
        Some((host, port, if works { Ok(answer) } else { Err(answer) }))
    };
    let mut answers: Vec<_> =
        spi::rows_with(include_str!("../../sql/citus/ask.sql"), &parameters, read).into_iter().flatten().collect();
    let answer_of = |node: &Node| {
        let place = answers.iter().position(|(host, port, _)| *host == node.host && *port == node.port);
        let answer = place.map_or_else(|| Err("no connection".to_owned()), |place| answers.swap_remove(place).2);
        (node.clone(), answer)
    };
    nodes.iter().map(answer_of).collect()
}

/// Functions of the extension that were made distributed: Citus calls them on the node of one of their arguments.
pub fn delegated_functions() -> Vec<String> {
    if !is_installed() {
        return Vec::new();
    }
    spi::rows(include_str!("../../sql/citus/delegated_functions.sql"), |row| row.text(1))
        .into_iter()
        .flatten()
        .collect()
}

/// Whether Citus itself is the client: what it runs is a part of a transaction that began on another node.
pub fn is_client() -> bool {
    let is_of_citus = |name: &[u8]| name.starts_with(b"citus_internal") || name.starts_with(b"citus_rebalancer");
    is_installed() && guc::value(c"application_name").is_some_and(|name| is_of_citus(&name))
}

/// While this lives, statements work on this node alone. None without Citus.
pub fn here_alone() -> Option<LocalSettings> {
    set(&[(PROPAGATION, c"off")])
}

/// While this lives, statements reach the shards of a table on all nodes, triggers too. None without Citus.
pub fn on_all_nodes() -> Option<LocalSettings> {
    set(&[(PROPAGATION, c"on"), (c"citus.enable_unsafe_triggers", c"on")])
}

/// While this lives, shards can be written by themselves. None without Citus.
pub fn writing_shards() -> Option<LocalSettings> {
    set(&[(c"citus.enable_manual_changes_to_shards", c"on")])
}

/// While this lives, shards are seen in the catalog, from which Citus leaves them out. None without Citus.
pub fn seeing_shards() -> Option<LocalSettings> {
    set(&[(c"citus.override_table_visibility", c"off")])
}

/// While this lives, what is done on a shard of this node is done by this session.
pub fn executing_here() -> Option<LocalSettings> {
    set(&[(c"citus.enable_local_execution", c"on")])
}

const PROPAGATION: &CStr = c"citus.enable_ddl_propagation";

fn set(values: &[(&CStr, &CStr)]) -> Option<LocalSettings> {
    guc::says(PROPAGATION, b"")?;
    let settings = LocalSettings::new();
    values.iter().for_each(|(name, value)| settings.set(name, value));
    Some(settings)
}
