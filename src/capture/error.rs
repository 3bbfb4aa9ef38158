//! Why a table cannot be tracked as asked, and what is wrong with the capture of a tracked table.

use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;

/// Why a table cannot be tracked or untracked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrackingError {
    NoTableNamed,
    NoSuchTable,
    /// A view, an index, a foreign table …
    NotATable {
        name: String,
    },
    Temporary {
        name: String,
    },
    /// A table that Citus distributes, asked for on a node that is not the coordinator; or the shard of one.
    OfCitus {
        name: String,
    },
    OfSystem {
        name: String,
    },
    OfTrail {
        name: String,
    },
    /// The caller owns neither the table nor the extension.
    NotOwner {
        name: String,
    },
    /// A column that is to be ignored or masked is not there.
    NoSuchColumn {
        table: String,
        column: String,
    },
    /// The column that tells the workspace is not there.
    NoWorkspaceColumn {
        table: String,
        column: String,
    },
    /// The column that tells the workspace holds documents.
    WorkspaceColumnType {
        table: String,
        column: String,
    },
    /// A column that is to be ignored or masked is one of the key.
    KeyColumn {
        table: String,
        column: String,
    },
    IgnoredAndMasked {
        column: String,
    },
    /// It is tracked through a table above it.
    TrackedAbove {
        name: String,
        above: String,
    },
    /// A part of it is tracked by itself.
    TrackedBelow {
        name: String,
        below: String,
    },
    /// A part of it is a foreign table.
    ForeignPart {
        name: String,
        part: String,
    },
    /// Another table has the same type of resource.
    Namesake {
        namesake: String,
        resource_type: String,
    },
    NotTracked {
        name: String,
    },
}

impl IntoReport for TrackingError {
    fn report(&self) -> Report {
        use TrackingError::*;
        let (sqlstate, message) = self.message();
        let report = Report::new(sqlstate, message);
        match self {
            NoTableNamed => report.hint("Name it as 'schema.table'."),
            NoSuchTable => report.hint("Name the table as 'schema.table'."),
            NotATable { .. } => {
                report.hint("Only ordinary and partitioned tables can be tracked; track the tables behind a view.")
            }
            OfCitus { .. } => report.hint(
                "Call it for the distributed table on the coordinator: SELECT nodename, nodeport FROM pg_dist_node WHERE groupid = 0.",
            ),
            Temporary { .. } => report.hint("It ends with its session; track permanent tables."),
            OfSystem { .. } | OfTrail { .. } => report.hint("Track tables of the application."),
            NotOwner { .. } => report.hint("Its owner, or the owner of extension audit_ext, may track and untrack it."),
            NoSuchColumn { .. } => report.hint("Name the columns as the table has them."),
            NoWorkspaceColumn { .. } => report
                .hint("Name it in p_workspace_column, or pass NULL there if rows of the table belong to no workspace."),
            WorkspaceColumnType { .. } => report.hint(
                "Name a column whose values are keys: uuid, text, a number. Or pass NULL if rows of the table belong to no workspace.",
            ),
            KeyColumn { .. } => report.hint("Neither ignore nor mask it: an event must tell which row it is about."),
            IgnoredAndMasked { .. } => {
                report.hint("Ignored columns do not appear; of masked ones it is told that they changed.")
            }
            TrackedAbove { above, .. } => report.hint(format!("Untrack {above} first, or leave it at that.")),
            TrackedBelow { below, .. } => report.hint(format!("Call audit_untrack_table('{below}') first.")),
            ForeignPart { .. } => report.hint("Changes of foreign tables cannot be captured."),
            Namesake { .. } => report.hint("Tell the two apart: give p_resource_type."),
            NotTracked { .. } => report.hint("SELECT * FROM audit_tracked_tables shows what is."),
        }
    }
}

impl TrackingError {
    fn message(&self) -> (SqlState, String) {
        use TrackingError::*;
        match self {
            NoTableNamed => (SqlState::NullValueNotAllowed, "p_table must name a table".to_owned()),
            NoSuchTable => (SqlState::UndefinedTable, "there is no such table".to_owned()),
            NotATable { name } => {
                (SqlState::WrongObjectType, format!("\"{name}\" is not an ordinary or partitioned table"))
            }
            OfCitus { name } => (
                SqlState::FeatureNotSupported,
                format!("\"{name}\" is of a table that Citus distributes: the coordinator tracks it"),
            ),
            Temporary { name } => (SqlState::WrongObjectType, format!("\"{name}\" is a temporary table")),
            OfSystem { name } => (SqlState::WrongObjectType, format!("\"{name}\" is a system table")),
            OfTrail { name } => (SqlState::WrongObjectType, format!("\"{name}\" is a table of the audit trail")),
            NotOwner { name } => (SqlState::InsufficientPrivilege, format!("must be owner of table {name}")),
            NoSuchColumn { table, column } => {
                (SqlState::UndefinedColumn, format!("column \"{column}\" of table \"{table}\" does not exist"))
            }
            NoWorkspaceColumn { table, column } => (
                SqlState::UndefinedColumn,
                format!("table \"{table}\" has no column \"{column}\" that tells the workspace"),
            ),
            WorkspaceColumnType { table, column } => (
                SqlState::DatatypeMismatch,
                format!(
                    "column \"{column}\" of table \"{table}\" holds arrays, records or JSON, not keys of workspaces"
                ),
            ),
            KeyColumn { table, column } => (
                SqlState::InvalidParameterValue,
                format!("column \"{column}\" identifies the rows of table \"{table}\""),
            ),
            IgnoredAndMasked { column } => {
                (SqlState::InvalidParameterValue, format!("column \"{column}\" cannot be both ignored and masked"))
            }
            TrackedAbove { name, above } => {
                (SqlState::InvalidParameterValue, format!("\"{name}\" is tracked already, as part of {above}"))
            }
            TrackedBelow { name, below } => {
                (SqlState::InvalidParameterValue, format!("{below}, a part of \"{name}\", is tracked by itself"))
            }
            ForeignPart { name, part } => {
                (SqlState::WrongObjectType, format!("{part}, a part of \"{name}\", is not an ordinary table"))
            }
            Namesake { namesake, resource_type } => {
                (SqlState::InvalidParameterValue, format!("{namesake} is tracked as \"{resource_type}\" already"))
            }
            NotTracked { name } => (SqlState::InvalidParameterValue, format!("table \"{name}\" is not tracked")),
        }
    }
}

/// A capture trigger with an argument that nobody of ours wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignOptions {
    pub table: String,
}

impl IntoReport for ForeignOptions {
    fn report(&self) -> Report {
        Report::new(
            SqlState::InvalidParameterValue,
            format!("the capture trigger of table \"{}\" has arguments that are not ours", self.table),
        )
        .hint("Call audit_track_table() again: it makes the triggers of a tracked table.")
    }
}

/// A warning of set-up: a tracked table is not captured as was asked for, and nobody but its owner can change that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureWarning {
    /// Changes may go unrecorded; else they are recorded otherwise than was asked for.
    pub is_gap: bool,
    pub detail: String,
    pub hint: String,
}

impl IntoReport for CaptureWarning {
    fn report(&self) -> Report {
        let message = match self.is_gap {
            true => "changes of tracked tables may go unrecorded",
            false => "a tracked table is captured otherwise than was asked for",
        };
        Report::new(SqlState::Warning, message).detail(&*self.detail).hint(&*self.hint)
    }
}
