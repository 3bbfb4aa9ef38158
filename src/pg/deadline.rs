//! Ends sessions that keep strong locks on the trail for too long.
//!
//! Whatever alters the tables of the trail keeps strong locks to the end of its transaction, and roles that own nothing may call it. Such a
//! role could leave the transaction open, and nobody could record. So its session is terminated when its time is over, idle or not; no
//! setting and no error can prevent that. The transaction is then rolled back.

use std::cell::Cell;

use audit_core::report::IntoReport;
use pgrx::pg_sys;

use super::callbacks::Hooks;
use super::lock::TURN;
use super::misuse::Misuse;
use super::{alarm, raise, subtransaction};

thread_local! {
    /// The savepoint in which the locks were taken.
    static ARMED_IN: Cell<Option<pg_sys::SubTransactionId>> = const { Cell::new(None) };
}

pub const HOOKS: Hooks = Hooks { rolled_back_to, released, before_prepare: refuse_prepare, ended: end, ..Hooks::NONE };

/// From now on the transaction has ten seconds, as long as others wait for their turn. If its time runs already, it gets no more.
pub fn begin() {
    if ARMED_IN.get().is_none() {
        if let Err(no_timer) = alarm::set(TURN) {
            raise::raise(&no_timer.report());
        }
        ARMED_IN.set(Some(subtransaction::current()));
    }
}

/// The transaction is over.
fn end() {
    if ARMED_IN.take().is_some() {
        alarm::clear();
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
