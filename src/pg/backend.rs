//! Sessions of this server: which one this is, and whether another one still lives.

use audit_core::time::Timestamp;
use pgrx::pg_sys;

use super::compat;

/// The number of a process is used again; with the time of its start it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub pid: i32,
    pub started_at: Timestamp,
}

impl Session {
    pub fn own() -> Session {
        // SAFETY: reads two variables of the backend.
        unsafe {
            Session { pid: pg_sys::MyProcPid, started_at: Timestamp::from_microseconds(pg_sys::MyStartTimestamp) }
        }
    }

    /// Whether it lives. One of another server does not. What backends tell of themselves is as old as this transaction's first look at it, so a
    /// process that it does not show counts as the one that is asked for.
    pub fn is_alive(&self) -> bool {
        // SAFETY: looks into shared memory for a process of this number.
        let is_there = self.pid > 0 && unsafe { !pg_sys::BackendPidGetProc(self.pid).is_null() };
        is_there && started_at(self.pid).is_none_or(|started_at| started_at == self.started_at)
    }
}

/// When the session of this process began.
fn started_at(pid: i32) -> Option<Timestamp> {
    // SAFETY: makes a copy of what backends tell, if the transaction has none yet. Its entries are numbered from 1.
    unsafe {
        (1..=pg_sys::pgstat_fetch_stat_numbackends())
            .map(|number| compat::backend_status(number))
            .filter(|status| !status.is_null())
            .map(|status| &(*status).backendStatus)
            .find(|status| status.st_procpid == pid)
            .map(|status| Timestamp::from_microseconds(status.st_proc_start_timestamp))
    }
}
