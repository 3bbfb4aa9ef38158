//! Snapshots: of the running statement, and of this moment.

use std::cell::UnsafeCell;

use audit_core::isolation::FixedSnapshot;
use pgrx::pg_sys;

use super::callbacks::{self, LockEpoch};

/// What a scan sees. The scan owns it, so it is there for as long as it is used.
pub struct Snapshot(Kind);

enum Kind {
    /// Unregistered when dropped; after an error the resource owner does that.
    Registered(pg_sys::Snapshot),
    /// Postgres writes into it what a scan has met.
    Dirty(Box<UnsafeCell<pg_sys::SnapshotData>>),
}

impl Snapshot {
    /// What the running statement sees. Queries have such a snapshot; functions called through the fast path have one too.
    pub fn active() -> Snapshot {
        // SAFETY: a function called from SQL runs under an active snapshot.
        Snapshot(Kind::Registered(unsafe { pg_sys::RegisterSnapshot(pg_sys::GetActiveSnapshot()) }))
    }

    /// What is committed at this moment, whatever the age of the transaction's own snapshot, and what the transaction did so far.
    pub fn latest() -> Snapshot {
        // SAFETY: may be called wherever a function called from SQL runs.
        unsafe {
            pg_sys::CommandCounterIncrement();
            Snapshot(Kind::Registered(pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot())))
        }
    }

    /// Rows whose transactions are still running as well, as unique checks do.
    pub fn dirty() -> Snapshot {
        // SAFETY: zero is a valid SnapshotData; InitDirtySnapshot sets this one field.
        let mut data: pg_sys::SnapshotData = unsafe { std::mem::zeroed() };
        data.snapshot_type = pg_sys::SnapshotType::SNAPSHOT_DIRTY;
        Snapshot(Kind::Dirty(Box::new(UnsafeCell::new(data))))
    }

    pub(super) fn raw(&self) -> pg_sys::Snapshot {
        match &self.0 {
            Kind::Registered(snapshot) => *snapshot,
            Kind::Dirty(data) => data.get(),
        }
    }

    /// The other transaction that wrote the row found last and still runs; only a dirty snapshot finds such.
    pub(super) fn unfinished(&self) -> Option<u32> {
        match &self.0 {
            Kind::Registered(_) => None,
            // SAFETY: Postgres writes there while it looks for a row, which it does not now.
            Kind::Dirty(data) => {
                let writer = unsafe { (*data.get()).xmin };
                (writer != pg_sys::InvalidTransactionId).then(|| writer.into_inner())
            }
        }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if let Kind::Registered(snapshot) = self.0
            && !std::thread::panicking()
        {
            // SAFETY: registered where it was made.
            unsafe { pg_sys::UnregisterSnapshot(snapshot) }
        }
    }
}

/// Whether all statements of the transaction see what was committed before its first one (REPEATABLE READ, SERIALIZABLE).
pub fn is_fixed() -> bool {
    // SAFETY: reads a variable of the backend.
    unsafe { pg_sys::XactIsoLevel >= pg_sys::XACT_REPEATABLE_READ as i32 }
}

/// Refuses a transaction in which `what` would not see all of `to_see`.
pub fn demand_current(what: &'static str, to_see: &'static str) -> Result<(), FixedSnapshot> {
    if is_fixed() { Err(FixedSnapshot { what, to_see }) } else { Ok(()) }
}

/// What a running command sees, and how far its transaction is. Between two that are equal nothing came to be seen but the rows of this very command.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Sight {
    epoch: LockEpoch,
    command: u32,
    /// With the same bounds, transactions that were running only become fewer.
    xmin: u32,
    xmax: u32,
    running: u32,
}

impl Sight {
    pub fn of_command() -> Sight {
        // SAFETY: a function called from SQL runs under an active snapshot; its fields are read only.
        unsafe {
            let snapshot = &*pg_sys::GetActiveSnapshot();
            Sight {
                epoch: callbacks::lock_epoch(),
                command: pg_sys::GetCurrentCommandId(false),
                xmin: snapshot.xmin.into_inner(),
                xmax: snapshot.xmax.into_inner(),
                running: snapshot.xcnt,
            }
        }
    }
}

/// All the transaction can see now, its own current command included, until the value is dropped.
pub struct Fresh(());

impl Fresh {
    pub fn take() -> Fresh {
        // SAFETY: what SPI does before each command of a function that may write. A push is popped by Drop, or
        // by the abort of the transaction when an error unwinds.
        unsafe {
            pg_sys::CommandCounterIncrement();
            pg_sys::PushActiveSnapshot(pg_sys::GetTransactionSnapshot());
        }
        Fresh(())
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: pops what take() pushed; on the error path the abort pops it.
            unsafe { pg_sys::PopActiveSnapshot() }
        }
    }
}

/// Statements that only read see what is committed at this moment, whatever the age of the transaction's own snapshot, until the value is
/// dropped.
pub struct Latest(());

impl Latest {
    pub fn activate() -> Latest {
        // SAFETY: called in a transaction; Drop pops what is pushed, or the abort where an error unwinds.
        unsafe {
            pg_sys::CommandCounterIncrement();
            pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
        }
        Latest(())
    }
}

impl Drop for Latest {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: pops what activate() pushed; on the error path the abort pops it.
            unsafe { pg_sys::PopActiveSnapshot() }
        }
    }
}
