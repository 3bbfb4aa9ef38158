//! The rules that every event must keep, whether the table's trigger or the fast path applies them.
//!
//! They take no lock that another writer of the workspace could wait for. For an event that takes the time of insertion they read nothing.

use audit_core::catalogue::EVENTS;
use audit_core::event::action::{SYSTEM_KEY, is_system_action};
use audit_core::event::column::Column;
use audit_core::event::constraint::{self, Constraint, EventFacts};
use audit_core::jsonb::printed;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::time::Timestamp;

use crate::error::Error;
use crate::event::row::Columns;
use crate::pg::datum::Datum;
use crate::pg::jsonb::Jsonb;
use crate::pg::{array, clock, jsonb, value};
use crate::policy::default_row;
use crate::storage::Storage;
use crate::{sequence, settings};

/// The caller used something that is reserved for the extension.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Reserved {
    /// An action type of the extension's own events.
    ActionType,
    /// The key of metadata under which the extension says what it knows of an event.
    Metadata,
    /// A column that only an erasure fills.
    SoftDeletion { column: &'static str },
    /// A column that the server alone fills.
    Seal { column: &'static str },
    /// The archive, which only events that were recorded get into.
    Archive,
}

/// An event of a caller has larger documents than a superuser allows.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct TooLarge {
    /// The parameter of the largest of its documents.
    pub parameter: &'static str,
    pub bytes: usize,
    pub limit: usize,
}

impl IntoReport for TooLarge {
    fn report(&self) -> Report {
        Report::new(
            SqlState::InvalidParameterValue,
            "the documents of an audit event are larger than audit_ext.event_size_limit",
        )
        .detail(format!(
            "old_values, new_values and metadata have {} bytes together, the largest is {}; the limit is {} bytes.",
            self.bytes, self.parameter, self.limit
        ))
        .hint("Record what changed and refer to the rest, or ask a superuser to raise audit_ext.event_size_limit.")
        .parameter(self.parameter)
    }
}

/// The text of an event of a caller would be longer than anybody could read.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct PrintsTooLong {
    /// The parameter with the longest text.
    pub parameter: &'static str,
    /// Of that text, or of all texts together.
    pub length: u64,
    pub limit: u64,
    pub is_of_all: bool,
}

impl IntoReport for PrintsTooLong {
    fn report(&self) -> Report {
        Report::new(SqlState::InvalidParameterValue, "an audit event would have too long a text")
            .detail(format!(
                "{}{} would print as {} bytes; the limit is {} bytes.",
                self.parameter,
                if self.is_of_all { " and all other documents and texts" } else { "" },
                self.length,
                self.limit
            ))
            .hint("Record a number of so many digits as text or without them, and refer to what is large.")
            .parameter(self.parameter)
    }
}

impl IntoReport for Reserved {
    fn report(&self) -> Report {
        match self {
            Reserved::ActionType => Report::new(
                SqlState::InvalidParameterValue,
                "action types that begin with \"AUDIT_\" are the audit trail's own",
            )
            .hint("Choose another prefix, also for events imported from another trail.")
            .parameter("p_action_type"),
            Reserved::Metadata => Report::new(
                SqlState::InvalidParameterValue,
                "the key \"audit_ext\" of metadata is the audit trail's own",
            )
            .hint("Choose another key: under this one the extension says what it knows of an event.")
            .parameter("p_metadata"),
            Reserved::SoftDeletion { column } => Report::new(
                SqlState::RestrictViolation,
                format!("column \"{column}\" of an audit event cannot be set by a caller"),
            )
            .hint("Events are recorded undeleted; use delete_user_audit_events_compliant() to delete.")
            .column(*column),
            Reserved::Seal { column } => Report::new(
                SqlState::GeneratedAlways,
                format!("cannot insert a caller's own value into column \"{column}\" of an audit event"),
            )
            .hint("Leave the column out: the server sets it, for the event's seal.")
            .table(EVENTS)
            .column(*column),
            Reserved::Archive => {
                Report::new(SqlState::RestrictViolation, "Audit events cannot be inserted into the archive")
                    .hint("Record events with insert_audit_event(); archive_old_audit_events() moves them here.")
            }
        }
    }
}

