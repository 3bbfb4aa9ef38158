//! What a refused command is told: the reason, and what to do instead.

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

const ALLOWED: &str = "Allowed are VACUUM, ANALYZE, REINDEX, CLUSTER, indexes of your own, statistics, comments, storage parameters, replica identity and publications.";
const RIGHTS: &str = "Use audit_grant() and audit_revoke().";
const REPAIR: &str = "audit_setup() puts tables, triggers and views in place again if something is wrong with them.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
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
}

/// A command that would change, weaken or take away a part of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// As PostgreSQL names it.
    pub command: &'static str,
    /// What is touched, in words.
    pub what: String,
    pub why: Why,
}

impl IntoReport for Refused {
    fn report(&self) -> Report {
        Report::new(SqlState::RestrictViolation, format!("{} is refused: {}", self.command, self.what))
            .detail(self.why.detail())
            .hint(self.why.hint())
    }
}

/// What the guard lets pass, and tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardWarning {
    /// DROP EXTENSION … CASCADE.
    GuardsDropped,
    /// GRANT … ON ALL … IN SCHEMA, which must not fail for the sake of the other tables.
    RightsTakenBack,
}

impl IntoReport for GuardWarning {
    fn report(&self) -> Report {
        match self {
            GuardWarning::GuardsDropped => Report::new(SqlState::Warning, "the audit trail is no longer guarded")
                .hint("Every event stays. CREATE EXTENSION audit_ext adopts the tables and puts the guards back."),
            GuardWarning::RightsTakenBack => {
                Report::new(SqlState::Warning, "rights on the audit trail were not granted")
                    .hint("They follow from access levels: use audit_grant().")
            }
        }
    }
}

impl Why {
    pub fn detail(self) -> &'static str {
        match self {
            Why::Shape => {
                "Columns, constraints and persistence of the trail are what keeps its events as they were recorded."
            }
            Why::Partitions => "Partitions are made and moved by the extension: each carries guards of its own.",
            Why::ForeignCode => "Triggers, rules and policies of others would see, change or suppress events.",
            Why::Triggers => "The triggers of the trail are what keeps its rules.",
            Why::UniqueIndex => "A unique index would refuse honest events.",
            Why::IndexExpression => "An expression that fails for some event would keep it from being recorded.",
            Why::StatisticsExpression => {
                "The functions of an expression run with the rights of the trail's owner when the trail is analysed."
            }
            Why::ConcurrentIndexExpression => {
                "Whose operators an index uses is known when it is made, and one made concurrently stays."
            }
            Why::ForeignOperator => {
                "It uses functions, operators or types of somebody else, whose code would run on events."
            }
            Why::PayloadStatistics => "Samples of payload in the statistics would outlive its erasure.",
            Why::Sequence => "Archive runs leave their trace in it.",
            Why::Unknown => "What this command does to the trail is not known.",
            Why::OwnIndex => "The trail is read and kept in order by this index.",
            Why::Reference => {
                "A foreign key would hold events back from archive and purge, and put triggers on the trail."
            }
            Why::Name => "The trail is found by its names.",
            Why::Owner => "The trail belongs to the owner of the extension.",
            Why::Tablespace => "The storage of the trail is not moved by hand.",
            Why::Rights => {
                "Rights on the trail follow from access levels, which give neither this right nor rights on columns, and nothing to PUBLIC."
            }
            Why::OwnersRights => "The extension records with the rights of the owner.",
            Why::View => "The views of the trail show what they are documented to show.",
            Why::Function => "The functions of the extension are what keeps the rules of the trail.",
            Why::Membership => {
                "The extension owns code, the trail owns itself: rows of members are missing from dumps."
            }
            Why::Drop => "This would take events away.",
            Why::Label => "Security labels let other code decide what is read of the trail.",
            Why::Extension => "This would take the guards of the trail away.",
        }
    }

    pub fn hint(self) -> &'static str {
        match self {
            Why::Shape => "Keep further facts in metadata, or in a table of your own.",
            Why::Partitions => "Use create_monthly_audit_partition(); old events move with archive_old_audit_events().",
            Why::ForeignCode => "Read the trail with get_audit_trail(), or publish audit_events to a subscriber.",
            Why::Triggers => {
                "Only check_audit_workspace_membership of audit_events can be disabled and enabled. To load the rows of a dump, SET session_replication_role = replica instead of disabling triggers."
            }
            Why::UniqueIndex => "Leave UNIQUE out.",
            Why::StatisticsExpression => {
                "Use columns, or expressions of comparisons, lower(), upper() and the operators of jsonb."
            }
            Why::IndexExpression => {
                "Index columns, or expressions of comparisons, lower(), upper() and the operators of jsonb."
            }
            Why::ConcurrentIndexExpression => "Index columns, or leave CONCURRENTLY out.",
            Why::ForeignOperator => "Use columns, or built-in operators.",
            Why::PayloadStatistics => "Take statistics of other columns. SET STATISTICS 0 is allowed for all.",
            Why::Sequence => "Look at audit_archive_runs and audit_health(), and leave it to them.",
            Why::Unknown => ALLOWED,
            Why::OwnIndex => "REINDEX, also CONCURRENTLY, rebuilds it.",
            Why::Reference => "Keep the id of the event without a foreign key; ids never change.",
            Why::Name => "Make a view under the name you need.",
            Why::Owner => "Give rights with audit_grant().",
            Why::Tablespace => ALLOWED,
            Why::Rights => RIGHTS,
            Why::OwnersRights => "Name the roles that are to lose their rights, or use audit_revoke().",
            Why::View => "Make a view of your own over it.",
            Why::Function => {
                "Make a function of another name, or in another schema. CREATE EXTENSION and ALTER EXTENSION audit_ext UPDATE bring the extension's own."
            }
            Why::Membership => REPAIR,
            Why::Drop => {
                "Old events leave by archive_old_audit_events() and by compliant deletion. To reset a test database drop the database; a superuser can DROP EXTENSION audit_ext CASCADE, which leaves the tables, unguarded."
            }
            Why::Label => ALLOWED,
            Why::Extension => "Only a superuser can DROP EXTENSION audit_ext CASCADE; every event stays.",
        }
    }
}
