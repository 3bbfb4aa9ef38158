//! Locks for maintenance that hold up other sessions for a short time only.

use std::cell::Cell;
use std::ffi::CString;
use std::time::{Duration, Instant};

use pgrx::pg_sys;

use super::guc::LocalSettings;
use super::quote::c_string;
use super::relation::Relation;
use super::subtransaction::{self, LockedOut};

/// Longest time that anyone may queue behind a strong lock we ask for.
const BRIEFLY: Duration = Duration::from_millis(100);
/// Longest time that we may wait for autovacuum, for all tables together. It makes room, unless it keeps transaction ids from wrapping around.
const PAST_AUTOVACUUM: Duration = Duration::from_secs(5);
/// Autovacuum is told to make room when whoever waits for it has waited for `deadlock_timeout`, which may be longer than we can wait. A wait of
/// [`BRIEFLY`] must be longer.
const DEADLOCK_TIMEOUT: Duration = Duration::from_millis(50);
/// Each wait looks for a deadlock once. So long ones are made of short ones: whoever builds an index and comes to wait for us is not the one who fails.
const SLICE: Duration = Duration::from_millis(300);
/// Longest time that one who moves, removes or protects events waits for the others. Nobody who reads or records is behind.
pub const TURN: Duration = Duration::from_secs(10);
/// Pauses between attempts grow up to this; with the number of attempts about ten seconds in all.
const LONGEST_PAUSE_MS: u64 = 250;
const ATTEMPTS: u32 = 40;

/// Conflicts with VACUUM, ANALYZE and itself, not with those who read or write.
const NO_VACUUM: pg_sys::LOCKMODE = pg_sys::ShareUpdateExclusiveLock as pg_sys::LOCKMODE;

/// Two shared modes, each of which conflicts with the other and not with itself, and one exclusive mode:
///
/// | conflicts with | Shared | OtherShared | Exclusive |
/// | --- | --- | --- | --- |
/// | Shared | no | yes | yes |
/// | OtherShared | yes | no | yes |
/// | Exclusive | yes | yes | yes |
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockMode {
    Shared,
    OtherShared,
    Exclusive,
}

impl LockMode {
    fn postgres(self) -> pg_sys::LOCKMODE {
        let mode = match self {
            LockMode::Shared => pg_sys::ShareLock,
            LockMode::OtherShared => pg_sys::RowExclusiveLock,
            LockMode::Exclusive => pg_sys::ExclusiveLock,
        };
        mode as pg_sys::LOCKMODE
    }
}

/// Tries to take a lock on an object of ours until the end of the transaction, without waiting. SQL has no way to
/// take the same lock, so nobody can squat it.
pub fn try_object(class: pg_sys::Oid, object: u32) -> bool {
    acquire(class, object, LockMode::Exclusive, true)
}

/// Takes a lock on an object of ours until the end of the transaction, and waits for it as for any lock.
pub fn object(class: pg_sys::Oid, object: u32, mode: LockMode) {
    acquire(class, object, mode, false);
}

/// As [`object`], but waits in the queue for some seconds at most. Whether it could be had.
pub fn object_in_turn(class: pg_sys::Oid, object: u32, mode: LockMode) -> bool {
    acquire(class, object, mode, true) || try_for(TURN, || self::object(class, object, mode)).is_ok()
}

/// A lock on a part of an object of ours that is given back at once; an error gives it back too.
pub struct BriefLock(pg_sys::LOCKTAG);

impl BriefLock {
    /// Waits for it as for any lock.
    pub fn take(class: pg_sys::Oid, object: u32, part: u16) -> BriefLock {
        let tag = pg_sys::LOCKTAG { locktag_field4: part, ..tag(class, object) };
        // SAFETY: the tag is copied.
        unsafe { pg_sys::LockAcquire(&tag, LockMode::Exclusive.postgres(), false, false) };
        BriefLock(tag)
    }
}

impl Drop for BriefLock {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: taken by take(); after an error the resource owner gives it back.
            unsafe { pg_sys::LockRelease(&self.0, LockMode::Exclusive.postgres(), false) };
        }
    }
}

/// Whether somebody else holds an object of ours alone, at this moment.
pub fn is_object_taken(class: pg_sys::Oid, object: u32) -> bool {
    let tag = tag(class, object);
    let exclusive = pg_sys::AccessExclusiveLock as pg_sys::LOCKMODE;
    // SAFETY: asks for the strongest lock without waiting and gives it back at once; what this backend holds itself
    // does not stand in its way. A standby has no such locks.
    unsafe {
        if pg_sys::RecoveryInProgress() {
            return false;
        }
        if pg_sys::LockAcquire(&tag, exclusive, false, true) == pg_sys::LockAcquireResult::LOCKACQUIRE_NOT_AVAIL {
            return true;
        }
        pg_sys::LockRelease(&tag, exclusive, false);
        false
    }
}

/// Whether somebody waits for an object of ours that this transaction holds like this.
pub fn object_has_waiters(class: pg_sys::Oid, object: u32, mode: LockMode) -> bool {
    // SAFETY: the tag is read only; the lock asked about is one we hold.
    unsafe { pg_sys::LockHasWaiters(&tag(class, object), mode.postgres(), false) }
}

