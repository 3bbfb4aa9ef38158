//! Server functions that read or set variables and cannot raise an error. They are called without pgrx's guard, which would cost more than
//! they do.

use std::ffi::c_int;

use pgrx::pg_sys;

unsafe extern "C-unwind" {
    pub fn GetCurrentTimestamp() -> pg_sys::TimestampTz;
    pub fn GetUserIdAndSecContext(user: *mut pg_sys::Oid, context: *mut i32);
    pub fn GetTopFullTransactionIdIfAny() -> pg_sys::FullTransactionId;
    pub fn IsInParallelMode() -> bool;
    pub fn SetUserIdAndSecContext(user: pg_sys::Oid, context: i32);
    /// May log, and asks only for the state of the socket.
    pub fn pq_check_connection() -> bool;
    pub fn SetLatch(latch: *mut pg_sys::Latch);
    // Of utils/timeout.h.
    pub fn RegisterTimeout(id: c_int, handler: unsafe extern "C" fn()) -> c_int;
    pub fn enable_timeout_after(id: c_int, milliseconds: c_int);
    pub fn disable_timeout(id: c_int, keep_indicator: bool);
}
