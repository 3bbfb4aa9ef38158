//! How many triggers deep the backend is.

use pgrx::pg_sys;

/// Zero outside of triggers. Event triggers do not count.
pub fn current() -> i32 {
    // SAFETY: pg_trigger_depth reads nothing of its call info.
    unsafe { pgrx::direct_function_call::<i32>(pg_sys::pg_trigger_depth, &[]).unwrap_or(0) }
}
