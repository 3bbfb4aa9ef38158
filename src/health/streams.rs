//! Whether somebody reads the streams, and before a purge takes what they have not read.

use audit_core::health::Finding;
use audit_core::time::{Span, Timestamp};

use crate::pg::{clock, spi};
use crate::storage::Storage;

const CHECK: &str = "streams";
const WARN_AFTER: Span = Span::microseconds(60 * 60 * 1_000_000);
const FAIL_AFTER: Span = Span::days(1);

/// What is known of a stream.
struct Read {
    name: String,
    /// When the oldest that is not acknowledged was sealed.
    unread_since: Option<Timestamp>,
    /// The last acknowledgement, or when the stream began.
    acknowledged: Timestamp,
    /// The shortest time after which a purge takes events.
    purged_after_days: Option<i32>,
}

pub fn read(storage: &Storage) -> Vec<Finding> {
    let read = |row: spi::ResultRow| {
        let (unread_since, purged_after_days) = (row.time(2), row.int4(4));
        Some(Read { name: row.text(1)?, unread_since, acknowledged: row.time(3)?, purged_after_days })
    };
    let streams = spi::rows(&storage.fill(include_str!("../../sql/health/streams.sql"), &[]), read);
    assess(streams.into_iter().flatten(), clock::now())
}

fn assess(streams: impl Iterator<Item = Read>, now: Timestamp) -> Vec<Finding> {
    let found: Vec<Finding> = streams.filter_map(|stream| assess_one(&stream, now)).collect();
    match found.is_empty() {
        true => vec![Finding::ok(CHECK, "no stream has waited for its reader for an hour")],
        false => found,
    }
}

fn assess_one(stream: &Read, now: Timestamp) -> Option<Finding> {
    const HINT: &str =
        "Start its reader, or call drop_audit_stream(). SELECT * FROM audit_streams shows where the streams stand.";
    let Read { name, unread_since: Some(since), .. } = stream else { return None };
    let next_purge = now + Span::days(1);
    if stream.purged_after_days.is_some_and(|days| *since < next_purge.minus_days(days)) {
        let detail =
            format!("the next purge may take events that stream {name} has not delivered, unread since {since}");
        return Some(Finding::fail(CHECK, detail, HINT));
    }
    // A stream that has nothing to read is not acknowledged either.
    let waited = now - (*since).max(stream.acknowledged);
    let detail =
        || format!("nobody has acknowledged a batch of stream {name} for {} minutes", waited.whole_seconds() / 60);
    match () {
        _ if waited > FAIL_AFTER => Some(Finding::fail(CHECK, detail(), HINT)),
        _ if waited > WARN_AFTER => Some(Finding::warn(CHECK, detail(), HINT)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn status(unread: Option<Span>, acknowledged: Span, purged_after_days: Option<i32>) -> Status {
        let stream = Read {
            name: "siem".into(),
            unread_since: unread.map(|ago| NOW - ago),
            acknowledged: NOW - acknowledged,
            purged_after_days,
        };
        assess([stream].into_iter(), NOW)[0].status
    }

    #[test]
    fn only_who_has_something_to_read_must_acknowledge() {
        assert_eq!(assess(std::iter::empty(), NOW)[0].status, Status::Ok);
        assert_eq!(status(None, Span::days(9), None), Status::Ok);
        assert_eq!(status(Some(Span::SECOND), Span::days(9), None), Status::Ok);
        assert_eq!(status(Some(Span::days(9)), Span::SECOND, None), Status::Ok);
        assert_eq!(status(Some(WARN_AFTER), Span::days(9), None), Status::Ok);
        assert_eq!(status(Some(Span::microseconds(60 * 60 * 1_000_000 + 1)), Span::days(9), None), Status::Warn);
        assert_eq!(status(Some(Span::days(9)), FAIL_AFTER, None), Status::Warn);
        assert_eq!(status(Some(Span::days(9)), Span::microseconds(24 * 60 * 60 * 1_000_000 + 1), None), Status::Fail);
    }

    #[test]
    fn a_purge_does_not_take_what_was_not_read() {
        let read_lately = |unread| status(Some(Span::days(unread)), Span::SECOND, Some(30));
        assert_eq!(read_lately(28), Status::Ok);
        assert_eq!(read_lately(29), Status::Ok);
        assert_eq!(read_lately(30), Status::Fail);
        assert_eq!(status(None, Span::SECOND, Some(0)), Status::Ok);
    }
}
