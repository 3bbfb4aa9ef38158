//! Whether events have ids that the server made: a UUIDv7 of their own time. Whoever may set `session_replication_role` can store any id
//! and any time. Only the last pages of every partition are read, where such events are stored, so the cost is bounded.

use audit_core::health::Finding;
use audit_core::tier::Tier;

use crate::partition::leaves;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::spi;
use crate::storage::Storage;

/// Pages of each partition that are looked at: most where new events come, for of the archive there may be hundreds of months.
const fn pages_read(tier: Tier) -> u32 {
    match tier {
        Tier::Hot => 50,
        Tier::Archive => 1,
    }
}

/// Partitions that one query reads: a query each would take longer to plan than to run.
const TOGETHER: usize = 64;

pub fn made_here(storage: &Storage) -> Vec<Finding> {
    let read = |tier| {
        let last_pages = move |leaf: leaves::TableLeaf| {
            let pages = Relation::open(leaf.oid(), AccessShareLock)?.pages();
            (pages > 0).then(|| (leaf.name, pages.saturating_sub(pages_read(tier))))
        };
        leaves::of(storage, tier).into_iter().filter_map(last_pages)
    };
    let parts: Vec<(String, u32)> = Tier::ALL.into_iter().flat_map(read).collect();
    assess(parts.chunks(TOGETHER).flat_map(|parts| odd(storage, parts)).collect())
}

/// Partition, number and an example of events with odd ids, of partitions from a page on.
fn odd(storage: &Storage, parts: &[(String, u32)]) -> Vec<(String, i64, String)> {
    let of_part = |(place, (name, first)): (usize, &(String, u32))| {
        let values = [("leaf", name.clone()), ("first", first.to_string()), ("place", place.to_string())];
        storage.fill(include_str!("../../sql/health/odd_ids.sql"), &values)
    };
    let sql: Vec<String> = parts.iter().enumerate().map(of_part).collect();
    let found = spi::rows(&sql.join("UNION ALL\n"), |row| {
        let (name, _) = parts.get(usize::try_from(row.int4(1)?).ok()?)?;
        Some((name.clone(), row.int8(2)?, row.text(3)?))
    });
    found.into_iter().flatten().collect()
}

fn assess(odd: Vec<(String, i64, String)>) -> Vec<Finding> {
    const CHECK: &str = "event_ids";
    if odd.is_empty() {
        return vec![Finding::ok(CHECK, "the ids of recent events are of the server's making")];
    }
    let warn = |(leaf, count, id): (String, i64, String)| {
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
        let found = assess(vec![("a".into(), 1, "i".into()), ("b".into(), 2, "j".into())]);
        assert!(found.len() == 2 && found.iter().all(|finding| finding.status == Status::Warn));
    }
}
