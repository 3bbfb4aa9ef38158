//! Locks that never make a writer wait for long.

use std::ffi::CString;

use pgrx::pg_sys;

use super::guc::LocalSettings;
use super::subtransaction;

/// Longest time that anyone may queue behind a strong lock we ask for.
const LOCK_TIMEOUT: &str = "100ms";
/// Pauses between attempts grow up to this; with the number of attempts about ten seconds in all.
const LONGEST_PAUSE_MS: u64 = 250;
const ATTEMPTS: u32 = 40;

/// Tries to take a lock on an object of ours until the end of the transaction, without waiting. SQL has no way to
/// take the same lock, so nobody can squat it.
pub fn try_object(class: pg_sys::Oid, object: u32) -> bool {
    // SAFETY: a zeroed tag with its fields set as SET_LOCKTAG_OBJECT does.
    unsafe {
        let mut tag: pg_sys::LOCKTAG = std::mem::zeroed();
        tag.locktag_field1 = pg_sys::MyDatabaseId.into();
        tag.locktag_field2 = class.into();
        tag.locktag_field3 = object;
        tag.locktag_type = pg_sys::LockTagType::LOCKTAG_OBJECT as u8;
        tag.locktag_lockmethodid = pg_sys::DEFAULT_LOCKMETHOD as u8;
        let answer = pg_sys::LockAcquire(&tag, pg_sys::ExclusiveLock as _, false, true);
        answer != pg_sys::LockAcquireResult::LOCKACQUIRE_NOT_AVAIL
    }
}

/// Runs `take`, which takes strong locks, under a short lock_timeout; when the time runs out, everything it did is
/// undone, whoever queued behind goes on, and it is tried again after a pause. False if all attempts failed.
pub fn with_patience(mut take: impl FnMut()) -> bool {
    for attempt in 0..ATTEMPTS {
        let timeout = CString::new(LOCK_TIMEOUT).unwrap_or_default();
        let taken = subtransaction::run_unless_lock_timeout(|| {
            let settings = LocalSettings::new();
            settings.set(c"lock_timeout", &timeout);
            take();
        });
        if taken {
            return true;
        }
        let pause = (10u64 << attempt.min(5)).min(LONGEST_PAUSE_MS);
        super::subtransaction::sleep_interruptibly(pause);
    }
    false
}
