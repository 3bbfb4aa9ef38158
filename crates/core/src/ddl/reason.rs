//! Why a command is refused, and what to do instead.

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

const ALLOWED: &str = "Allowed are VACUUM, ANALYZE, REINDEX, CLUSTER, indexes of your own, statistics, comments, storage parameters, replica identity and publications.";
const RIGHTS: &str = "Use audit_grant() and audit_revoke().";
const REPAIR: &str = "audit_setup() puts tables, triggers and views in place again if something is wrong with them.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
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
    pub reason: Reason,
}

impl IntoReport for Refused {
    fn report(&self) -> Report {
        Report::new(SqlState::RestrictViolation, format!("{} is refused: {}", self.command, self.what))
            .detail(self.reason.detail())
            .hint(self.reason.hint())
    }
}

/// A warning about something that the guard allows.
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

impl Reason {
    pub fn detail(self) -> &'static str {
        match self {
            Reason::Shape => {
                "Columns, constraints and persistence of the trail are what keeps its events as they were recorded."
            }
            Reason::Partitions => "Partitions are made and moved by the extension: each carries guards of its own.",
            Reason::ForeignCode => "Triggers, rules and policies of others would see, change or suppress events.",
            Reason::Triggers => "The triggers of the trail are what keeps its rules.",
            Reason::UniqueIndex => "A unique index would refuse honest events.",
            Reason::IndexExpression => "An expression that fails for some event would keep it from being recorded.",
            Reason::StatisticsExpression => {
                "The functions of an expression run with the rights of the trail's owner when the trail is analysed."
            }
            Reason::ConcurrentIndexExpression => {
                "Whose operators an index uses is known when it is made, and one made concurrently stays."
            }
            Reason::ForeignOperator => {
                "It uses functions, operators or types of somebody else, whose code would run on events."
            }
            Reason::PayloadStatistics => "Samples of payload in the statistics would outlive its erasure.",
            Reason::Sequence => "Archive runs leave their trace in it.",
            Reason::Unknown => "What this command does to the trail is not known.",
            Reason::OwnIndex => "The trail is read and kept in order by this index.",
            Reason::Reference => {
                "A foreign key would hold events back from archive and purge, and put triggers on the trail."
            }
            Reason::Name => "The trail is found by its names.",
            Reason::Owner => "The trail belongs to the owner of the extension.",
            Reason::Tablespace => "The storage of the trail is not moved by hand.",
            Reason::Rights => {
                "Rights on the trail follow from access levels, which give neither this right nor rights on columns, and nothing to PUBLIC."
            }
            Reason::OwnersRights => "The extension records with the rights of the owner.",
            Reason::View => "The views of the trail show what they are documented to show.",
            Reason::Function => "The functions of the extension are what keeps the rules of the trail.",
            Reason::Membership => {
                "The extension owns code, the trail owns itself: rows of members are missing from dumps."
            }
            Reason::Drop => "This would take events away.",
            Reason::Label => "Security labels let other code decide what is read of the trail.",
            Reason::Extension => "This would take the guards of the trail away.",
        }
    }

    pub fn hint(self) -> &'static str {
        match self {
            Reason::Shape => "Keep further facts in metadata, or in a table of your own.",
            Reason::Partitions => {
                "Use create_monthly_audit_partition(); old events move with archive_old_audit_events()."
            }
            Reason::ForeignCode => "Read the trail with get_audit_trail(), or publish audit_events to a subscriber.",
            Reason::Triggers => {
                "Only check_audit_workspace_membership of audit_events can be disabled and enabled. To load the rows of a dump, SET session_replication_role = replica instead of disabling triggers."
            }
            Reason::UniqueIndex => "Leave UNIQUE out.",
            Reason::StatisticsExpression => {
                "Use columns, or expressions of comparisons, lower(), upper() and the operators of jsonb."
            }
            Reason::IndexExpression => {
                "Index columns, or expressions of comparisons, lower(), upper() and the operators of jsonb."
            }
            Reason::ConcurrentIndexExpression => "Index columns, or leave CONCURRENTLY out.",
            Reason::ForeignOperator => "Use columns, or built-in operators.",
            Reason::PayloadStatistics => "Take statistics of other columns. SET STATISTICS 0 is allowed for all.",
            Reason::Sequence => "Look at audit_archive_runs and audit_health(), and leave it to them.",
            Reason::Unknown => ALLOWED,
            Reason::OwnIndex => "REINDEX, also CONCURRENTLY, rebuilds it.",
            Reason::Reference => "Keep the id of the event without a foreign key; ids never change.",
            Reason::Name => "Make a view under the name you need.",
            Reason::Owner => "Give rights with audit_grant().",
            Reason::Tablespace => ALLOWED,
            Reason::Rights => RIGHTS,
            Reason::OwnersRights => "Name the roles that are to lose their rights, or use audit_revoke().",
            Reason::View => "Make a view of your own over it.",
            Reason::Function => {
                "Make a function of another name, or in another schema. CREATE EXTENSION and ALTER EXTENSION audit_ext UPDATE bring the extension's own."
            }
            Reason::Membership => REPAIR,
            Reason::Drop => {
                "Old events leave by archive_old_audit_events() and by compliant deletion. To reset a test database drop the database; a superuser can DROP EXTENSION audit_ext CASCADE, which leaves the tables, unguarded."
            }
            Reason::Label => ALLOWED,
            Reason::Extension => "Only a superuser can DROP EXTENSION audit_ext CASCADE; every event stays.",
        }
    }
}
