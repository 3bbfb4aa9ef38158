//! What compliant deletion leaves of an event: who did what to which resource and when, and that it was erased.

use super::digest::digest;
use super::{Column, Columns};

/// The personal payload, which is erased for good. The same columns stand in `sql/deletion/erase.sql`.
pub const PAYLOAD: [Column; 8] = [
    Column::OldValues,
    Column::NewValues,
    Column::ChangedFields,
    Column::IpAddress,
    Column::UserAgent,
    Column::RequestId,
    Column::Tags,
    Column::Metadata,
];

const DELETION: [Column; 3] = [Column::DeletedAt, Column::DeletedByUserId, Column::DeletionReason];

/// Whether `new` is `old` erased, and nothing else: a live event becomes one that is marked and holds no payload.
pub fn is_erasure(old: &Columns, new: &Columns) -> bool {
    let is_null = |columns: &Columns, column: Column| columns[column.index()].is_none();
    DELETION.iter().all(|column| is_null(old, *column))
        && !is_null(new, Column::DeletedAt)
        && !is_null(new, Column::DeletionReason)
        && PAYLOAD.iter().all(|column| is_null(new, *column))
        && digest(&what_stays(old)) == digest(&what_stays(new))
}

fn what_stays(columns: &Columns) -> Columns {
    let mut stays = *columns;
    for column in PAYLOAD.iter().chain(&DELETION) {
        stays[column.index()] = None;
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;
    use pgrx::pg_sys::Datum;

    /// Columns are compared by what they hold; here only words, so that no server is needed.
    fn event(values: &[(Column, usize)]) -> Columns {
        let mut columns = [None; Column::COUNT];
        for (column, value) in values {
            columns[column.index()] = Some(Datum::from(*value));
        }
        columns
    }

    #[test]
    fn payload_and_deletion_are_all_that_may_change() {
        let uuid = [7u8; 16];
        let other = [8u8; 16];
        let (word, another) = (uuid.as_ptr() as usize, other.as_ptr() as usize);
        let old = event(&[(Column::Id, word), (Column::CreatedAt, 5), (Column::OldValues, word)]);
        let mut new = old;
        new[Column::OldValues.index()] = None;
        assert!(!is_erasure(&old, &new), "it must be marked");
        new[Column::DeletedAt.index()] = Some(Datum::from(9usize));
        new[Column::DeletionReason.index()] = Some(Datum::from(word));
        assert!(is_erasure(&old, &new));
        assert!(!is_erasure(&new, &new), "an erased event is never touched again");
        let mut forged = new;
        forged[Column::Id.index()] = Some(Datum::from(another));
        assert!(!is_erasure(&old, &forged));
        let mut kept = new;
        kept[Column::Metadata.index()] = Some(Datum::from(word));
        assert!(!is_erasure(&old, &kept));
    }
}
