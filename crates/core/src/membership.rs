//! Errors of the membership check and of its source.

use crate::catalogue::{EVENTS, MEMBERSHIP_TRIGGER};
use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

/// Why an event is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembershipError {
    /// The actor is no member of the workspace.
    NotAMember,
    /// The table that is named as source, or a column of it, is not there any more.
    SourceGone { detail: String },
}

impl IntoReport for MembershipError {
    fn report(&self) -> Report {
        match self {
            MembershipError::NotAMember => {
                Report::new(SqlState::CheckViolation, "Audit event actor is not a member of the workspace")
                    .detail(format!("Constraint {MEMBERSHIP_TRIGGER}."))
                    .hint("Add the user to the membership source, or name another source with audit_set_membership_source().")
                    .table(EVENTS)
            }
            MembershipError::SourceGone { detail } => {
                Report::new(SqlState::CheckViolation, "the membership source of audit events is not there")
                    .detail(format!("Constraint {MEMBERSHIP_TRIGGER}: {detail}"))
                    .hint("Name the source again with audit_set_membership_source(), or turn the check off with audit_set_membership_source(NULL).")
            }
        }
        .constraint(MEMBERSHIP_TRIGGER)
        .parameter("p_created_by_user_id")
    }
}

/// Why a table cannot be named as source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceError {
    NoSuchTable,
    /// A view or a foreign table.
    NotATable {
        name: String,
    },
    Temporary {
        name: String,
    },
    /// The column of workspaces or that of users is not named.
    ColumnNotNamed,
    NoSuchColumn {
        table: String,
        column: String,
    },
    /// The column of workspaces holds documents.
    WorkspaceColumnType {
        table: String,
        column: String,
    },
    /// The column of users is neither uuid nor text.
    UserColumnType {
        table: String,
        column: String,
    },
}

impl IntoReport for SourceError {
    fn report(&self) -> Report {
        match self {
            SourceError::NoSuchTable => Report::new(SqlState::UndefinedTable, "there is no such table")
                .hint("Name the table as 'schema.table'."),
            SourceError::NotATable { name } => {
                Report::new(SqlState::WrongObjectType, format!("\"{name}\" is not an ordinary or partitioned table"))
                    .hint("Views and foreign tables cannot be trusted as membership source; name the table behind it.")
            }
            SourceError::Temporary { name } => {
                Report::new(SqlState::WrongObjectType, format!("\"{name}\" is a temporary table"))
                    .hint("Other sessions could not read it; name a permanent table.")
            }
            SourceError::ColumnNotNamed => {
                Report::new(SqlState::NullValueNotAllowed, "a membership source needs both columns")
                    .hint("Give p_workspace_column and p_user_column.")
            }
            SourceError::NoSuchColumn { table, column } => Report::new(
                SqlState::UndefinedColumn,
                format!("column \"{column}\" of table \"{table}\" does not exist"),
            )
            .hint("Name the columns as the table has them."),
            SourceError::WorkspaceColumnType { table, column } => Report::new(
                SqlState::DatatypeMismatch,
                format!("column \"{column}\" of table \"{table}\" holds arrays, records or JSON, not keys of workspaces"),
            )
            .hint("Name a column whose values are keys: uuid, text, a number. audit_resource_id('workspace', key::text) is the id of one that is no uuid."),
            SourceError::UserColumnType { table, column } => Report::new(
                SqlState::DatatypeMismatch,
                format!("column \"{column}\" of table \"{table}\" is neither uuid nor text"),
            )
            .hint("Users are told apart by uuid, as in created_by_user_id: add a column with the uuid of each user, and name that."),
        }
    }
}
