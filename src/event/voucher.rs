//! Whether an event vouches for a deletion: it names an entry of the deletion log of its workspace, or in the nil workspace that a workspace was off-boarded. Such an
//! event is never removed ([`audit_core::deletion::voucher`]).

use audit_core::deletion::voucher;
use audit_core::event::column::Column;

use super::row::Columns;
use crate::pg::{parameter, spi};
use crate::storage::Storage;

/// Asks the log only where the action is one that vouches.
pub fn vouches(storage: &Storage, event: &Columns) -> bool {
    let (Some(entry), Some(workspace)) = (event.uuid(Column::ResourceId), event.workspace()) else { return false };
    event.bytes(Column::ActionType).is_some_and(voucher::is_action) && {
        let sql = "SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = $2 AND @vouches@";
        spi::count_with(&storage.fill(sql, &[]), &[parameter::uuid(workspace), parameter::uuid(entry)]) > 0
    }
}
