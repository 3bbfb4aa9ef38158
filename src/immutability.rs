//! Audit events, hot and archived, and the deletion log are never changed: UPDATE, DELETE and TRUNCATE are refused to
//! everybody, the owner and superusers included, on the tables and on every partition, also with
//! `session_replication_role = replica` (the guards are ENABLE ALWAYS). The only way past is [`crate::pg::door`].

use crate::error::{Error, Immutable};
use crate::pg::call::{Answer, Call};
use crate::pg::trigger::{Operation, Trigger};
use crate::pg::{door, spi};
use crate::storage::Storage;

/// `audit_events_guard()`: BEFORE UPDATE OR DELETE for each row, BEFORE TRUNCATE for each statement.
pub fn guard_events(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call)?;
    if trigger.operation() == Operation::Delete && door::lets_through(trigger.table()) {
        return Ok(trigger.pass(trigger.old_row()));
    }
    refuse(&trigger, Immutable::Events)
}

/// `audit_deletion_log_guard()`: the same for the log.
pub fn guard_deletion_log(call: &Call) -> Result<Answer, Error> {
    refuse(&Trigger::of(call)?, Immutable::DeletionLog)
}

pub fn refuse(trigger: &Trigger, what: Immutable) -> Result<Answer, Error> {
    let operation = match trigger.operation() {
        Operation::Insert => "INSERT",
        Operation::Update => "UPDATE",
        Operation::Delete => "DELETE",
        Operation::Truncate => "TRUNCATE",
    };
    Err(Error::Immutable { what, operation, table: trigger.table_name() })
}

/// A trigger (or column default) of the trail that is missing, or not in the state it must be in.
pub struct Guard {
    pub table: String,
    pub is_partition: bool,
}

pub fn missing_guards(storage: &Storage) -> Vec<Guard> {
    let sql =
        spi::fill(include_str!("../sql/setup/missing_guards.sql"), &[("schema", storage.schema.to_u32().to_string())]);
    spi::rows(&sql, |row| Some(Guard { table: row.text(1)?, is_partition: row.bool(3)? }))
        .into_iter()
        .flatten()
        .collect()
}
