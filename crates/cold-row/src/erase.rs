//! The erasure of an event's payload in its bytes: what the database does to the row, done to the copy.

use crate::row::{Column, Row};

/// What an erasure leaves in the row, as PostgreSQL sends it.
#[derive(Clone, Copy, Debug)]
pub struct Erasure<'a> {
    pub deleted_at: &'a [u8],
    pub deleted_by_user_id: Option<&'a [u8]>,
    pub deletion_reason: Option<&'a [u8]>,
    /// The 48 bytes that keep the event's leaf; None where the event has no key.
    pub seal_key: Option<&'a [u8]>,
}

const PAYLOAD: [Column; 8] = [
    Column::OldValues,
    Column::NewValues,
    Column::ChangedFields,
    Column::IpAddress,
    Column::UserAgent,
    Column::RequestId,
    Column::Tags,
    Column::Metadata,
];

/// The row without its payload, marked as deleted.
pub fn erase<'a>(mut row: Row<'a>, erasure: &Erasure<'a>) -> Row<'a> {
    for column in PAYLOAD {
        row.set(column, None);
    }
    row.set(Column::DeletedAt, Some(erasure.deleted_at));
    row.set(Column::DeletedByUserId, erasure.deleted_by_user_id);
    row.set(Column::DeletionReason, erasure.deletion_reason);
    row.set(Column::SealKey, erasure.seal_key);
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::COLUMNS;

    #[test]
    fn who_and_what_stays_and_the_payload_goes() {
        let row = Row::new([Some(&b"given"[..]); COLUMNS]);
        let erasure = Erasure {
            deleted_at: b"then",
            deleted_by_user_id: None,
            deletion_reason: Some(b"why"),
            seal_key: Some(b"48"),
        };
        let erased = erase(row, &erasure);
        for column in [
            Column::Id,
            Column::CreatedAt,
            Column::CreatedByUserId,
            Column::ActionType,
            Column::ResourceType,
            Column::ResourceId,
            Column::WorkspaceId,
            Column::SealXid,
        ] {
            assert_eq!(erased.get(column), Some(&b"given"[..]), "{column:?}");
        }
        for column in PAYLOAD {
            assert_eq!(erased.get(column), None, "{column:?}");
        }
        assert_eq!(erased.get(Column::DeletedAt), Some(&b"then"[..]));
        assert_eq!(erased.get(Column::DeletedByUserId), None);
        assert_eq!(erased.get(Column::DeletionReason), Some(&b"why"[..]));
        assert_eq!(erased.get(Column::SealKey), Some(&b"48"[..]));
    }
}