/// The named constraints.
pub fn check_constraints(columns: &Columns, created_at: Timestamp, server_time: bool) -> Result<(), Constraint> {
    let facts = EventFacts {
        action_type: columns.bytes(Column::ActionType),
        resource_type: columns.bytes(Column::ResourceType),
        has_workspace: !columns.is_null(Column::WorkspaceId),
        has_user: !columns.is_null(Column::CreatedByUserId),
        is_in_future: !server_time && created_at > clock::now(),
        old_values_empty: columns.value(Column::OldValues).is_some_and(jsonb::is_empty_object),
        new_values_empty: columns.value(Column::NewValues).is_some_and(jsonb::is_empty_object),
    };
    constraint::first_violation(&facts).map_or(Ok(()), Err)
}

/// Checks what callers must keep and the extension need not: no reserved name is used, and the documents are no larger than allowed.
pub fn check_caller(columns: &Columns) -> Result<(), Error> {
    check_reserved(columns)?;
    check_printed(columns)?;
    match usize::try_from(settings::EVENT_SIZE_LIMIT.get()) {
        Ok(0) | Err(_) => Ok(()),
        Ok(limit) => Ok(check_size(columns, limit)?),
    }
}

const DOCUMENTS: [(Column, &str); 3] =
    [(Column::NewValues, "p_new_values"), (Column::OldValues, "p_old_values"), (Column::Metadata, "p_metadata")];
const TEXTS: [(Column, &str); 5] = [
    (Column::UserAgent, "p_user_agent"),
    (Column::RequestId, "p_request_id"),
    (Column::ActionType, "p_action_type"),
    (Column::ResourceType, "p_resource_type"),
    (Column::Tags, "p_tags"),
];

/// As it would be printed, in an export or to be sealed.
fn check_printed(columns: &Columns) -> Result<(), PrintsTooLong> {
    let (mut longest, mut all) = ((0, ""), 0);
    let mut add = |length, parameter| {
        longest = longest.max((length, parameter));
        all += length;
    };
    for (column, parameter) in DOCUMENTS {
        let Some(document) = columns.value(column) else { continue };
        let bytes = value::raw_size(document);
        if printed::is_short(bytes) {
            continue;
        }
        let (length, limit) = (printed::length(Jsonb::of(document).stored()), printed::allowed(bytes));
        if length > limit {
            return Err(PrintsTooLong { parameter, length, limit, is_of_all: false });
        }
        add(length, parameter);
    }
    for (column, parameter) in TEXTS {
        // At worst each byte is escaped.
        let length = columns.value(column).map_or(0, |text| 6 * value::raw_size(text) as u64);
        if length > printed::LONGEST {
            return Err(PrintsTooLong { parameter, length, limit: printed::LONGEST, is_of_all: false });
        }
        add(length, parameter);
    }
    let limit = printed::TOGETHER;
    match longest {
        (_, parameter) if all > limit => Err(PrintsTooLong { parameter, length: all, limit, is_of_all: true }),
        _ => Ok(()),
    }
}

/// In the bytes of jsonb, before compression.
fn check_size(columns: &Columns, limit: usize) -> Result<(), TooLarge> {
    let size = |column| columns.value(column).map_or(0, |document| Jsonb::of(document).stored().bytes().len());
    let sizes = DOCUMENTS.map(|(column, parameter)| (size(column), parameter));
    let bytes = sizes.iter().map(|(size, _)| size).sum();
    match sizes.iter().max_by_key(|(size, _)| *size) {
        Some((_, parameter)) if bytes > limit => Err(TooLarge { parameter, bytes, limit }),
        _ => Ok(()),
    }
}

/// Checks that an event of a caller uses no reserved name.
fn check_reserved(columns: &Columns) -> Result<(), Reserved> {
    if columns.bytes(Column::ActionType).is_some_and(is_system_action) {
        return Err(Reserved::ActionType);
    }
    match columns.value(Column::Metadata) {
        Some(metadata) if jsonb::has_key(metadata, SYSTEM_KEY.as_bytes()) => Err(Reserved::Metadata),
        _ => Ok(()),
    }
}

/// Checks the order of a caller-supplied time, and inserts the workspace's default policy with its first event.
pub fn check_order(
    storage: &Storage,
    columns: &Columns,
    created_at: Timestamp,
    server_time: bool,
) -> Result<(), Error> {
    if let Some(workspace) = columns.workspace() {
        if server_time {
            sequence::reached(workspace, created_at);
        } else {
            sequence::check_order(storage, workspace, created_at)?;
        }
        default_row::ensure(storage, workspace);
    }
    Ok(())
}

/// Sorted names of the keys that differ, when old and new values are both objects.
pub fn changed_fields(columns: &Columns) -> Option<Datum<'static>> {
    let (old, new) = (columns.value(Column::OldValues)?, columns.value(Column::NewValues)?);
    Some(array::from_names(&jsonb::changed_keys(old, new)?))
}
