//! Retention policies: how long the events of a workspace stay hot, and archived. One row per workspace.

pub mod appear;
pub mod change;
pub mod explain;
pub mod terms;

use pgrx::pg_sys::Datum;

use self::terms::{ArchiveBy, Protection, Terms};
use crate::pg::spi::{self, Row};
use crate::storage::{POLICIES, Storage};

impl Terms {
    /// From the columns hot_retention_days, warm_archive_days, is_compliance_mode, archive_by, protected_until and
    /// protected_days, in this order from `first` on.
    fn read(row: &Row, first: i32) -> Option<Terms> {
        Some(Terms {
            hot_days: row.int4(first)?,
            warm_days: row.int4(first + 1)?,
            is_compliance_mode: row.bool(first + 2)?,
            archive_by: ArchiveBy::parse(&row.text(first + 3)?)?,
            protection: row.time(first + 4).map(|until| Protection { until, days: row.int4(first + 5) }),
        })
    }

    const COLUMNS: &str =
        "hot_retention_days, warm_archive_days, is_compliance_mode, archive_by, protected_until, protected_days";
}

/// The terms of a workspace, and whether deletion there needs an approved request. The row is locked against change
/// until the end of the transaction, so that what follows from it still holds then.
pub fn terms_of(storage: &Storage, workspace: Datum) -> (Terms, bool) {
    read(storage, workspace, "FOR SHARE")
}

/// The terms of a workspace at the moment.
pub fn read_terms(storage: &Storage, workspace: Datum) -> Terms {
    read(storage, workspace, "").0
}

fn read(storage: &Storage, workspace: Datum, lock: &str) -> (Terms, bool) {
    let sql = format!(
        "SELECT {}, requires_approval FROM {} WHERE workspace_id = $1 {lock}",
        Terms::COLUMNS,
        storage.qualified(POLICIES)
    );
    let read = |row: Row| Some((Terms::read(&row, 1)?, row.bool(7)?));
    let workspace = (pgrx::pg_sys::UUIDOID, Some(workspace));
    spi::rows_with(&sql, &[workspace], read).into_iter().flatten().next().unwrap_or((Terms::DEFAULT, false))
}
