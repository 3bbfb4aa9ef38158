//! Server functions that read or set variables and cannot raise an error. They are called without pgrx's guard, which would cost more than
//! they do.

use pgrx::pg_sys;

unsafe extern "C-unwind" {
    pub fn GetCurrentTimestamp() -> pg_sys::TimestampTz;
    pub fn GetAuthenticatedUserId() -> pg_sys::Oid;
    pub fn GetOuterUserId() -> pg_sys::Oid;
    pub fn GetSessionUserId() -> pg_sys::Oid;
    pub fn GetUserIdAndSecContext(user: *mut pg_sys::Oid, context: *mut i32);
    pub fn GetTopFullTransactionIdIfAny() -> pg_sys::FullTransactionId;
    pub fn IsInParallelMode() -> bool;
    pub fn tuplestore_ateof(store: *mut pg_sys::Tuplestorestate) -> bool;
    pub fn tuplestore_tuple_count(store: *mut pg_sys::Tuplestorestate) -> i64;
    pub fn SetUserIdAndSecContext(user: pg_sys::Oid, context: i32);
    /// May log, and asks only for the state of the socket.
    pub fn pq_check_connection() -> bool;
}
