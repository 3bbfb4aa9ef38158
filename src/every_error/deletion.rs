//! The errors of deletions, holds and policies.

use audit_core::deletion::denial::Denial;
use audit_core::deletion::offboarding::OffboardingDenial;
use audit_core::deletion::person::PersonDenial;
use audit_core::deletion::request_state::{Refusal, RequestState};
use audit_core::ids::WorkspaceId;
use audit_core::isolation::FixedSnapshot;
use audit_core::report::{IntoReport, Report};
use audit_core::retention::Kept;

use super::sample::{ID, TIME, told};
use crate::deletion::backing::Unproven;
use crate::deletion::scrub::ScrubError;

pub fn deletion() -> Vec<Report> {
    [denials(), requests(), proofs(), scrub(), snapshots()].concat()
}

fn denials() -> Vec<Report> {
    let kept = [Kept::ComplianceMode, Kept::LeftComplianceMode { until: TIME }].map(|kept| Denial::Kept(kept).report());
    let mut all =
        told(all!(Denial: Held { hold: ID }, NeedsApproval, ReleaseNeedsApproval, Kept(Kept::ComplianceMode)));
    all.splice(3.., kept);
    let (workspace, holds) = (WorkspaceId(ID), vec![(WorkspaceId(ID), ID)]);
    let denied = Denial::NeedsApproval; // Told above.
    all.extend(told(all!(PersonDenial: Held { holds: holds }, NeedsApproval { workspace: workspace }, Denied(denied))));
    all.pop();
    all.extend(told(all!(OffboardingDenial:
        ComplianceMode, Protected { until: TIME }, InColdStorage { count: 1 }, NotExported, Recording, Denied(Denial::NeedsApproval))));
    all.pop();
    all
}

fn requests() -> Vec<Report> {
    told(all!(Refusal: SamePrincipal, WrongState(RequestState::Pending), Expired, CoolingOff(TIME), NotYet))
}

fn proofs() -> Vec<Report> {
    told(all!(Unproven: Request { id: ID }, LogEntry { id: ID }))
}

/// Steps of cold storage have to see which erasures others have ordered, in the same words.
fn snapshots() -> Vec<Report> {
    vec![FixedSnapshot { what: "‹operation›", to_see: "‹what›" }.report()]
}

fn scrub() -> Vec<Report> {
    told(all!(ScrubError: StillSeen, ReadHere))
}
