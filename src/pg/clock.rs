//! The server's clock.

use super::unguarded;

/// Now, not the start of the transaction: microseconds since 2000-01-01 UTC.
pub fn now() -> i64 {
    // SAFETY: reads the clock.
    unsafe { unguarded::GetCurrentTimestamp() }
}
