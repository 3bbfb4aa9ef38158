//! By what the sealer finds an event.
//!
//! Most events are found by their time: a transaction that began to write after the last seal records none with a time before it. That cannot be
//! said of an event whose caller gave the time, nor of one whose transaction had to wait for its id after the time was drawn. Such
//! events have the id of their transaction as a negative number, and an index of these.

use crate::time::{Span, Timestamp};

/// An event is found by its time if its transaction had an id within this span after the time was drawn.
pub const PROMPT: Span = Span::SECOND;

/// What the event keeps of its transaction, which has this id by `now`.
pub fn transaction_mark(transaction: u64, server_time: bool, created_at: Timestamp, now: Timestamp) -> i64 {
    let is_found_by_time = server_time && now <= created_at + PROMPT;
    // 64 bits of a counter that begins at 3: it does not come so far.
    let transaction = transaction as i64;
    if is_found_by_time { transaction } else { -transaction }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(server_time: bool, now: i64) -> i64 {
        transaction_mark(700, server_time, Timestamp::from_microseconds(0), Timestamp::from_microseconds(now))
    }

    #[test]
    fn an_event_that_its_time_does_not_find_is_marked() {
        assert_eq!(mark(true, 20), 700);
        assert_eq!(mark(true, 1_000_000), 700);
        assert_eq!(mark(true, 1_000_001), -700, "its transaction waited");
        assert_eq!(mark(true, -400_000), 700, "times of a backend may be ahead of its clock");
        assert_eq!(mark(false, 20), -700, "a caller's time");
    }
}
