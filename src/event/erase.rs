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
    is_marked_and_empty(old, new) && digest(&what_stays(old)) == digest(&what_stays(new))
}

fn is_marked_and_empty(old: &Columns, new: &Columns) -> bool {
    let is_null = |columns: &Columns, column: Column| columns[column.index()].is_none();
    DELETION.iter().all(|column| is_null(old, *column))
        && !is_null(new, Column::DeletedAt)
        && !is_null(new, Column::DeletionReason)
        && PAYLOAD.iter().all(|column| is_null(new, *column))
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

    fn event(set: &[Column]) -> Columns {
        let mut columns = [None; Column::COUNT];
        for column in set {
            columns[column.index()] = Some(Datum::from(1usize));
        }
        columns
    }

    #[test]
    fn an_erased_event_is_marked_with_a_reason_and_holds_no_payload() {
        use Column::{DeletedAt, DeletedByUserId, DeletionReason, Id, Metadata, OldValues};
        let old = event(&[Id, OldValues, Metadata]);
        assert!(is_marked_and_empty(&old, &event(&[Id, DeletedAt, DeletionReason])));
        assert!(is_marked_and_empty(&old, &event(&[Id, DeletedAt, DeletedByUserId, DeletionReason])));
        assert!(!is_marked_and_empty(&old, &event(&[Id])), "not marked");
        assert!(!is_marked_and_empty(&old, &event(&[Id, DeletedAt])), "without a reason");
        assert!(!is_marked_and_empty(&old, &event(&[Id, DeletedAt, DeletionReason, Metadata])), "payload is left");
        let erased = event(&[Id, DeletedAt, DeletionReason]);
        assert!(!is_marked_and_empty(&erased, &erased), "an erased event is never touched again");
    }

    #[test]
    fn all_but_payload_and_marks_stays() {
        let stays = what_stays(&event(&Column::ALL));
        let kept: Vec<_> = Column::ALL.into_iter().filter(|column| stays[column.index()].is_some()).collect();
        use Column::*;
        assert_eq!(kept, [Id, CreatedAt, CreatedByUserId, ActionType, ResourceType, ResourceId, WorkspaceId]);
    }
}
