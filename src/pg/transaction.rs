//! The id of the current transaction.

use pgrx::pg_sys;

/// The id of the top-level transaction, which writes.
pub fn id() -> u32 {
    // SAFETY: assigns an id if there is none yet; raises where nothing may be written.
    unsafe { pg_sys::GetTopTransactionId() }.into_inner()
}
