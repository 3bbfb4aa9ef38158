//! Whether the newest event has a time that the clock has not reached. If so, the clock was ahead and was set back, and events recorded now
//! come before that event.

use audit_core::catalogue::EVENTS;
use audit_core::event::id;
use audit_core::event::stamp::LEAD;
use audit_core::health::Finding;
use audit_core::ids::EventId;
use audit_core::time::Timestamp;

use crate::pg::{clock, spi};
use crate::storage::Storage;

/// Ids carry the time of their event, so the newest of them tells.
pub fn reached(storage: &Storage) -> Vec<Finding> {
    let sql = format!("SELECT id FROM {} ORDER BY id DESC LIMIT 1", storage.qualified(EVENTS));
    let newest = spi::first_row(&sql, |row| row.uuid(1));
    vec![assess(newest.and_then(|id| id::created_at(&EventId(id))), clock::now())]
}

fn assess(newest: Option<Timestamp>, now: Timestamp) -> Finding {
    const CHECK: &str = "clock";
    match newest {
        Some(newest) if newest > now + LEAD => Finding::warn(
            CHECK,
            format!("the newest event is of {newest}, which the clock has not reached"),
            "See to the server's clock. Events are recorded all the same; until it gets there they come before that one in the trail, and history (a created_at given by the caller) is refused for its workspace.",
        ),
        _ => Finding::ok(CHECK, "no event is ahead of the clock"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;
    use audit_core::time::Span;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn an_event_of_the_future_is_a_warning() {
        assert_eq!(assess(None, NOW).status, Status::Ok);
        assert_eq!(assess(Some(NOW + LEAD), NOW).status, Status::Ok);
        assert_eq!(assess(Some(NOW + LEAD + Span::MICROSECOND), NOW).status, Status::Warn);
    }
}
