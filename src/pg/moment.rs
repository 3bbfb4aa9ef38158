//! One moment of the server: what can be seen then, and which transaction numbers had been given out.

use std::ffi::CStr;

use pgrx::pg_sys;

/// What reads under the active snapshot sees this moment, until the value is dropped.
pub struct Moment {
    /// The next number that a transaction would have got, read when the snapshot had been taken.
    pub next_xid: u64,
    /// The number of this transaction, if it has one.
    pub own_xid: Option<u64>,
}

impl Moment {
    pub fn take() -> Moment {
        // SAFETY: called in a transaction; Drop pops what is pushed, or the abort where an error unwinds. The numbers are read from variables of the server
        // and of the backend.
        unsafe {
            pg_sys::CommandCounterIncrement();
            pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
            let own = pg_sys::GetTopFullTransactionIdIfAny().value;
            Moment { next_xid: pg_sys::ReadNextFullTransactionId().value, own_xid: (own != 0).then_some(own) }
        }
    }
}

impl Moment {
    /// Which transactions had ended, as a `pg_snapshot` is printed.
    pub fn snapshot(&self) -> String {
        // SAFETY: both functions never answer NULL; the first is of the active snapshot, the second gives a palloc'd C string of what the first gives.
        unsafe {
            let snapshot = pgrx::direct_function_call_as_datum(pg_sys::pg_current_snapshot, &[]);
            let text = pgrx::direct_function_call_as_datum(pg_sys::pg_snapshot_out, &[snapshot]);
            text.map(|text| CStr::from_ptr(text.cast_mut_ptr()).to_string_lossy().into_owned()).unwrap_or_default()
        }
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: pops what take() pushed; on the error path the abort pops it.
            unsafe { pg_sys::PopActiveSnapshot() }
        }
    }
}
