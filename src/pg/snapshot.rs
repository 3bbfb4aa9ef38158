//! Snapshots: of the running statement, and of this moment.

use pgrx::pg_sys;

/// The snapshot of the running statement. Queries have one; functions called through the fast path have one too.
pub fn active() -> pg_sys::Snapshot {
    // SAFETY: a function called from SQL runs under an active snapshot.
    unsafe { pg_sys::GetActiveSnapshot() }
}

/// Whether all statements of the transaction see what was committed before its first one (REPEATABLE READ, SERIALIZABLE).
pub fn is_fixed() -> bool {
    // SAFETY: reads a variable of the backend.
    unsafe { pg_sys::XactIsoLevel >= pg_sys::XACT_REPEATABLE_READ as i32 }
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

/// What is committed at this moment, whatever the age of the transaction's own snapshot, until the value is dropped.
pub struct Latest(pg_sys::Snapshot);

/// As [`Latest`], and statements that only read go by it.
pub struct Active(());

impl Latest {
    pub fn take() -> Latest {
        // SAFETY: a registered snapshot lives until it is unregistered; an error's clean-up does that too.
        unsafe {
            pg_sys::CommandCounterIncrement();
            Latest(pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot()))
        }
    }

    pub fn as_ptr(&self) -> pg_sys::Snapshot {
        self.0
    }

    pub fn activate() -> Active {
        // SAFETY: as in Fresh::take().
        unsafe {
            pg_sys::CommandCounterIncrement();
            pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
        }
        Active(())
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: pops what activate() pushed; on the error path the abort pops it.
            unsafe { pg_sys::PopActiveSnapshot() }
        }
    }
}

impl Drop for Latest {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: registered by take().
            unsafe { pg_sys::UnregisterSnapshot(self.0) }
        }
    }
}

/// Sees rows whose transactions are still running, as unique checks do.
pub struct Dirty(Box<pg_sys::SnapshotData>);

impl Dirty {
    pub fn new() -> Dirty {
        // SAFETY: zero is a valid SnapshotData; InitDirtySnapshot sets this one field.
        let mut data: Box<pg_sys::SnapshotData> = Box::new(unsafe { std::mem::zeroed() });
        data.snapshot_type = pg_sys::SnapshotType::SNAPSHOT_DIRTY;
        Dirty(data)
    }

    pub fn as_ptr(&mut self) -> pg_sys::Snapshot {
        &mut *self.0
    }

    /// Whether the row found last was written by another transaction that still runs.
    pub fn found_unfinished(&self) -> bool {
        self.0.xmin != pg_sys::InvalidTransactionId
    }
}
