//! The one door for changes that the guards refuse, and it is in memory.
//!
//! Maintenance opens it for one relation, for the length of one native call. It is no setting, role or row, so
//! nothing a caller can write opens it; it is closed on every way out, errors and rollbacks included. It is open one
//! trigger level below the opener only, so triggers of others that run meanwhile find the guards closed. Code
//! of others that runs without a trigger (an index expression, say) is found out by counting: whoever opened the
//! door compares the rows let through with the rows moved, and a surplus fails the transaction.

use std::cell::Cell;

use pgrx::pg_sys;

use crate::error::Error;

#[derive(Clone, Copy)]
struct Pass {
    relation: pg_sys::Oid,
    trigger_level: i32,
    let_through: u64,
}

thread_local! {
    static PASS: Cell<Option<Pass>> = const { Cell::new(None) };
}

/// Rows of one relation may be deleted while this value lives.
pub struct Door(());

impl Door {
    /// Opens the door for deletions from `relation` that the statement run next makes. It opens once at a time: code that
    /// runs behind it cannot open it again.
    pub fn open(relation: pg_sys::Oid) -> Result<Door, Error> {
        if PASS.get().is_some() {
            return Err(Error::MaintenanceBusy { what: "maintenance within maintenance" });
        }
        PASS.set(Some(Pass { relation, trigger_level: trigger_level() + 1, let_through: 0 }));
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

/// Asked by a guard: may this row of `relation` go? Counts it if so.
pub fn lets_through(relation: pg_sys::Oid) -> bool {
    match PASS.get() {
        Some(mut pass) if pass.relation == relation && pass.trigger_level == trigger_level() => {
            pass.let_through += 1;
            PASS.set(Some(pass));
            true
        }
        _ => false,
    }
}

pub(super) fn close() {
    PASS.set(None);
}

fn trigger_level() -> i32 {
    // SAFETY: pg_trigger_depth reads nothing of its call info.
    unsafe { pgrx::direct_function_call::<i32>(pg_sys::pg_trigger_depth, &[]).unwrap_or(0) }
}
