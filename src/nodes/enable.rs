//! `audit_cluster_enable()`: from here on the nodes of a Citus cluster act as one.

use std::rc::Rc;

use audit_core::catalogue::{CLUSTER_LOG, CLUSTER_NODES};
use pgrx::pg_sys::Oid;
use serde_json::{Value, json};

use crate::access;
use crate::cluster::error::ClusterError;
use crate::cluster::{self, log, node};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::internal_ddl::InternalDdl;
use crate::pg::role::Acting;
use crate::pg::{citus, clock, jsonb, parameter, relation, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::Storage;

/// The first row of the log.
pub const VERB: &str = "enabled";

/// What must be the same on all nodes, as their answers call it.
const TERMS: [&str; 4] = ["retention policies", "legal holds", "access levels", "membership source"];

/// Name, when it fires, level and function of the triggers, and the table they are on.
const TRIGGERS: [(&str, [&str; 4]); 6] = [
    (CLUSTER_LOG, ["audit_cluster_carry_out", "AFTER INSERT", "ROW", "audit_cluster_carry_out"]),
    (CLUSTER_LOG, ["audit_cluster_guard", "BEFORE UPDATE OR DELETE", "ROW", "audit_cluster_guard"]),
    (CLUSTER_LOG, ["audit_cluster_truncate_guard", "BEFORE TRUNCATE", "STATEMENT", "audit_cluster_guard"]),
    (CLUSTER_NODES, ["audit_cluster_guard", "BEFORE UPDATE OR DELETE", "ROW", "audit_cluster_guard"]),
    (CLUSTER_NODES, ["audit_cluster_insert_guard", "BEFORE INSERT", "ROW", "audit_cluster_guard"]),
    (CLUSTER_NODES, ["audit_cluster_truncate_guard", "BEFORE TRUNCATE", "STATEMENT", "audit_cluster_guard"]),
];

pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    if !citus::is_installed() {
        return Err(ClusterError::NoCitus.into());
    }
    if !citus::is_coordinator() {
        return Err(ClusterError::NotCoordinator.into());
    }
    if !citus::nodes().iter().any(|node| node.group == citus::group()) {
        return Err(ClusterError::CoordinatorUnknown.into());
    }
    let _owner = Acting::as_owner(storage.owner);
    let answers = agreed(&storage)?;
    if cluster::is_enabled(&storage) {
        return Ok(Answer::Nothing);
    }
    make_tables(&storage)?;
    access::seal_cluster(&storage);
    let known = node::registered(&storage)?;
    for (group, system) in answers.into_iter().filter(|(_, system)| !known.iter().any(|node| node.system == *system)) {
        register(&storage, system, group);
    }
    let nodes = node::registered(&storage)?.len();
    log::append(&storage, VERB, &json!({ "nodes": nodes }), None, None)?;
    tell(&storage, "AUDIT_CLUSTER_ENABLED", &json!({ "nodes": nodes }))?;
    Ok(Answer::Nothing)
}

/// Groups and system identifiers of all nodes, which have the same version and terms.
fn agreed(storage: &Storage) -> Result<Vec<(i32, i64)>, ClusterError> {
    let query = storage.fill(include_str!("../../sql/cluster/terms.sql"), &[]);
    let mut first: Option<Value> = None;
    let mut nodes = Vec::new();
    for (node, answer) in citus::ask(&citus::nodes(), &query) {
        let answer: Value = match answer {
            Ok(answer) => serde_json::from_str(&answer).unwrap_or_default(),
            Err(reason) => return Err(ClusterError::OtherVersion { node: node.name(), version: reason }),
        };
        let installed = answer["version"].as_str().unwrap_or("none").to_owned();
        if installed != env!("CARGO_PKG_VERSION") {
            return Err(ClusterError::OtherVersion { node: node.name(), version: format!("version {installed}") });
        }
        let system = answer["system"].as_str().and_then(|system| system.parse().ok()).unwrap_or_default();
        nodes.push((node.group, system));
        let coordinator = first.get_or_insert_with(|| answer.clone());
        if let Some(what) = TERMS.into_iter().find(|what| answer[*what] != coordinator[*what]) {
            return Err(ClusterError::Differs { node: node.name(), what: what.to_owned() });
        }
    }
    Ok(nodes)
}

fn make_tables(storage: &Storage) -> Result<(), Error> {
    let _own = InternalDdl::begin();
    let _everywhere = citus::on_all_nodes();
    for (name, sql) in [
        (CLUSTER_LOG, include_str!("../../sql/cluster/log.sql")),
        (CLUSTER_NODES, include_str!("../../sql/cluster/nodes.sql")),
    ] {
        // DROP EXTENSION leaves them, without their triggers.
        match relation::find(storage.schema, name) {
            None => spi::run(&storage.fill(sql, &[])),
            Some(table) if is_foreign(storage, table) => {
                return Err(ClusterError::ForeignTable { table: name.to_owned() }.into());
            }
            Some(_) => {}
        }
        if relation::find(storage.schema, name).is_some_and(|table| !citus::distributed_tables().contains(&table)) {
            let distribute = "SELECT pg_catalog.create_reference_table($1::regclass)";
            spi::find_row_with(distribute, &[parameter::text(&storage.qualified(name))], |_| Some(()));
        }
    }
    for (table, [name, fires, level, function]) in TRIGGERS {
        let values = [("name", name), ("fires", fires), ("level", level), ("function", function), ("table", table)];
        spi::run(
            &storage.fill(
                include_str!("../../sql/cluster/trigger.sql"),
                &values.map(|(key, value)| (key, value.to_owned())),
            ),
        );
        // Also what replication brings, and sessions that say they are replicas.
        spi::run(&format!("ALTER TABLE {} ENABLE ALWAYS TRIGGER {name}", storage.qualified(table)));
    }
    Ok(())
}

/// Whoever may make tables in the schema could have made one of this name.
fn is_foreign(storage: &Storage, table: Oid) -> bool {
    let values = [parameter::oid(table), parameter::oid(storage.owner)];
    spi::find_row_with(include_str!("../../sql/cluster/foreign.sql"), &values, |row| row.bool(1)).unwrap_or(true)
}

fn register(storage: &Storage, system: i64, group: i32) {
    let values = [
        parameter::uuid(cluster::new_id()),
        parameter::int8(system),
        parameter::int4(group),
        parameter::time(clock::now()),
    ];
    spi::count_with(&storage.fill(include_str!("../../sql/cluster/register.sql"), &[]), &values);
}

/// A node that joined is one whose trail the cluster has, from its first catching up on.
pub fn register_this_node(storage: &Storage) -> Result<(), ClusterError> {
    let _owner = Acting::as_owner(storage.owner);
    let known = node::registered(storage)?;
    let is_known = |system: &i64| {
        known.iter().any(|node| node.system == *system && node.group == citus::group() && !node.is_retired)
    };
    if let Some(system) = node::own_system().filter(|system| !is_known(system)) {
        register(storage, system, citus::group());
    }
    Ok(())
}

/// Records what was done to the cluster, on this node.
pub fn tell(storage: &Rc<Storage>, action_type: &str, new: &Value) -> Result<(), Error> {
    let event = SystemEvent {
        action_type,
        resource_type: "cluster",
        resource_id: None,
        workspace_id: None,
        old_values: None,
        new_values: Some(jsonb::from_serde(new)),
    };
    system_event::record(storage, &event)
}
