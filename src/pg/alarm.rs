//! Ends this session at a time, whatever it does until then, as `pg_terminate_backend()` does.
//!
//! The server's own timeouts do not serve: it disables all of them at each error that reaches the client, and an error within a savepoint leaves the
//! transaction as it is. So the kernel's timer (timer_create(2)) sends the signal that ends a session. Where there is no such timer, as on macOS, the
//! server's timeouts take its place, good enough for development.

use std::time::Duration;

use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;

pub use timer::{clear, set};

/// The kernel gives this process no timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTimer;

impl IntoReport for NoTimer {
    fn report(&self) -> Report {
        Report::new(SqlState::OutOfMemory, "the kernel gives this session no timer, so its locks could last")
            .hint("The server's user may have too few pending signals: raise RLIMIT_SIGPENDING (ulimit -i). Nothing was changed.")
    }
}

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
mod timer {
    use std::cell::Cell;

    use super::{Duration, NoTimer};

    thread_local! {
        /// Made once per backend.
        static TIMER: Cell<Option<libc::timer_t>> = const { Cell::new(None) };
    }

    /// The session is ended when this time is over.
    pub fn set(left: Duration) -> Result<(), NoTimer> {
        let timer = TIMER.get().or_else(make).ok_or(NoTimer)?;
        TIMER.set(Some(timer));
        start(timer, left);
        Ok(())
    }

    /// The session goes on.
    pub fn clear() {
        if let Some(timer) = TIMER.get() {
            start(timer, Duration::ZERO);
        }
    }

    fn make() -> Option<libc::timer_t> {
        // SAFETY: both values are written or read during the call only; zeroes are a valid event.
        unsafe {
            let mut event: libc::sigevent = std::mem::zeroed();
            event.sigev_notify = libc::SIGEV_SIGNAL;
            event.sigev_signo = libc::SIGTERM;
            let mut timer: libc::timer_t = std::mem::zeroed();
            (libc::timer_create(libc::CLOCK_MONOTONIC, &mut event, &mut timer) == 0).then_some(timer)
        }
    }

    /// No time stops it.
    fn start(timer: libc::timer_t, left: Duration) {
        let never = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let left = libc::timespec { tv_sec: left.as_secs() as _, tv_nsec: left.subsec_nanos() as _ };
        let once = libc::itimerspec { it_interval: never, it_value: left };
        // SAFETY: a timer of this process. The call fails for wrong arguments alone.
        unsafe { libc::timer_settime(timer, 0, &once, std::ptr::null_mut()) };
    }
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
mod timer {
    use std::cell::Cell;
    use std::ffi::c_int;

    use pgrx::pg_sys;

    use super::{Duration, NoTimer};

    // Of utils/timeout.h and storage/latch.h; none of them raises.
    unsafe extern "C-unwind" {
        fn RegisterTimeout(id: c_int, handler: unsafe extern "C" fn()) -> c_int;
        fn enable_timeout_after(id: c_int, milliseconds: c_int);
        fn disable_timeout(id: c_int, keep_indicator: bool);
        fn SetLatch(latch: *mut pg_sys::Latch);
    }

    /// At or above every version's USER_TIMEOUT: asks for the next number that is free.
    const ANY_FREE: c_int = 20;

    thread_local! {
        /// Drawn once per backend.
        static TIMEOUT: Cell<Option<c_int>> = const { Cell::new(None) };
    }

    pub fn set(left: Duration) -> Result<(), NoTimer> {
        // SAFETY: the handler lives as long as the library. A backend registers it once, of ten numbers that extensions may use.
        unsafe {
            let timeout = TIMEOUT.get().unwrap_or_else(|| RegisterTimeout(ANY_FREE, expired));
            TIMEOUT.set(Some(timeout));
            enable_timeout_after(timeout, left.as_millis() as c_int);
        }
        Ok(())
    }

    pub fn clear() {
        if let Some(timeout) = TIMEOUT.get() {
            // SAFETY: a number that this backend registered.
            unsafe { disable_timeout(timeout, false) };
        }
    }

    unsafe extern "C" fn expired() {
        // SAFETY: two flags and the backend's own latch, as the server's handlers of signals set them.
        unsafe {
            pg_sys::ProcDiePending = 1;
            pg_sys::InterruptPending = 1;
            SetLatch(pg_sys::MyLatch);
        }
    }
}
