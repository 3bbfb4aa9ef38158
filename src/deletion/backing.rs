//! Checks that events of the trail confirm what a request's row claims.
//!
//! The row alone proves nothing: whoever may set `session_replication_role` can write one that looks approved. But every step is recorded
//! as an event, which names the session that took it.

use audit_core::catalogue::{CLUSTER_LOG, REQUESTS};
use audit_core::ids::WorkspaceId;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::time::Timestamp;
use uuid::Uuid;

use crate::cluster;
use crate::event::resource::resource_id;
use crate::pg::role::Acting;
use crate::pg::{parameter, spi};
use crate::storage::Storage;

/// No event of the trail records what a row claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// A step of a request for deletion.
    Request { id: Uuid },
    /// A removal that is in the deletion log.
    LogEntry { id: Uuid },
}

impl IntoReport for Unproven {
    fn report(&self) -> Report {
        let (what, id) = match self {
            Unproven::Request { id } => ("request for deletion", id),
            Unproven::LogEntry { id } => ("entry of the deletion log", id),
        };
        Report::new(SqlState::RaiseException, format!("no event of the trail backs {what} {id}")).hint(
            "Whoever requests, approves, erases or purges records an event of it in the workspace. Find out how the row came there; a deletion that is wanted takes a new request.",
        )
    }
}

/// Who took a step and when, according to the row.
#[derive(Clone)]
pub struct Signed {
    pub role: String,
    pub at: Timestamp,
}

/// The action types of the events that must confirm a request.
pub const REQUESTED: &str = "AUDIT_DELETION_REQUESTED";
pub const APPROVED: &str = "AUDIT_DELETION_APPROVED";

/// Checks that the trail has the event of this step, hot or archived, recorded in a session of the role that the row names.
pub fn demand(
    storage: &Storage,
    step: &str,
    workspace: WorkspaceId,
    request: Uuid,
    signed: &Signed,
) -> Result<(), Unproven> {
    let _owner = Acting::as_owner(storage.owner);
    let parameters = [
        parameter::uuid(workspace),
        parameter::uuid(resource_id(storage, REQUESTS, &request.to_string())),
        parameter::text(step),
        parameter::time(signed.at),
        parameter::text(&signed.role),
    ];
    match spi::count_with(&storage.fill(include_str!("../../sql/deletion/step.sql"), &[]), &parameters) {
        0 if is_logged(storage, step, request, signed) => Ok(()),
        0 => Err(Unproven::Request { id: request }),
        _ => Ok(()),
    }
}

/// Whether the step was taken on another node of the cluster: the log has the row as it was then.
fn is_logged(storage: &Storage, step: &str, request: Uuid, signed: &Signed) -> bool {
    let Some(log) = cluster::own_copy(storage, CLUSTER_LOG).filter(|_| cluster::is_enabled(storage)) else {
        return false;
    };
    let sql = include_str!("../../sql/cluster/step.sql");
    let (state, prefix) = if step == REQUESTED { ("pending", "requested") } else { ("cooling_off", "decided") };
    let parameters = [
        parameter::text(&request.to_string()),
        parameter::text(state),
        parameter::text(&format!("{prefix}_at")),
        parameter::time(signed.at),
        parameter::text(&format!("{prefix}_by_role")),
        parameter::text(&signed.role),
    ];
    spi::find_row_as_committed(&storage.fill(sql, &[("log", log)]), &parameters, |row| row.bool(1)).unwrap_or(false)
}
