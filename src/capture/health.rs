//! What keeps changes of tracked tables from being captured.

use super::sync::fill;
use crate::pg::role::Acting;
use crate::pg::spi;
use crate::storage::Storage;

pub struct Finding {
    /// `fail`: changes may go unrecorded; `warn`: they are recorded otherwise than was asked for; `note`: good to know.
    pub status: String,
    pub detail: String,
    pub hint: String,
}

/// Nothing when all tracked tables are captured as they should be.
pub fn findings(storage: &Storage) -> Vec<Finding> {
    let _owner = Acting::as_owner(storage.owner);
    let sql = fill(storage, include_str!("../../sql/capture/health.sql"), &[]);
    spi::rows(&sql, |row| Some(Finding { status: row.text(1)?, detail: row.text(2)?, hint: row.text(3)? }))
        .into_iter()
        .flatten()
        .collect()
}
