//! Functions of the server that read or set a variable and never raise an error: called without pgrx's guard, which costs more than they do.

use pgrx::pg_sys;

unsafe extern "C-unwind" {
    pub fn GetCurrentTimestamp() -> pg_sys::TimestampTz;
    pub fn GetUserIdAndSecContext(user: *mut pg_sys::Oid, context: *mut i32);
    pub fn IsInParallelMode() -> bool;
    pub fn SetUserIdAndSecContext(user: pg_sys::Oid, context: i32);
}
