//! The server's clock.

use pgrx::pg_sys;

use crate::event::id::POSTGRES_EPOCH;

/// Now, not the start of the transaction: microseconds since 2000-01-01 UTC.
pub fn now() -> i64 {
    // SAFETY: reads the clock.
    unsafe { pg_sys::GetCurrentTimestamp() }
}

/// A time in words, in UTC whatever the session's time zone.
pub fn in_words(time: i64) -> String {
    time.checked_add(POSTGRES_EPOCH)
        .and_then(|time| jiff::Timestamp::from_microsecond(time).ok())
        .map_or_else(|| "infinity".to_owned(), |time| time.to_string())
}
