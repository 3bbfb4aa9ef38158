//! Why events may not be removed.

use uuid::Uuid;

use crate::report::{IntoReport, Report};
use crate::retention::Kept;
use crate::sqlstate::SqlState;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// A legal hold forbids it.
    Held { hold: Uuid },
    /// The policy demands a request that somebody else approves.
    NeedsApproval,
    /// Compliance mode or the policy demands such a request for a release to cold storage.
    ReleaseNeedsApproval,
    /// The policy forbids a purge.
    Kept(Kept),
}

impl IntoReport for Denial {
    fn report(&self) -> Report {
        let refused = |message| Report::new(SqlState::RestrictViolation, message);
        match self {
            Denial::Held { hold } => refused("held audit events cannot be removed")
                .detail(format!("The events are under legal hold {hold}."))
                .hint("release_audit_hold() releases the hold when the reason for it is gone."),
            Denial::NeedsApproval => refused("deletion in this workspace needs an approved request")
                .hint("Use request_audit_deletion() or request_audit_purge(); somebody else then calls approve_audit_deletion()."),
            Denial::ReleaseNeedsApproval => refused("a release to cold storage needs an approved request in this workspace")
                .detail("The workspace is in compliance mode, has left it less than 30 days ago, or has requires_approval.")
                .hint("Use request_audit_cold_release(); somebody else then calls approve_audit_deletion()."),
            Denial::Kept(kept) => refused("archived audit events of the workspace cannot be purged")
                .detail(match kept {
                    Kept::ComplianceMode => "The workspace is in compliance mode.".to_owned(),
                    Kept::LeftComplianceMode { until } => format!(
                        "The workspace left compliance mode, which holds for purges until {}.",
                        until
                    ),
                })
                .hint("explain_audit_retention() shows what is kept and why."),
        }
    }
}
