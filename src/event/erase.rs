//! What compliant deletion leaves of an event: who did what to which resource and when, and that it was erased.

use audit_core::event::column::{Column, DELETION, PAYLOAD};

use super::fingerprint::digest;
use super::row::Columns;

/// Whether `new` is `old` erased, and nothing else: a live event becomes one that is marked and holds no payload.
pub fn is_erasure(old: &Columns, new: &Columns) -> bool {
    is_marked_and_empty(|column| old.is_null(column), |column| new.is_null(column))
        && digest(&what_stays(old)) == digest(&what_stays(new))
}

/// By whether a column is NULL before and afterwards.
fn is_marked_and_empty(was_null: impl Fn(Column) -> bool, is_null: impl Fn(Column) -> bool) -> bool {
    DELETION.iter().all(|column| was_null(*column))
        && !is_null(Column::DeletedAt)
        && !is_null(Column::DeletionReason)
        && PAYLOAD.iter().all(|column| is_null(*column))
}

fn what_stays<'a>(columns: &Columns<'a>) -> Columns<'a> {
    let mut stays = columns.clone();
    what_goes().for_each(|column| stays.set(column, None));
    stays
}

fn what_goes() -> impl Iterator<Item = Column> {
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
        let kept: Vec<_> = Column::ALL.into_iter().filter(|column| what_goes().all(|goes| goes != *column)).collect();
        use Column::*;
        assert_eq!(kept, [Id, CreatedAt, CreatedByUserId, ActionType, ResourceType, ResourceId, WorkspaceId]);
    }
}
