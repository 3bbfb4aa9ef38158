//! The refusals of the DDL guard.

use audit_core::ddl::reason::{GuardWarning, Reason, Refused};
use audit_core::report::{IntoReport, Report};

use super::sample::{a, told};

pub(super) fn ddl() -> Vec<Report> {
    let refused = |reason| Refused { command: "‹command›", what: a("what is touched"), reason }.report();
    let warnings = told(all!(GuardWarning: GuardsDropped, RightsTakenBack));
    let reasons = all!(Reason:
        Shape,
        Partitions,
        ForeignCode,
        Triggers,
        UniqueIndex,
        IndexExpression,
        StatisticsExpression,
        ConcurrentIndexExpression,
        ForeignOperator,
        OwnIndex,
        PayloadStatistics,
        Sequence,
        Unknown,
        Reference,
        Name,
        Owner,
        Tablespace,
        Rights,
        OwnersRights,
        View,
        Function,
        Membership,
        Drop,
        Label,
        Extension,
    );
    reasons.into_iter().map(refused).chain(warnings).collect()
}
