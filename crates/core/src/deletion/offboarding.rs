//! Why a workspace may not be off-boarded: all of its events go, whatever their age, so more must be so than for a purge.

use super::denial::Denial;
use crate::report::{IntoReport, Report};
use crate::retention::Terms;
use crate::sqlstate::SqlState;
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffboardingDenial {
    /// A hold on the workspace or on anybody in it.
    Denied(Denial),
    ComplianceMode,
    /// A change of the policy is not in force before that time.
    Protected {
        until: Timestamp,
    },
    /// So many events are in released cold objects alone.
    InColdStorage {
        count: u64,
    },
    /// No whole export has what there is.
    NotExported,
    /// An event was recorded while the others were removed.
    Recording,
}

impl IntoReport for OffboardingDenial {
    fn report(&self) -> Report {
        let refused = |message| Report::new(SqlState::RestrictViolation, message);
        match self {
            OffboardingDenial::Denied(denial) => denial.report(),
            OffboardingDenial::ComplianceMode => refused("a workspace in compliance mode cannot be off-boarded")
                .hint("Its events are kept for ever. Thirty days after compliance mode is turned off in audit_retention_policies it can be."),
            OffboardingDenial::Protected { until } => refused("the former policy of the workspace still protects its events")
                .detail(format!("A change that would let events be purged earlier is in force from {until}."))
                .hint("Off-board the workspace after that."),
            OffboardingDenial::InColdStorage { count } => refused("events of the workspace are in cold storage")
                .detail(format!("Files of released objects alone hold {count} events, which no export has."))
                .hint("Restore them with audit-cold restore and export again, or have them purged first."),
            OffboardingDenial::NotExported => refused("the workspace has no whole export of what it has now")
                .detail("An export of all its events, without filters, must have finished in the last 30 days, and nothing but AUDIT_* events may have come since.")
                .hint("Export it with export_audit_events(workspace), in ndjson or csv, to the last line; then execute the request."),
            OffboardingDenial::Recording => Report::new(SqlState::RaiseException, "events were recorded while the workspace was off-boarded")
                .hint("Stop recording into it, export it again, and try again. Nothing was deleted."),
        }
    }
}

/// What the policy says against it at this time.
pub fn terms_allow(terms: &Terms, now: Timestamp) -> Result<(), OffboardingDenial> {
    match terms.protection.filter(|protection| protection.until > now) {
        _ if terms.is_compliance_mode => Err(OffboardingDenial::ComplianceMode),
        Some(protection) => Err(OffboardingDenial::Protected { until: protection.until }),
        None => Ok(()),
    }
}
