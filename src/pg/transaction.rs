//! The current transaction: its id, and how far it came without a rollback.

use pgrx::pg_sys;

use super::{callbacks, unguarded};

/// The id of the top-level transaction, which writes.
pub fn id() -> u32 {
    // SAFETY: assigns an id if there is none yet; raises where nothing may be written.
    unsafe { pg_sys::GetTopTransactionId() }.into_inner()
}

/// The same, 0 as long as it has written nothing.
pub fn id_if_any() -> u32 {
    // SAFETY: reads a variable of the backend.
    unsafe { pg_sys::GetTopTransactionIdIfAny() }.into_inner()
}

/// The same with its epoch, which no other transaction of the server ever has.
pub fn full_id() -> u64 {
    // SAFETY: the first reads a variable of the backend; the second assigns an id, and raises where nothing may be written.
    unsafe {
        match unguarded::GetTopFullTransactionIdIfAny().value {
            0 => pg_sys::GetTopFullTransactionId().value,
            id => id,
        }
    }
}

/// What a transaction did since its last rollback to a savepoint, if there was one: what is remembered of an earlier stretch may be undone.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Stretch {
    transaction: u32,
    rollbacks: u64,
}

impl Stretch {
    /// Gives the transaction an id, as [`id`] does.
    pub fn now() -> Stretch {
        Stretch { transaction: id(), rollbacks: callbacks::rollback_generation() }
    }

    pub fn is_now(self) -> bool {
        self == Stretch { transaction: id_if_any(), rollbacks: callbacks::rollback_generation() }
    }
}

/// Waits until another transaction has ended, as a unique check does.
pub fn wait_for(other: u32) {
    // SAFETY: may be called in a transaction that has a number or none; without a row to tell of, nothing is read of the last two.
    unsafe {
        pg_sys::XactLockTableWait(
            pg_sys::TransactionId::from(other),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            pg_sys::XLTW_Oper::XLTW_None,
        );
    }
}

/// Whether it may not write: it was begun so, or the server is a standby.
pub fn is_read_only() -> bool {
    // SAFETY: reads a variable of the backend.
    unsafe { pg_sys::XactReadOnly }
}

/// Raises what PostgreSQL raises for a command that writes in a read-only transaction.
pub fn refuse_if_read_only(command: &std::ffi::CStr) {
    // SAFETY: reads a variable of the backend, or raises.
    unsafe { pg_sys::PreventCommandIfReadOnly(command.as_ptr()) }
}
