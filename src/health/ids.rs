//! Whether events have ids that the server made: a UUIDv7 of their own time. Whoever may set `session_replication_role` can store any id
//! and any time. Only the last pages of every partition are read, where such events are stored, so the cost is bounded.

use audit_core::event::column::Column;
use audit_core::event::id;
use audit_core::health::Finding;
use audit_core::ids::EventId;
use audit_core::report::IntoReport;
use audit_core::tier::Tier;
use pgrx::pg_sys::{TIMESTAMPTZOID, UUIDOID};
use uuid::Uuid;

use crate::partition::leaves;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::shape::Named;
use crate::pg::{last_pages, raise};
use crate::storage::Storage;

/// Pages of each partition that are looked at: most where new events come, for of the archive there may be hundreds of months.
const fn pages_read(tier: Tier) -> u32 {
    match tier {
        Tier::Hot => 50,
        Tier::Archive => 1,
    }
}

/// What is read of an event.
static SHAPE: [Named; 2] =
    [Named::needed(Column::Id.name(), UUIDOID), Named::needed(Column::CreatedAt.name(), TIMESTAMPTZOID)];

pub fn made_here(storage: &Storage) -> Vec<Finding> {
    let of_tier = |tier| {
        leaves::of(storage, tier).into_iter().filter_map(move |leaf| {
            let (count, example) = odd(&Relation::open(leaf.oid(), AccessShareLock)?, pages_read(tier))?;
            Some((leaf.name, count, example))
        })
    };
    assess(Tier::ALL.into_iter().flat_map(of_tier).collect())
}

/// How many events in the last pages of a partition have odd ids, and the least of those.
fn odd(leaf: &Relation, pages: u32) -> Option<(i64, Uuid)> {
    let mut odd = Vec::new();
    let read = last_pages::rows(leaf, pages, &SHAPE, |event| {
        let (id, time) = (event.uuid(1i16), event.time(2i16));
        odd.extend(id.filter(|id| id::created_at(&EventId(*id)) != time));
    });
    if let Err(misuse) = read {
        raise::raise(&misuse.report());
    }
    Some((odd.len() as i64, odd.into_iter().min()?))
}

fn assess(odd: Vec<(String, i64, Uuid)>) -> Vec<Finding> {
    const CHECK: &str = "event_ids";
    if odd.is_empty() {
        return vec![Finding::ok(CHECK, "the ids of recent events are of the server's making")];
    }
    let warn = |(leaf, count, id): (String, i64, Uuid)| {
        Finding::warn(
            CHECK,
            format!("{count} recent events of {leaf} have an id that is no UUIDv7 of their time, {id} among them"),
            "They did not come in as events do: somebody wrote them with session_replication_role = replica, or they were replicated or restored from elsewhere. Find out who.",
        )
    };
    odd.into_iter().map(warn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;

    #[test]
    fn each_partition_with_foreign_ids_is_named() {
        assert_eq!(assess(Vec::new())[0].status, Status::Ok);
        let found = assess(vec![("a".into(), 1, Uuid::nil()), ("b".into(), 2, Uuid::max())]);
        assert!(found.len() == 2 && found.iter().all(|finding| finding.status == Status::Warn));
    }
}
