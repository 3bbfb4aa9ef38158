//! Whether a month of the hot table is due for the archive as a whole.

use uuid::Uuid;

use crate::retention::ArchiveBy;

/// A workspace that has events in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenant {
    pub workspace: Uuid,
    pub archive_by: ArchiveBy,
    /// Its events before this time are due.
    pub archive_before: i64,
    /// Else the defaults are meant.
    pub has_policy: bool,
}

/// Whether a month that ends at `upper` is due as a whole.
pub fn is_whole_month_due(tenants: &[Tenant], upper: i64) -> bool {
    !tenants.is_empty()
        && tenants.iter().all(|tenant| tenant.archive_by == ArchiveBy::Month && tenant.archive_before >= upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(archive_by: ArchiveBy, archive_before: i64) -> Tenant {
        Tenant { workspace: Uuid::nil(), archive_by, archive_before, has_policy: true }
    }

    #[test]
    fn a_month_is_due_when_all_its_workspaces_agree() {
        use ArchiveBy::{Event, Month};
        let upper = 100;
        assert!(is_whole_month_due(&[tenant(Month, 100), tenant(Month, 130)], upper));
        assert!(!is_whole_month_due(&[tenant(Month, 100), tenant(Event, 130)], upper), "one archives event by event");
        assert!(!is_whole_month_due(&[tenant(Month, 100), tenant(Month, 70)], upper), "one keeps the month");
        assert!(!is_whole_month_due(&[], upper), "nothing to move");
    }
}
