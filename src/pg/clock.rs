//! The server's clock.

use audit_core::time::Timestamp;

use super::unguarded;

/// Now, not the start of the transaction.
pub fn now() -> Timestamp {
    // SAFETY: reads the clock.
    Timestamp::from_microseconds(unsafe { unguarded::GetCurrentTimestamp() })
}
