//! Audit events, hot and archived, and the deletion log are never changed. UPDATE, DELETE and TRUNCATE are refused to everybody, also to
//! the owner and superusers, on the tables and on every partition, also with `session_replication_role = replica` (the guards are ENABLE
//! ALWAYS).
//!
//! There are two exceptions. Maintenance has a [`crate::permit`], which names its purpose. And a DELETE of the archive may remove a row,
//! because at its end the event must be stored among the hot events ([`crate::archive::restore`], [`crate::conservation`]).

use audit_core::catalogue;
use audit_core::event::column::Column;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::tier::Tier;

use super::change;
use crate::conservation;
use crate::error::Error;
use crate::event::row::{Columns, SHAPE};
use crate::event::voucher::vouches;
use crate::permit::{self, Purpose};
use crate::pg::call::{Answer, Call};
use crate::pg::expected::{Expected, On};
use crate::pg::fired::{Fired, Level, Operation, Timing};
use crate::pg::trigger::Trigger;
use crate::pg::trigger_level;
use crate::storage::Storage;
use crate::taken;

/// What the guards protect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    Events,
    DeletionLog,
    Configuration,
}

/// An UPDATE, DELETE or TRUNCATE of something that lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Immutable {
    pub what: Lasting,
    pub operation: &'static str,
    pub table: String,
}

impl IntoReport for Immutable {
    fn report(&self) -> Report {
        let (message, hint) = match self.what {
            Lasting::Events => (
                "Audit events are immutable",
                "To remove a person's events use delete_user_audit_events_compliant(); old events are moved by archive_old_audit_events().",
            ),
            Lasting::DeletionLog => (
                "Audit events are immutable",
                "The deletion log and what belongs to it only grow; functions of the extension write them.",
            ),
            Lasting::Configuration => (
                "Audit configuration cannot be deleted",
                "Change the row instead; the change is itself an audit event.",
            ),
        };
        Report::new(SqlState::RestrictViolation, message)
            .detail(format!("{} on \"{}\" was refused.", self.operation, self.table))
            .hint(hint)
            .table(&*self.table)
    }
}

/// BEFORE UPDATE OR DELETE for each row, BEFORE TRUNCATE for each statement.
const CHANGES: Fired = Fired::when(Timing::Before, &[Operation::Update, Operation::Delete], Level::Row)
    .or(Fired::when(Timing::Before, &[Operation::Truncate], Level::Statement));

static GUARD_EVENTS: Expected = Expected { on: On::Trees(catalogue::EVENTS_GUARD), fired: CHANGES, columns: &SHAPE };

static GUARD_DELETION_LOG: Expected =
    Expected { on: On::Tables(catalogue::DELETION_LOG_GUARD), fired: CHANGES, columns: &[] };

/// `audit_events_guard()`.
pub fn guard_events(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &GUARD_EVENTS)?;
    match trigger.operation() {
        Operation::Delete if may_leave(call, &trigger)? => Ok(trigger.pass(trigger.old_row())),
        Operation::Update => match change::admitted(&trigger)? {
            Some(answer) => Ok(answer),
            None => refuse(&trigger, Lasting::Events),
        },
        _ => refuse(&trigger, Lasting::Events),
    }
}

fn side(trigger: &Trigger) -> Tier {
    if trigger.relation().name == Tier::Archive.table() { Tier::Archive } else { Tier::Hot }
}

/// Whether the row being deleted may go; notes it where it must be found again elsewhere.
fn may_leave(call: &Call, trigger: &Trigger) -> Result<bool, Error> {
    let side = side(trigger);
    let columns: Columns = trigger.columns(trigger.old_row(), &SHAPE)?;
    match permit::admits(|purpose| covers(purpose, side, trigger, &columns)) {
        Some(Purpose::Archive { .. }) => {
            conservation::leaves(side, &columns)?;
            Ok(true)
        }
        // What vouches for a deletion is never removed; the statements leave it out.
        Some(Purpose::Purge { .. } | Purpose::Remove { .. } | Purpose::Cold { .. })
            if vouches(&*Storage::of(call)?, &columns) =>
        {
            Ok(false)
        }
        Some(Purpose::Purge { .. } | Purpose::Remove { .. } | Purpose::Cold { .. }) => {
            taken::note(&columns);
            Ok(true)
        }
        Some(_) => Ok(true),
        None if side == Tier::Archive && conservation::statement_is_open(trigger_level::current()) => {
            conservation::leaves(side, &columns)?;
            Ok(true)
        }
        None => Ok(false),
    }
}

fn covers(purpose: Purpose, side: Tier, trigger: &Trigger, columns: &Columns) -> bool {
    match purpose {
        Purpose::Drain { table } => table == trigger.table(),
        Purpose::Archive { table } => side == Tier::Hot && table == trigger.table(),
        Purpose::Purge { workspace, before } => {
            side == Tier::Archive
                && columns.workspace() == Some(workspace)
                && columns.time(Column::CreatedAt).is_some_and(|time| time < before)
        }
        Purpose::Remove { workspace, before } => {
            columns.workspace() == Some(workspace) && columns.time(Column::CreatedAt).is_some_and(|time| time < before)
        }
        Purpose::Cold { workspace, from, to } => {
            side == Tier::Archive
                && columns.workspace() == Some(workspace)
                && columns.time(Column::CreatedAt).is_some_and(|time| from <= time && time <= to)
        }
        Purpose::Lend { .. }
        | Purpose::Erase { .. }
        | Purpose::Adopt { .. }
        | Purpose::Configure { .. }
        | Purpose::ForgetKeys { .. }
        | Purpose::ClearUnused { .. }
        | Purpose::Seal => false,
    }
}

/// `audit_deletion_log_guard()`: the same for the log.
pub fn guard_deletion_log(call: &Call) -> Result<Answer, Error> {
    refuse(&Trigger::of(call, &GUARD_DELETION_LOG)?, Lasting::DeletionLog)
}

pub fn refuse(trigger: &Trigger, what: Lasting) -> Result<Answer, Error> {
    Err(Immutable { what, operation: trigger.operation().word(), table: trigger.table_name() }.into())
}
