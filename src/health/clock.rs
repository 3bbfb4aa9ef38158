//! Whether the newest event has a time that the clock has not reached. If so, the clock was ahead and was set back, and events recorded now
//! come before that event.

use audit_core::event::column::Column;
use audit_core::event::id;
use audit_core::event::stamp::LEAD;
use audit_core::health::Finding;
use audit_core::ids::EventId;
use audit_core::report::IntoReport;
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::UUIDOID;
use uuid::Uuid;

use crate::partition::leaves;
use crate::pg::index_scan::{Direction, IndexScan};
use crate::pg::misuse::Misuse;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::shape::Named;
use crate::pg::snapshot::Snapshot;
use crate::pg::{clock, raise};
use crate::storage::Storage;

/// What is read of an event.
static SHAPE: [Named; 1] = [Named::needed(Column::Id.name(), UUIDOID)];

/// Ids carry the time of their event, so the newest of them tells.
pub fn reached(storage: &Storage) -> Vec<Finding> {
    let leaves = leaves::of(storage, Tier::Hot).into_iter();
    let tables =
        leaves.filter_map(|leaf| Relation::open(leaf.oid(), AccessShareLock)).filter(|leaf| !leaf.is_empty_file());
    let newest: Result<Vec<Option<Uuid>>, Misuse> = tables.map(newest_in).collect();
    match newest {
        Ok(ids) => {
            vec![assess(ids.into_iter().max().flatten().and_then(|id| id::created_at(&EventId(id))), clock::now())]
        }
        Err(misuse) => raise::raise(&misuse.report()),
    }
}

/// The newest id of a partition, by the index of its primary key. A query of all partitions would take longer to plan than to run.
fn newest_in(leaf: Relation) -> Result<Option<Uuid>, Misuse> {
    let Some(index) = leaf.index_on(&SHAPE, &[1]) else { return Ok(None) };
    let mut scan = IndexScan::begin(leaf, index, &SHAPE, &[], Direction::Descending, Snapshot::active())?;
    Ok(if scan.advance() { scan.uuid(1i16) } else { None })
}

fn assess(newest: Option<Timestamp>, now: Timestamp) -> Finding {
    const CHECK: &str = "clock";
    match newest {
        Some(newest) if newest > now + LEAD => Finding::warn(
            CHECK,
            format!("the newest event is of {newest}, which the clock has not reached"),
            "See to the server's clock. Events are recorded all the same; until it gets there they come before that one in the trail, and history (a created_at given by the caller) is refused for its workspace.",
        ),
        _ => Finding::ok(CHECK, "no event is ahead of the clock"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;
    use audit_core::time::Span;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn an_event_of_the_future_is_a_warning() {
        assert_eq!(assess(None, NOW).status, Status::Ok);
        assert_eq!(assess(Some(NOW + LEAD), NOW).status, Status::Ok);
        assert_eq!(assess(Some(NOW + LEAD + Span::MICROSECOND), NOW).status, Status::Warn);
    }
}
