//! Whether a month of the hot table is due for the archive as a whole.

use crate::ids::WorkspaceId;
use crate::retention::ArchiveBy;
use crate::time::Timestamp;

/// A workspace that has events in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub archive_by: ArchiveBy,
    /// Its events before this time are due.
    pub archive_before: Timestamp,
    /// Whether it has a policy row. Otherwise the defaults apply.
    pub has_policy: bool,
}

/// Whether a month that ends at `upper` is due as a whole.
pub fn is_whole_month_due(workspaces: &[Workspace], upper: Timestamp) -> bool {
    !workspaces.is_empty()
        && workspaces
            .iter()
            .all(|workspace| workspace.archive_by == ArchiveBy::Month && workspace.archive_before >= upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(days: i32) -> Timestamp {
        Timestamp::UNIX_EPOCH.plus_days(days)
    }

    fn workspace(archive_by: ArchiveBy, days: i32) -> Workspace {
        Workspace { id: WorkspaceId(uuid::Uuid::nil()), archive_by, archive_before: time(days), has_policy: true }
    }

    #[test]
    fn a_month_is_due_when_all_its_workspaces_agree() {
        use ArchiveBy::{Event, Month};
        let upper = time(100);
        assert!(is_whole_month_due(&[workspace(Month, 100), workspace(Month, 130)], upper));
        assert!(
            !is_whole_month_due(&[workspace(Month, 100), workspace(Event, 130)], upper),
            "one archives event by event"
        );
        assert!(!is_whole_month_due(&[workspace(Month, 100), workspace(Month, 70)], upper), "one keeps the month");
        assert!(!is_whole_month_due(&[], upper), "nothing to move");
    }
}
