//! Every error a caller can meet; [`report`] words them: SQLSTATE, message, DETAIL, HINT.
//!
//! SQLSTATEs stay out of classes 40, 55, 57 and P0 (other than P0001), which PostgREST turns into "500". Messages,
//! details and hints never carry an event's payload.

mod nobody;
mod refusal;
mod report;

use std::borrow::Cow;

use audit_core::deletion::request_state::Refusal;
use audit_core::event::constraint::Check;
pub use nobody::Nobody;
use uuid::Uuid;

use crate::ddl_guard::decide::Why;

/// What is sent to the client.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub sqlstate: &'static str,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    pub constraint: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// An event breaks one of the named constraints.
    Check(Check),
    /// UPDATE, DELETE or TRUNCATE of something that is never changed.
    Immutable {
        what: Immutable,
        operation: &'static str,
        table: String,
    },
    /// The caller says what only the extension says.
    Reserved(Reserved),
    /// The caller brought an id of their own.
    OwnId,
    /// The caller set a column of the soft deletion.
    SoftDeletion {
        column: &'static str,
    },
    /// INSERT straight into the archive.
    ArchiveInsert,
    /// The operating system gives no random bytes.
    NoRandomness,
    /// A caller-supplied time that no id can carry.
    TimeOutOfRange,
    /// A caller-supplied time before the newest event of the workspace.
    BeforeLastEvent {
        newest: String,
    },
    /// The actor is no member of the workspace.
    NotAMember,
    MembershipSourceGone {
        detail: String,
    },
    MembershipSource {
        problem: String,
        sqlstate: &'static str,
        hint: &'static str,
    },
    Floor {
        problem: &'static str,
        hint: &'static str,
    },
    /// A trigger or rule of somebody else kept the event from being stored as it was given.
    Interfered {
        table: &'static str,
        how: &'static str,
    },
    /// `insert_audit_events`: what is wrong with one element.
    Bulk {
        index: usize,
        key: Option<String>,
        problem: Cow<'static, str>,
        hint: &'static str,
    },
    BulkShape,
    /// An element of `insert_audit_events` broke a rule.
    InBulk {
        index: usize,
        error: Box<Error>,
    },
    Argument {
        name: &'static str,
        problem: String,
        hint: String,
    },
    EventNotFound {
        id: String,
    },
    StorageMissing {
        relation: String,
    },
    Shape {
        table: String,
    },
    /// Citus keeps a table of the trail in shards.
    Split {
        /// Qualified and quoted.
        table: String,
    },
    ForeignStorage {
        differences: Vec<String>,
    },
    NotOwner {
        owner: String,
    },
    MaintenanceBusy {
        what: &'static str,
    },
    /// Others who move, remove or protect events did not come to an end.
    NoTurn {
        what: &'static str,
    },
    /// What was done locks out everybody else until the transaction ends, so it cannot be left to whoever finishes a prepared one.
    PreparedWithStrongLocks,
    PartitionNameTaken {
        name: String,
    },
    UncountedDeletes {
        table: String,
    },
    /// An event left one side and was not found unchanged on the other.
    NotConserved {
        event: Uuid,
    },
    /// A table of configuration that only functions write.
    FunctionsOnly {
        table: String,
        functions: String,
    },
    /// No event of the trail records what a row claims.
    Unproven {
        what: &'static str,
        id: Uuid,
    },
    /// Nobody can tell who would act or read, or it is not who may.
    Nobody(Nobody),
    /// pg_cron is not there.
    NoScheduler {
        calls: String,
    },
    /// A procedure that commits was called where nothing may be committed.
    InTransactionBlock,
    /// A legal hold forbids it.
    Held {
        hold: Uuid,
    },
    /// The policy demands a request that somebody else approves.
    NeedsApproval,
    /// A request for deletion does not take this step now.
    Request {
        refusal: Refusal,
    },
    /// What a scrub should remove can still be seen by somebody.
    StillSeen,
    /// A statement or cursor of this very session reads what is to be scrubbed.
    ReadHere,
    /// The policy forbids a purge.
    Kept {
        why: String,
    },
    /// CREATE EXTENSION while a dump is being restored: a warning.
    Restoring,
    IsMember {
        member: String,
    },
    /// DDL that would change, weaken or take away a part of the trail.
    Ddl {
        command: &'static str,
        /// What is touched, in words.
        what: String,
        why: Why,
    },
    /// DROP EXTENSION … CASCADE: a warning.
    GuardsDropped,
    /// GRANT … ON ALL … IN SCHEMA: a warning.
    RightsTakenBack,
    SetNotExpected,
    NotATrigger,
    /// A trigger that calls one of our functions for what it is not made for.
    MisplacedTrigger {
        function: String,
        table: String,
        /// What it is made for, in words.
        expected: String,
    },
    /// A capture trigger with an argument that nobody of ours wrote.
    CaptureOptions {
        table: String,
    },
    /// Found while setting up: a warning.
    Capture {
        is_gap: bool,
        detail: String,
        hint: String,
    },
    /// A table that cannot be tracked, or not as asked.
    Tracking {
        problem: String,
        sqlstate: &'static str,
        hint: String,
    },
}

impl From<audit_core::argument::Argument> for Error {
    fn from(audit_core::argument::Argument { name, problem, hint }: audit_core::argument::Argument) -> Error {
        Error::Argument { name, problem: problem.into_owned(), hint: hint.into_owned() }
    }
}

/// What of an event is the extension's own.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Reserved {
    ActionType,
    Metadata,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Immutable {
    Events,
    DeletionLog,
    Configuration,
}
