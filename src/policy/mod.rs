//! Retention policies: how long the events of a workspace stay hot, archived, and cold. One row per workspace.

pub mod default_row;

use audit_core::catalogue::POLICIES;
use audit_core::ids::WorkspaceId;
use audit_core::retention::{ArchiveBy, Protection, Terms};

use crate::pg::parameter;
use crate::pg::spi::{self, ResultRow};
use crate::storage::Storage;

/// From [`TERMS`], in this order from `first` on.
fn read_terms(row: &ResultRow, first: i32) -> Option<Terms> {
    Some(Terms {
        hot_days: row.int4(first)?,
        warm_days: row.int4(first + 1)?,
        cold_days: row.int4(first + 2),
        is_compliance_mode: row.bool(first + 3)?,
        archive_by: ArchiveBy::parse(&row.text(first + 4)?)?,
        protection: row.time(first + 5).map(|until| Protection { until, days: row.int4(first + 6) }),
    })
}

/// The columns that hold the terms.
const TERMS: &str = "hot_retention_days, warm_archive_days, cold_retention_days, is_compliance_mode, archive_by, protected_until, protected_days";

/// What the policy of a workspace says.
pub struct Policy {
    pub terms: Terms,
    /// Deletion only by requests that somebody else approves.
    pub requires_approval: bool,
    /// Days that a request waits for an approval.
    pub approval_expiry_days: i32,
    /// Days between approval and execution.
    pub cooling_off_days: i32,
}

impl Policy {
    /// As in `sql/schema/retention.sql`.
    pub const DEFAULT: Policy =
        Policy { terms: Terms::DEFAULT, requires_approval: false, approval_expiry_days: 30, cooling_off_days: 0 };
}

/// The policy of a workspace as it is committed now, whatever the age of the transaction's snapshot. Whoever goes by it and
/// must not be overtaken takes [`crate::interlock::freeze_protection`] first.
pub fn policy_of(storage: &Storage, workspace: WorkspaceId) -> Policy {
    let sql = format!(
        "SELECT {}, requires_approval, approval_expiry_days, cooling_off_days FROM {} WHERE workspace_id = $1",
        TERMS,
        storage.qualified(POLICIES)
    );
    let read = |row: ResultRow| {
        Some(Policy {
            terms: read_terms(&row, 1)?,
            requires_approval: row.bool(8)?,
            approval_expiry_days: row.int4(9)?,
            cooling_off_days: row.int4(10)?,
        })
    };
    spi::find_row_as_committed(&sql, &[parameter::uuid(workspace)], read).unwrap_or(Policy::DEFAULT)
}
