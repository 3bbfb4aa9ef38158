//! Keys by which a caller's second attempt is known.
//!
//! A key stands in one of two tables, as a hash, with the id of the event that it recorded. New keys go into the current table. Maintenance
//! empties the other one once a day, and makes it the current one. So a key is known for one to two days.
//!
//! Which table is current, and since when, is told by *marks*: rows of the same tables whose key is a time. The newest mark is in the current
//! table. No hash is a mark, and marks of two servers differ, so replication of both brings no conflict.

use uuid::Uuid;

use crate::event::column::Column;
use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;
use crate::time::{Span, Timestamp};

/// In bytes.
pub const LONGEST: usize = 255;

/// A key is known for as long as this, and for twice as long at most where maintenance runs.
pub const WINDOW: Span = Span::DAY;

/// Marks are this or less; hashes are more.
pub const LAST_MARK: Uuid = Uuid::from_u128(u64::MAX as u128);

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    Length,
    /// The key recorded an event that is not what is given now.
    OtherContent,
}

impl IntoReport for KeyError {
    fn report(&self) -> Report {
        match self {
            KeyError::Length => {
                Report::new(SqlState::InvalidParameterValue, format!("p_idempotency_key must have 1 to {LONGEST} bytes"))
                    .hint("Use a random UUID that the client makes once for each event and sends with every attempt; leave it out to record without a key.")
            }
            KeyError::OtherContent => {
                Report::new(SqlState::UniqueViolation, "the idempotency key has recorded another event of this workspace")
                    .detail("Constraint audit_idempotency_key_unique: a second attempt gives what the first one gave.")
                    .hint("Make a new key for each event, and send it with unchanged values when you try again.")
                    .constraint("audit_idempotency_key_unique")
            }
        }
        .parameter("idempotency_key")
    }
}

pub fn check(key: &[u8]) -> Result<(), KeyError> {
    if (1..=LONGEST).contains(&key.len()) { Ok(()) } else { Err(KeyError::Length) }
}

/// What stands for a key: a UUIDv8 (RFC 9562) of the first bytes of a SHA-256, so 122 bits of it.
pub fn hash_of(digest: [u8; 32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The mark of a table that became the current one at this time: microseconds since 1970.
pub fn mark(time: Timestamp) -> Uuid {
    Uuid::from_u128(time.unix().map_or(0, |time| time.max(0) as u128))
}

/// The time of a mark; None for the hash of a key.
pub fn time_of(mark: Uuid) -> Option<Timestamp> {
    (mark <= LAST_MARK).then(|| Timestamp::from_unix(mark.as_u128() as i64))
}

/// Whether the tables are to change places. A mark of the future, which a clock that was set back leaves, is no reason to wait for it.
pub fn is_due(mark: Option<Timestamp>, now: Timestamp) -> bool {
    mark.is_none_or(|mark| now - mark >= WINDOW || mark - now >= WINDOW)
}

/// Whether a second attempt must give this column as the event has it.
pub fn is_compared(column: Column, is_given: bool, is_erased: bool) -> bool {
    match column {
        // What a caller leaves out here comes from the request, or from the clock.
        Column::CreatedByUserId | Column::CreatedAt => is_given,
        Column::IpAddress | Column::UserAgent | Column::RequestId => is_given && !is_erased,
        Column::ActionType | Column::ResourceType | Column::ResourceId => true,
        // An erasure removes it.
        Column::OldValues | Column::NewValues | Column::Tags | Column::Metadata => !is_erased,
        // The key is one of this workspace. The others are the server's.
        Column::WorkspaceId
        | Column::Id
        | Column::ChangedFields
        | Column::DeletedAt
        | Column::DeletedByUserId
        | Column::DeletionReason
        | Column::SealKey
        | Column::SealXid => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::column::PAYLOAD;
    use proptest::prelude::*;

    #[test]
    fn a_key_has_1_to_255_bytes() {
        for (length, is_right) in [(0, false), (1, true), (255, true), (256, false)] {
            assert_eq!(check(&vec![b'k'; length]).is_ok(), is_right, "{length}");
        }
    }

    proptest! {
        #[test]
        fn no_hash_is_a_mark(digest: [u8; 32]) {
            let hash = hash_of(digest);
            prop_assert_eq!(time_of(hash), None);
            prop_assert_eq!((hash.get_version_num(), hash.get_variant()), (8, uuid::Variant::RFC4122));
        }

        #[test]
        fn a_mark_gives_back_its_time_and_sorts_by_it(a in 0i64..1 << 60, b in 0i64..1 << 60) {
            let (first, second) = (Timestamp::from_unix(a), Timestamp::from_unix(b));
            prop_assert_eq!(time_of(mark(first)), Some(first));
            prop_assert_eq!(mark(first).cmp(&mark(second)), a.cmp(&b));
        }
    }

    #[test]
    fn tables_change_places_after_a_day() {
        let now = Timestamp::from_unix(1_700_000_000_000_000);
        let due = |ago| is_due(Some(now - ago), now);
        assert!(is_due(None, now));
        assert!(!due(Span::microseconds(0)) && !due(Span::microseconds(86_399_999_999)) && due(Span::DAY));
        assert!(!is_due(Some(now + Span::SECOND), now) && is_due(Some(now + Span::days(2)), now));
    }

    #[test]
    fn an_erased_event_is_compared_by_what_is_left_of_it() {
        for column in Column::ALL {
            assert!(!is_compared(column, true, true) || !PAYLOAD.contains(&column), "{column:?}");
            assert!(!is_compared(column, true, true) || is_compared(column, true, false), "{column:?}");
        }
        let left_out: Vec<_> = Column::ALL.into_iter().filter(|column| is_compared(*column, false, false)).collect();
        use Column::*;
        assert_eq!(left_out, [ActionType, ResourceType, ResourceId, OldValues, NewValues, Tags, Metadata]);
    }
}
