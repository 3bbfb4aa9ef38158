//! Errors of nodes that act as one.

use audit_core::report::Report;
use uuid::Uuid;

use super::sample::{a, told};
use crate::cluster::error::ClusterError;
use crate::nodes::retire::NotRetired;

pub fn all() -> Vec<Report> {
    let node = || a("node");
    let of_cluster = told(all!(ClusterError:
        NoCitus, NotCoordinator, CoordinatorUnknown, NotEnabled, OtherVersion { node: node(), version: a("version") },
        Differs { node: node(), what: a("policies, holds, levels or source") }, NoAnswer { node: node(), reason: a("error") },
        Gone { group: 0 }, Behind { node: node(), rows: 1 }, NoCopy { node: node() }, NoReader { role: a("role") },
        NotTrusted { role: a("role"), owner: a("owner") },
        CameInMeanwhile { expected: 1, found: 2 }, RemovedAlready, OnlyGrows { table: a("table") }, ForeignTable { table: a("table") },
        OtherRequest { id: Uuid::nil() }, Unreadable { ordinal: 0 }));
    let not_retired = told(all!(NotRetired: InUse { group: 0 }, Unknown { group: 0 }, WaitsForAnother { group: 0 }));
    [of_cluster, not_retired].concat()
}
