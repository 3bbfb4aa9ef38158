//! Whether what is given is what an event has.

use audit_core::event::column::Column;
use audit_core::event::idempotency::is_compared;
use audit_core::ids::{EventId, WorkspaceId};

use crate::error::Error;
use crate::pg::image;
use crate::pg::index_scan::IndexScan;
use crate::pg::snapshot::Latest;
use crate::record::draft::Draft;
use crate::storage::Storage;
use crate::trail::reader;

/// The event is read as it is committed, hot or archived, whatever the age of the transaction's snapshot. One that is not there is not compared.
pub fn is_same(storage: &Storage, workspace: WorkspaceId, event: EventId, given: &Draft) -> Result<bool, Error> {
    let _latest = Latest::activate();
    let mut is_same = true;
    reader::visit(storage, Some(workspace), event, |event, _| is_same = has(event, given))?;
    Ok(is_same)
}

fn has(event: &IndexScan, given: &Draft) -> bool {
    let columns = given.columns();
    let is_erased = !event.is_null(Column::DeletedAt);
    let is_compared = |column: &Column| is_compared(*column, !columns.is_null(*column), is_erased);
    let mut compared = Column::ALL.into_iter().filter(is_compared);
    compared.all(|column| image::same(columns.value(column), event.value(column)))
}
