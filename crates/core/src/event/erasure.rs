//! What an erasure does to an event: it clears the payload and marks the event.

use super::column::{Column, DELETION, PAYLOAD};

/// Whether a live event becomes one that is marked as erased and has no payload, going by which columns are NULL before and after.
pub fn is_marked_and_empty(was_null: impl Fn(Column) -> bool, is_null: impl Fn(Column) -> bool) -> bool {
    DELETION.iter().all(|column| was_null(*column))
        && !is_null(Column::DeletedAt)
        && !is_null(Column::DeletionReason)
        && PAYLOAD.iter().all(|column| is_null(*column))
}

/// The columns that an erasure changes.
pub fn changed_columns() -> impl Iterator<Item = Column> {
    PAYLOAD.into_iter().chain(DELETION)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event with these columns: the question whether one of them is NULL.
    fn event(set: &[Column]) -> impl Fn(Column) -> bool {
        |column| !set.contains(&column)
    }

    #[test]
    fn an_erased_event_is_marked_with_a_reason_and_holds_no_payload() {
        use Column::{DeletedAt, DeletedByUserId, DeletionReason, Id, Metadata, OldValues};
        let old = event(&[Id, OldValues, Metadata]);
        assert!(is_marked_and_empty(&old, event(&[Id, DeletedAt, DeletionReason])));
        assert!(is_marked_and_empty(&old, event(&[Id, DeletedAt, DeletedByUserId, DeletionReason])));
        assert!(!is_marked_and_empty(&old, event(&[Id])), "not marked");
        assert!(!is_marked_and_empty(&old, event(&[Id, DeletedAt])), "without a reason");
        assert!(!is_marked_and_empty(&old, event(&[Id, DeletedAt, DeletionReason, Metadata])), "payload is left");
        let erased = event(&[Id, DeletedAt, DeletionReason]);
        assert!(!is_marked_and_empty(&erased, &erased), "an erased event is never touched again");
    }

    #[test]
    fn all_but_payload_and_marks_stays() {
        let kept: Vec<_> =
            Column::ALL.into_iter().filter(|column| changed_columns().all(|goes| goes != *column)).collect();
        use Column::*;
        let event = [Id, CreatedAt, CreatedByUserId, ActionType, ResourceType, ResourceId, WorkspaceId];
        assert_eq!(kept, [&event[..], &[SealKey, SealXid]].concat());
    }
}
