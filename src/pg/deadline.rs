//! Ends sessions that keep strong locks on the trail for too long.
//!
//! Whatever alters the tables of the trail keeps strong locks to the end of its transaction, and roles that own nothing may call it. Such a
//! role could leave the transaction open, and nobody could record. So its session is terminated when its time is over, idle or not; no
//! setting can prevent that. The transaction is then rolled back.

use std::cell::Cell;
use std::ffi::c_int;

use audit_core::report::IntoReport;
use pgrx::pg_sys;

use super::callbacks::Hooks;
use super::misuse::Misuse;
use super::raise;
use super::unguarded::{RegisterTimeout, SetLatch, disable_timeout, enable_timeout_after};

const MILLISECONDS: c_int = 10_000;
/// At or above every version's USER_TIMEOUT: asks for the next number that is free.
const ANY_FREE: c_int = 20;

thread_local! {
    /// Drawn once per backend.
    static TIMEOUT: Cell<Option<c_int>> = const { Cell::new(None) };
    /// The savepoint in which the locks were taken.
    static ARMED_IN: Cell<Option<pg_sys::SubTransactionId>> = const { Cell::new(None) };
}

pub const HOOKS: Hooks = Hooks { rolled_back_to, released, before_prepare: refuse_prepare, ended: end, ..Hooks::NONE };

/// From now on the transaction has ten seconds.
pub fn begin() {
    // SAFETY: the handler lives as long as the library. A backend registers it once, of ten numbers that extensions may use.
    unsafe {
        let timeout = TIMEOUT.get().unwrap_or_else(|| RegisterTimeout(ANY_FREE, expired));
        TIMEOUT.set(Some(timeout));
        enable_timeout_after(timeout, MILLISECONDS);
    }
    ARMED_IN.set(Some(ARMED_IN.get().unwrap_or_else(super::subtransaction::current)));
}

/// Runs in a signal handler: asks for the end of the session at the next point where that is safe, as pg_terminate_backend() does.
unsafe extern "C" fn expired() {
    // SAFETY: two flags and the backend's own latch, as the server's handlers of signals set them.
    unsafe {
        pg_sys::ProcDiePending = 1;
        pg_sys::InterruptPending = 1;
        SetLatch(pg_sys::MyLatch);
    }
}

/// The transaction is over.
fn end() {
    if let (Some(_), Some(timeout)) = (ARMED_IN.take(), TIMEOUT.get()) {
        // SAFETY: a number that this backend registered.
        unsafe { disable_timeout(timeout, false) };
    }
}

/// A savepoint was rolled back: locks taken since are given back.
fn rolled_back_to(subtransaction: pg_sys::SubTransactionId) {
    if ARMED_IN.get().is_some_and(|armed| armed >= subtransaction) {
        end();
    }
}

fn released(subtransaction: pg_sys::SubTransactionId, parent: pg_sys::SubTransactionId) {
    if ARMED_IN.get() == Some(subtransaction) {
        ARMED_IN.set(Some(parent));
    }
}

/// A prepared transaction keeps its locks without a session that could be ended.
fn refuse_prepare() {
    if ARMED_IN.get().is_some() {
        raise::raise(&Misuse::PreparedWithStrongLocks.report());
    }
}
