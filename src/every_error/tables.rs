//! The errors of what concerns tables of applications: the source of members, and tables that are tracked.

use audit_core::membership::SourceError;
use audit_core::report::{IntoReport, Report};

use super::sample::{a, told};
use crate::capture::error::{CaptureWarning, ForeignOptions, TrackingError};

pub(super) fn sources() -> Vec<Report> {
    told(all!(SourceError:
        NoSuchTable,
        NotATable { name: a("table") },
        Temporary { name: a("table") },
        ColumnNotNamed,
        NoSuchColumn { table: a("table"), column: a("column") },
        WorkspaceColumnType { table: a("table"), column: a("column") },
        UserColumnType { table: a("table"), column: a("column") },
    ))
}

pub(super) fn tracking() -> Vec<Report> {
    told(all!(TrackingError:
        NoTableNamed,
        NoSuchTable,
        NotATable { name: a("table") },
        Temporary { name: a("table") },
        OfCitus { name: a("table") },
        OfSystem { name: a("table") },
        OfTrail { name: a("table") },
        NotOwner { name: a("table") },
        NoSuchColumn { table: a("table"), column: a("column") },
        NoWorkspaceColumn { table: a("table"), column: a("column") },
        WorkspaceColumnType { table: a("table"), column: a("column") },
        KeyColumn { table: a("table"), column: a("column") },
        IgnoredAndMasked { column: a("column") },
        TrackedAbove { name: a("table"), above: a("parent") },
        TrackedBelow { name: a("table"), below: a("part") },
        ForeignPart { name: a("table"), part: a("part") },
        Namesake { namesake: a("other table"), resource_type: a("type") },
        NotTracked { name: a("table") },
    ))
}

pub(super) fn capture() -> Vec<Report> {
    let warning = |is_gap| CaptureWarning { is_gap, detail: a("what is amiss"), hint: a("what to do") }.report();
    vec![ForeignOptions { table: a("table") }.report(), warning(true), warning(false)]
}
