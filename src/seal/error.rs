//! Why no proof can be given.

use audit_core::ids::EventId;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceError {
    /// Rows of a log are missing, or hold something else than hashes.
    LogUnreadable {
        log: Uuid,
    },
    NothingSealed,
    /// No event of this workspace is sealed.
    WorkspaceNotSealed {
        workspace: Uuid,
    },
    UnknownEvent {
        event: EventId,
    },
    EventNotSealed {
        event: EventId,
    },
    UnknownOrigin {
        origin: String,
    },
    NoSealOfSize {
        name: &'static str,
        size: i64,
        newest: u64,
    },
    /// A place or size that the log has not reached.
    BeyondLog {
        name: &'static str,
        value: i64,
        size: u64,
    },
    UnknownField {
        field: String,
    },
    NotANote,
    /// The text of the note is none of our checkpoints.
    NotOurCheckpoint {
        line: String,
    },
    /// More lines would make the note one that nobody reads.
    TooManySignatures {
        size: u64,
    },
    /// All heads of all workspaces are asked for.
    NotStaff,
}

impl IntoReport for EvidenceError {
    fn report(&self) -> Report {
        const SEAL: &str = "Call audit_seal() as an operator first, or schedule it with audit_schedule_jobs().";
        let wrong = |message: String| Report::new(SqlState::InvalidParameterValue, message);
        match self {
            Self::LogUnreadable { log } => {
                Report::new(SqlState::SystemError, format!("the log {log} cannot be read: rows of it are missing or damaged"))
                    .hint("Call audit_verify() to learn what is wrong, and compare audit_log_tiles with a backup.")
            }
            Self::NothingSealed => wrong("nothing has been sealed yet".into()).hint(SEAL),
            Self::WorkspaceNotSealed { workspace } => {
                wrong(format!("no event of workspace {workspace} is sealed yet")).hint(SEAL)
            }
            Self::UnknownEvent { event } => wrong(format!("there is no event {event}"))
                .detail("There never was one, or it was purged.")
                .hint("Take the id from get_audit_trail(). audit_export_log() shows the places of events that were purged."),
            Self::EventNotSealed { event } => wrong(format!("event {event} is not sealed yet"))
                .detail("A seal takes what was committed before it.")
                .hint(SEAL),
            Self::UnknownOrigin { origin } => wrong(format!("p_origin {origin} is none of this trail's"))
                .hint("SELECT incarnation, origin FROM audit_log_incarnations shows them; leave it out for the present one."),
            Self::NoSealOfSize { name, size, newest } => {
                wrong(format!("{name} {size} is not the size of a checkpoint")).detail(format!("The newest has {newest} heads.")).hint(
                    "A checkpoint was made by each seal: SELECT root_size FROM audit_log_seals shows their sizes; leave it out for the newest.",
                )
            }
            Self::BeyondLog { name, value, size } => {
                wrong(format!("{name} {value} is not within the log")).detail(format!("The log has {size} places.")).hint(format!("Give a number between 0 and {size}."))
            }
            Self::UnknownField { field } => wrong(format!("p_fields: no column of an event is called {field}")).hint(
                "Columns that can be shown are those of get_audit_trail(), but is_archived; leave p_fields out for all of them.",
            ),
            Self::NotANote => wrong("p_note is not a signed note".into())
                .hint("Give the checkpoint with the lines of its signatures behind a blank line, each \"— name base64\" (C2SP signed-note)."),
            Self::NotOurCheckpoint { line } => wrong("p_note is not a checkpoint of this trail".into())
                .detail(format!("It begins with \"{line}\"."))
                .hint("Sign the text that audit_checkpoint() or audit_consistency_proof() gives, as it is."),
            Self::TooManySignatures { size } => {
                wrong(format!("the checkpoint of size {size} has as many signatures as a note can have"))
                    .hint("Have a newer checkpoint signed.")
            }
            Self::NotStaff => Report::new(
                SqlState::InsufficientPrivilege,
                "permission denied to read the log of all workspaces",
            )
            .hint("It takes the access level operator or compliance, and no gateway. Name a workspace in p_workspace_id."),
        }
    }
}
