//! The one door for changes that the guards refuse, and it is in memory.
//!
//! Maintenance opens it for one deed on one thing, for the length of one native call. It is no setting, role or row, so
//! nothing a caller can write opens it; it is closed on every way out, errors and rollbacks included. It is open one
//! trigger level below the opener only, so triggers of others that run meanwhile find the guards closed. Code
//! of others that runs without a trigger (an index expression, say) is found out by counting: whoever opened the
//! door compares the rows let through with the rows moved, and a surplus fails the transaction.

use std::cell::Cell;

use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use pgrx::pg_sys;
use uuid::Uuid;

use crate::pg::callbacks::Hooks;
use crate::pg::trigger_level;

/// What may happen to rows while the door is open. Each deed names the rows it is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Rows leave this default partition for the partition of their month.
    Drain { table: pg_sys::Oid },
    /// Events leave this hot partition for the archive, and must be found there.
    Archive { table: pg_sys::Oid },
    /// Archived events of a workspace, before a time, are removed for good.
    Purge { workspace: Uuid, before: i64 },
    /// Live events of a workspace by a user, or about them, lose their payload and are marked.
    Erase { workspace: Uuid, user: Uuid, about: bool },
    /// Rows of this table that say what holds without them are removed.
    ClearUnused { table: pg_sys::Oid },
    /// This table of configuration is written by the function that is meant to.
    Configure { table: pg_sys::Oid },
}

/// Code of somebody else ran behind the door, or tried to open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// Maintenance that is called by code that maintenance runs.
    Nested,
    /// More rows were let through than whoever opened the door had moved or removed.
    Surplus { table: String },
}

impl IntoReport for Breach {
    fn report(&self) -> Report {
        match self {
            Breach::Nested => Report::new(
                SqlState::RestrictViolation,
                "maintenance of the audit trail was called from within maintenance",
            )
            .hint("Code of somebody else (a trigger or an index expression, say) called it; remove that code. Nothing was changed."),
            Breach::Surplus { table } => Report::new(
                SqlState::RestrictViolation,
                format!("more rows left \"{table}\" than were moved"),
            )
            .hint("Code of somebody else (an index expression, say) deleted events during maintenance; nothing was changed."),
        }
    }
}

#[derive(Clone, Copy)]
struct Pass {
    deed: Deed,
    trigger_level: i32,
    let_through: u64,
}

thread_local! {
    static PASS: Cell<Option<Pass>> = const { Cell::new(None) };
}

/// The deed may be done while this value lives, by the statement that its owner runs next.
pub struct Door(());

impl Door {
    /// It opens once at a time: code that runs behind it cannot open it again.
    pub fn open(deed: Deed) -> Result<Door, Breach> {
        if PASS.get().is_some() {
            return Err(Breach::Nested);
        }
        PASS.set(Some(Pass { deed, trigger_level: trigger_level::current() + 1, let_through: 0 }));
        Ok(Door(()))
    }

    /// How many rows the guards let through since the door was opened.
    pub fn let_through(&self) -> u64 {
        PASS.get().map_or(0, |pass| pass.let_through)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        close();
    }
}

/// Asked by a guard about one row: does the open door stand for it, in the eyes of `fits`? Counts it if so.
pub fn lets_through(fits: impl FnOnce(Deed) -> bool) -> Option<Deed> {
    let mut pass = PASS.get().filter(|pass| pass.trigger_level == trigger_level::current() && fits(pass.deed))?;
    pass.let_through += 1;
    PASS.set(Some(pass));
    Some(pass.deed)
}

fn close() {
    PASS.set(None);
}

/// No rollback leaves it open.
pub const HOOKS: Hooks = Hooks { rolled_back_to: |_| close(), ended: close, ..Hooks::NONE };
