//! Configuration of the trail is audited too, in every table whose `audited` the catalogue sets: it cannot be deleted, and every change is recorded as an
//! event with the old and the new row.

use audit_core::catalogue::{self, TrailRelation, Updated};
use audit_core::deletion::request_state::RequestState;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use pgrx::pg_sys::UUIDOID;

use crate::access;
use crate::cluster::{self, log};
use crate::error::Error;
use crate::event::resource::resource_id;
use crate::guard::immutability::{self, Lasting};
use crate::permit::{self, Purpose};
use crate::pg::call::{Answer, Call};
use crate::pg::expected::{Expected, On};
use crate::pg::fired::{Fired, Level, Operation, Timing};
use crate::pg::trigger::{Trigger, Tuple};
use crate::pg::{jsonb, relation, role};
use crate::policy::default_row;
use crate::record::system_event::{self, SystemEvent};
use crate::settings;
use crate::storage::Storage;

/// A table that only functions write is written by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionsOnly {
    pub table: String,
    /// Those that write it, in words.
    pub functions: String,
}

impl IntoReport for FunctionsOnly {
    fn report(&self) -> Report {
        let FunctionsOnly { table, functions } = self;
        Report::new(SqlState::RestrictViolation, format!("table \"{table}\" is written by its functions only"))
            .hint(format!("Use {functions}."))
            .table(&**table)
    }
}

/// Somebody who has a right on the table, but neither the owner's rights nor a level that changes it: a member of `pg_write_all_data`, the owner of a
/// subscription to somebody else's rows, or a role to which the right was granted by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAllowedToConfigure {
    pub role: String,
    pub table: String,
}

impl IntoReport for NotAllowedToConfigure {
    fn report(&self) -> Report {
        let NotAllowedToConfigure { role, table } = self;
        Report::new(SqlState::InsufficientPrivilege, format!("role \"{role}\" may not change \"{table}\""))
            .detail("A right on tables is no access level of the trail.")
            .hint("Whoever has the rights of the extension's owner gives a level with audit_grant(); compliance changes policies and action types.")
            .table(&**table)
    }
}

/// The steps of a request for deletion, by the state they lead to.
const STEPS: [(RequestState, &str); 4] = [
    (RequestState::CoolingOff, "AUDIT_DELETION_APPROVED"),
    (RequestState::Executed, "AUDIT_DELETION_EXECUTED"),
    (RequestState::Rejected, "AUDIT_DELETION_REJECTED"),
    (RequestState::Expired, "AUDIT_DELETION_EXPIRED"),
];

static CHANGED: Expected = Expected {
    on: On::Tables(catalogue::CONFIGURATION_CHANGED),
    fired: Fired::when(Timing::After, &[Operation::Insert, Operation::Update], Level::Row),
    columns: &[],
};

static GUARD: Expected = Expected {
    on: On::Tables(catalogue::CONFIGURATION_GUARD),
    fired: Fired::when(Timing::Before, &[Operation::Delete], Level::Row).or(Fired::when(
        Timing::Before,
        &[Operation::Truncate],
        Level::Statement,
    )),
    columns: &[],
};

static FUNCTIONS_ONLY: Expected = Expected {
    on: On::Tables(catalogue::FUNCTIONS_ONLY),
    fired: Fired::when(Timing::Before, &[Operation::Insert, Operation::Update, Operation::Delete], Level::Row).or(
        Fired::when(
            Timing::Before,
            &[Operation::Insert, Operation::Update, Operation::Delete, Operation::Truncate],
            Level::Statement,
        ),
    ),
    columns: &[],
};

