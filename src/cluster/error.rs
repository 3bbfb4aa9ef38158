//! Why nodes do not act as one, or not now.

use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterError {
    NoCitus,
    NotCoordinator,
    /// Other nodes cannot reach the coordinator.
    CoordinatorUnknown,
    NotEnabled,
    /// A node has another version of the extension, or none.
    OtherVersion {
        node: String,
        version: String,
    },
    /// What concerns all nodes is not the same on a node.
    Differs {
        node: String,
        what: String,
    },
    /// A node gave no answer.
    NoAnswer {
        node: String,
        reason: String,
    },
    /// A node whose trail the cluster has is not in Citus' catalog.
    Gone {
        group: i32,
    },
    /// A node has not carried out all rows of the log.
    Behind {
        node: String,
        rows: i64,
    },
    /// A node that joined has no copy of the log.
    NoCopy {
        node: String,
    },
    /// What concerns all nodes, asked for by somebody who has not the rights of the owner.
    NotTrusted {
        role: String,
        owner: String,
    },
    /// Whoever reads on one node may not on another.
    NoReader {
        role: String,
    },
    /// Events were recorded between counting and removing.
    CameInMeanwhile {
        expected: i64,
        found: i64,
    },
    /// This transaction removed events on all nodes, and is to do so again.
    RemovedAlready,
    /// A table of the cluster's name is there, and not ours.
    ForeignTable {
        table: String,
    },
    /// The tables of the cluster only grow.
    OnlyGrows {
        table: String,
    },
    /// Another node removed events by a request for something else.
    OtherRequest {
        id: Uuid,
    },
    /// A row of the log says something that this version does not know.
    Unreadable {
        ordinal: i64,
    },
}

impl ClusterError {
    /// SQLSTATE and message of [`ClusterError::CameInMeanwhile`], by which it is known when another node raised it.
    pub const CAME_IN_MEANWHILE: (&str, &str) = ("P0001", "events came in meanwhile");
}

impl IntoReport for ClusterError {
    fn report(&self) -> Report {
        let unsupported = |message: String| Report::new(SqlState::FeatureNotSupported, message);
        let raised = |message: String| Report::new(SqlState::RaiseException, message);
        match self {
            ClusterError::NoCitus => unsupported("this server is no node of a Citus cluster".to_owned())
                .hint("audit_cluster_enable() is for databases with the extension citus; one server alone needs it not."),
            ClusterError::NotCoordinator => unsupported("this is not the coordinator of the cluster".to_owned())
                .hint("Call it there: SELECT nodename, nodeport FROM pg_dist_node WHERE groupid = 0."),
            ClusterError::CoordinatorUnknown => unsupported("the coordinator is not in pg_dist_node".to_owned())
                .hint("SELECT citus_set_coordinator_host('its name', its port), so that other nodes reach it."),
            ClusterError::NotEnabled => unsupported("the nodes of this cluster do not act as one".to_owned())
                .hint("Call audit_cluster_enable() on the coordinator."),
            ClusterError::OtherVersion { node, version } => unsupported(format!("node {node} has {version} of audit_ext"))
                .hint("Install the same version on all nodes, and ALTER EXTENSION audit_ext UPDATE there."),
            ClusterError::Differs { node, what } => unsupported(format!("node {node} has other {what} than the coordinator"))
                .hint("Make them the same on all nodes first: nothing is merged silently."),
            ClusterError::NoAnswer { node, reason } => raised(format!("node {node} did not answer"))
                .detail(reason.clone())
                .hint("A part of the trail is no trail. Try again when the node is there; get_audit_trail_here() reads one node."),
            ClusterError::Gone { group } => raised(format!("the node of group {group} is gone, and its trail with it"))
                .hint("Bring it back, or say where its trail is kept: audit_cluster_retire()."),
            ClusterError::Behind { node, rows } => {
                raised(format!("node {node} has not carried out {rows} rows of the cluster's log"))
                    .hint("SELECT audit_cluster_catch_up() there carries them out, and says what stands in the way.")
            }
            ClusterError::NoCopy { node } => raised(format!("node {node} has no copy of the cluster's log"))
                .hint("Have it catch up, which copies reference tables to it: SELECT audit_cluster_catch_up() there."),
            ClusterError::NotTrusted { role, owner } => Report::new(
                SqlState::InsufficientPrivilege,
                format!("role \"{role}\" may not do what concerns all nodes of the cluster"),
            )
            .detail("Citus opens the connections to other nodes as the owner of the extension, and runs there what the session has set.")
            .hint(format!("Only members of {owner}, the owner's role, are trusted with that: GRANT it to officers who may.")),
            ClusterError::NoReader { role } => Report::new(
                SqlState::InsufficientPrivilege,
                format!("role \"{role}\" may not read the trail of this node"),
            )
            .hint("audit_grant() gives the level reader on all nodes that act as one."),
            ClusterError::CameInMeanwhile { expected, found } => raised(ClusterError::CAME_IN_MEANWHILE.1.to_owned())
                .detail(format!("{expected} were counted, {found} were found."))
                .hint("Try again; nothing was changed."),
            ClusterError::RemovedAlready => unsupported("a transaction removes events of a cluster once".to_owned())
                .hint("Commit, and do the next erasure, purge or off-boarding in a transaction of its own."),
            ClusterError::ForeignTable { table } => {
                Report::new(SqlState::DuplicateTable, format!("\"{table}\" exists already and is not as audit_ext makes it"))
                    .hint("Rename or drop it on all nodes, then try again; nothing was changed.")
                    .table(&**table)
            }
            ClusterError::OnlyGrows { table } => {
                Report::new(SqlState::RestrictViolation, format!("\"{table}\" only grows"))
                    .hint("What was done on all nodes stays on record.")
                    .table(&**table)
            }
            ClusterError::OtherRequest { id } => raised(format!("request {id} does not ask for this removal"))
                .hint("A row of audit_cluster_log names it. Find out who wrote that row; nothing was changed."),
            ClusterError::Unreadable { ordinal } => raised(format!("row {ordinal} of the cluster's log cannot be carried out"))
                .hint("It was written by another version of audit_ext, or by hand. Install the same version on all nodes."),
        }
    }
}
