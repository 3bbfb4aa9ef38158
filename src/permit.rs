//! An in-memory permit that lets maintenance change rows which the guards protect.
//!
//! Maintenance issues it for one purpose, which names the rows, and holds it for the length of one native call. It is no setting, role or
//! row, so nothing that a caller can write issues one. It ends on every way out, errors and rollbacks included. It holds one
//! trigger level below the issuer only: triggers of others that run meanwhile find the guards as strict as ever. Code
//! of others that runs without a trigger (an index expression, say) is found out by counting: whoever issued the
//! permit compares the rows that it admitted with the rows that it moved, and a surplus fails the transaction.

use std::cell::Cell;

use audit_core::ids::{UserId, WorkspaceId};
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::time::Timestamp;
use pgrx::pg_sys;

use crate::pg::callbacks::Hooks;
use crate::pg::trigger_level;

/// What a permit is for. Each purpose names its rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Rows leave this default partition for the partition of their month.
    Drain { table: pg_sys::Oid },
    /// Events leave this hot partition for the archive, and must be found there.
    Archive { table: pg_sys::Oid },
    /// Archived events of a workspace, before a time, are removed for good.
    Purge { workspace: WorkspaceId, before: Timestamp },
    /// Events of a workspace before a time, hot or archived, are removed for good, once more or with the whole workspace.
    Remove { workspace: WorkspaceId, before: Timestamp },
    /// Archived events of a workspace, from one time to another, leave for cold storage.
    Cold { workspace: WorkspaceId, from: Timestamp, to: Timestamp },
    /// Events of a workspace come into the archive from cold storage.
    Lend { workspace: WorkspaceId },
    /// Live events of a workspace by a user, or about them, lose their payload and are marked.
    Erase { workspace: WorkspaceId, user: UserId, about: bool },
    /// Events get this mark of the transaction that adopts them, and a key if they have none.
    Adopt { mark: i64 },
    /// Rows of this table that say what holds without them are removed.
    ClearUnused { table: pg_sys::Oid },
    /// The keys of this table are forgotten: it is truncated.
    ForgetKeys { table: pg_sys::Oid },
    /// This table of configuration is written by the function that is meant to.
    Configure { table: pg_sys::Oid },
    /// The tables of the logs are written by a seal.
    Seal,
}

/// Code of somebody else made use of a permit, or tried to get one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// Maintenance that is called by code that maintenance runs.
    Nested,
    /// More rows were admitted than whoever issued the permit had moved or removed.
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
struct Issued {
    purpose: Purpose,
    trigger_level: i32,
    admitted: u64,
}

thread_local! {
    static ISSUED: Cell<Option<Issued>> = const { Cell::new(None) };
}

/// The purpose is admitted while this value lives, in the statement that its owner runs next.
pub struct Permit(());

impl Permit {
    /// There is one at a time: code that runs under it cannot issue another.
    pub fn issue(purpose: Purpose) -> Result<Permit, Breach> {
        if ISSUED.get().is_some() {
            return Err(Breach::Nested);
        }
        ISSUED.set(Some(Issued { purpose, trigger_level: trigger_level::current() + 1, admitted: 0 }));
        Ok(Permit(()))
    }

    /// How many rows the guards have admitted since it was issued.
    pub fn admitted(&self) -> u64 {
        ISSUED.get().map_or(0, |issued| issued.admitted)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        revoke();
    }
}

/// Asked by a guard about one row: the purpose that admits it, if `fits` says that it does. The row is counted then.
pub fn admits(fits: impl FnOnce(Purpose) -> bool) -> Option<Purpose> {
    let mut issued =
        ISSUED.get().filter(|issued| issued.trigger_level == trigger_level::current() && fits(issued.purpose))?;
    issued.admitted += 1;
    ISSUED.set(Some(issued));
    Some(issued.purpose)
}

fn revoke() {
    ISSUED.set(None);
}

/// A permit does not outlive a rollback.
pub const HOOKS: Hooks = Hooks { rolled_back_to: |_| revoke(), ended: revoke, ..Hooks::NONE };