/// `audit_configuration_changed()`.
pub fn changed(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &CHANGED)?;
    let storage = Storage::of(call)?;
    let row = trigger.new_row();
    // Nobody remembers that a workspace has no policy.
    if default_row::is_making_default() {
        return Ok(trigger.pass(row));
    }
    demand_right(&storage, &trigger)?;
    // Other backends remember the configuration they read: this tells them, when the transaction commits.
    relation::tell_changed(trigger.table());
    if log::is_carrying() || is_told_elsewhere(trigger.operation()) {
        return Ok(trigger.pass(row));
    }
    let old = (trigger.operation() == Operation::Update).then(|| trigger.row_as_jsonb(trigger.old_row()));
    let new = trigger.row_as_jsonb(row);
    let unchanged = old.is_some_and(|old| jsonb::changed_keys(old, new).is_some_and(|keys| keys.is_empty()));
    if !unchanged {
        let TrailRelation { name: table, audited: Some(audited), .. } = trigger.relation() else {
            return Err(trigger.misplaced().into());
        };
        let event = match audited.updated {
            _ if old.is_none() => audited.inserted,
            Updated::Event(event) => event,
            Updated::ByState => step(&trigger, row).unwrap_or("AUDIT_CONFIGURATION_CHANGED"),
        };
        let key = trigger.column_as_text(row, audited.key).unwrap_or_default();
        system_event::record(
            &storage,
            &SystemEvent {
                action_type: event,
                resource_type: table,
                resource_id: Some(resource_id(&storage, table, &key)),
                workspace_id: trigger.column(row, "workspace_id", UUIDOID)?,
                old_values: old,
                new_values: Some(new),
            },
        )?;
        cluster::row::tell(&storage, table, new)?;
    }
    Ok(trigger.pass(row))
}

/// Functions of ours write as the owner of the extension.
fn demand_right(storage: &Storage, trigger: &Trigger) -> Result<(), NotAllowedToConfigure> {
    let user = role::current_user();
    let is_for_officers = trigger.relation().rights.iter().any(|grant| grant.right == "INSERT");
    if role::has_rights_of(user, storage.owner) || is_for_officers && access::is_officer(storage, user) {
        return Ok(());
    }
    Err(NotAllowedToConfigure { role: role::name(user), table: trigger.table_name() })
}

/// Whether the change comes with its event: by logical replication, or as a row of a dump. A session that only says that it is a replica tells of
/// its changes like any other, but for INSERTs that follow what every dump begins with.
fn is_told_elsewhere(operation: Operation) -> bool {
    let is_restored = operation == Operation::Insert && Trigger::is_in_replica_role() && settings::is_restoring();
    Trigger::is_applied_by_replication() || is_restored
}

fn step(trigger: &Trigger, row: Tuple) -> Option<&'static str> {
    let state = trigger.column_as_text(row, "state").as_deref().and_then(RequestState::parse)?;
    STEPS.into_iter().find(|(leads_to, _)| *leads_to == state).map(|(_, event)| event)
}

/// `audit_configuration_guard()`.
pub fn guard(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &GUARD)?;
    let is_clearing = |purpose| purpose == Purpose::ClearUnused { table: trigger.table() };
    match trigger.operation() {
        Operation::Delete if permit::admits(is_clearing).is_some() => Ok(trigger.pass(trigger.old_row())),
        _ => immutability::refuse(&trigger, Lasting::Configuration),
    }
}

/// Whether keys are forgotten, here or on the publisher: what it truncates must not stop its subscribers.
fn may_be_emptied(trigger: &Trigger) -> bool {
    let is_forgetting = |purpose| purpose == Purpose::ForgetKeys { table: trigger.table() };
    let has_keys = catalogue::IDEMPOTENCY_KEYS.contains(&trigger.relation().name);
    has_keys && (Trigger::is_applied_by_replication() || permit::admits(is_forgetting).is_some())
}

/// `audit_functions_only_guard(functions)`, for a table that only functions write: asked for each row, or once for a statement.
pub fn functions_only(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &FUNCTIONS_ONLY)?;
    let is_written = |purpose| match purpose {
        Purpose::Configure { table } => table == trigger.table(),
        Purpose::Seal => catalogue::SEALED.contains(&trigger.relation().name),
        _ => false,
    };
    let row = match trigger.operation() {
        _ if !trigger.is_for_row() => None,
        Operation::Delete => Some(trigger.old_row()),
        _ => Some(trigger.new_row()),
    };
    let is_admitted = match trigger.operation() {
        Operation::Truncate => may_be_emptied(&trigger),
        // It is written beneath whatever else is being written.
        Operation::Insert if log::is_marking() => trigger.relation().name == catalogue::CLUSTER_APPLIED,
        _ => permit::admits(is_written).is_some(),
    };
    match row {
        Some(row) if is_admitted => Ok(trigger.pass(row)),
        None if is_admitted => Ok(Answer::Nothing),
        _ => Err(FunctionsOnly {
            table: trigger.table_name(),
            functions: trigger.argument(0).unwrap_or_default().to_owned(),
        }
        .into()),
    }
}
