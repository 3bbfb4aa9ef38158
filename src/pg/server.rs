//! The server as a machine: which one it is, how long it runs, whether its client is still there.

use pgrx::pg_sys;

use super::unguarded;

/// What tells a server from its copies. A copy of its files alone is not told from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// As initdb drew it.
    pub system: String,
    /// Of the write-ahead log being written; a promotion begins another.
    pub timeline: i64,
    pub database: i64,
}

impl Identity {
    /// Of this server; None on a standby, which writes no log.
    pub fn of_server() -> Option<Identity> {
        // SAFETY: both read shared memory; the timeline is asked for only where the log is written.
        unsafe {
            (!is_standby()).then(|| Identity {
                system: pg_sys::GetSystemIdentifier().to_string(),
                timeline: pg_sys::GetWALInsertionTimeLine().into(),
                database: pg_sys::MyDatabaseId.to_u32().into(),
            })
        }
    }
}

pub fn is_standby() -> bool {
    // SAFETY: reads shared memory.
    unsafe { pg_sys::RecoveryInProgress() }
}

/// Microseconds since the machine was started, also while it slept.
pub fn uptime() -> i64 {
    #[cfg(target_os = "linux")]
    const CLOCK: libc::clockid_t = libc::CLOCK_BOOTTIME;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes into the value given.
    let failed = unsafe { libc::clock_gettime(CLOCK, &mut time) } != 0;
    if failed { 0 } else { time.tv_sec * 1_000_000 + time.tv_nsec / 1000 }
}

/// The kernel's name for this start of the machine; None where it gives none.
pub fn boot_id() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whether the client of the session is still connected; a worker that has none always is.
pub fn is_client_there() -> bool {
    // SAFETY: the set of events that is asked exists where there is a port.
    unsafe { pg_sys::MyProcPort.is_null() || unguarded::pq_check_connection() }
}