fn acquire(class: pg_sys::Oid, object: u32, mode: LockMode, only_try: bool) -> bool {
    let tag = tag(class, object);
    // SAFETY: the tag is copied. A standby cannot take such locks, and says so as it does of every command that writes.
    let answer = unsafe {
        pg_sys::PreventCommandDuringRecovery(c"maintenance of the audit trail".as_ptr());
        pg_sys::LockAcquire(&tag, mode.postgres(), false, only_try)
    };
    answer != pg_sys::LockAcquireResult::LOCKACQUIRE_NOT_AVAIL
}

fn tag(class: pg_sys::Oid, object: u32) -> pg_sys::LOCKTAG {
    // SAFETY: a zeroed tag with its fields set as SET_LOCKTAG_OBJECT does.
    unsafe {
        let mut tag: pg_sys::LOCKTAG = std::mem::zeroed();
        tag.locktag_field1 = pg_sys::MyDatabaseId.into();
        tag.locktag_field2 = class.into();
        tag.locktag_field3 = object;
        tag.locktag_type = pg_sys::LockTagType::LOCKTAG_OBJECT as u8;
        tag.locktag_lockmethodid = pg_sys::DEFAULT_LOCKMETHOD as u8;
        tag
    }
}

/// Whether somebody waits for a lock that this backend holds on an open table.
pub fn has_waiters(table: &Relation) -> bool {
    // SAFETY: the relation is open; the lock asked about is one we hold.
    unsafe { pg_sys::LockHasWaitersRelation(table.raw(), pg_sys::ShareLock as pg_sys::LOCKMODE) }
}

/// Runs `take`, which takes strong locks, under a short lock_timeout; when the time runs out, everything it did is
/// undone and whoever queued behind goes on. Whether the locks were had.
pub fn try_briefly(take: impl FnOnce()) -> bool {
    try_for(BRIEFLY, take).is_ok()
}

/// The time that is left to wait for autovacuum. When it is spent, each table is still waited for briefly.
pub struct Patience {
    until: Cell<Instant>,
}

impl Patience {
    pub fn with_autovacuum() -> Patience {
        Patience { until: Cell::new(Instant::now() + PAST_AUTOVACUUM) }
    }

    pub fn end(&self) {
        self.until.set(Instant::now());
    }

    fn left(&self) -> Duration {
        self.until.get().saturating_duration_since(Instant::now())
    }
}

/// Keeps VACUUM out of these tables until the end of the transaction, waiting long enough for autovacuum to make room. No reader or writer queues behind.
/// Free tables come first: otherwise autovacuum goes on to one of them while another is waited for. Whether all were had; if not, everything is undone.
pub fn keep_vacuum_out(tables: &[pg_sys::Oid], patience: &Patience) -> bool {
    subtransaction::attempt(|| {
        let settings = LocalSettings::new();
        settings.set_as_superuser(c"deadlock_timeout", &milliseconds(DEADLOCK_TIMEOUT));
        let in_use: Vec<pg_sys::Oid> = tables.iter().copied().filter(|table| !try_keep_vacuum_out(*table)).collect();
        in_use.into_iter().all(|table| wait_to_keep_vacuum_out(table, patience))
    })
}

/// As [`keep_vacuum_out`], of one table and without waiting.
pub fn try_keep_vacuum_out(table: pg_sys::Oid) -> bool {
    // SAFETY: does not wait. A table that is gone has a lock like any other.
    unsafe { pg_sys::ConditionalLockRelationOid(table, NO_VACUUM) }
}

fn wait_to_keep_vacuum_out(table: pg_sys::Oid, patience: &Patience) -> bool {
    loop {
        let left = patience.left();
        // SAFETY: waits for the lock as for any; an error undoes the subtransaction.
        let take = || unsafe { pg_sys::LockRelationOid(table, NO_VACUUM) };
        match try_for(left.clamp(BRIEFLY, SLICE), take) {
            Ok(()) => return true,
            Err(LockedOut::Late) if !left.is_zero() => {}
            // Whoever waits for us would be the one who fails, sooner or later.
            Err(LockedOut::Late | LockedOut::Deadlock) => return false,
        }
    }
}

fn try_for(longest: Duration, take: impl FnOnce()) -> Result<(), LockedOut> {
    subtransaction::run_unless_locked_out(|| {
        let settings = LocalSettings::new();
        settings.set(c"lock_timeout", &milliseconds(longest));
        take();
    })
}

/// As a setting takes it.
fn milliseconds(time: Duration) -> CString {
    c_string(&time.as_millis().to_string())
}

/// Tries briefly, and again after a pause. False if all attempts failed.
pub fn with_patience(take: impl FnMut()) -> bool {
    with_patience_unless(|| false, take)
}

/// As [`with_patience`], giving up when `give_up` says so between two attempts.
pub fn with_patience_unless(give_up: impl Fn() -> bool, mut take: impl FnMut()) -> bool {
    for attempt in 0..ATTEMPTS {
        if try_briefly(&mut take) {
            return true;
        }
        if give_up() {
            return false;
        }
        let pause = (10u64 << attempt.min(5)).min(LONGEST_PAUSE_MS);
        subtransaction::sleep_interruptibly(pause);
    }
    false
}
