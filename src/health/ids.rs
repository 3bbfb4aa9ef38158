//! Whether events have ids that the server made: a UUIDv7 of their own time. Whoever may set `session_replication_role` can store any id
//! and any time. Only the last pages of every partition are read, so the cost is bounded.

use audit_core::health::Finding;
use audit_core::tier::Tier;

use crate::partition::leaves;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::spi;
use crate::storage::Storage;

/// Pages of each partition that are looked at.
const PAGES: u32 = 50;

pub fn made_here(storage: &Storage) -> Vec<Finding> {
    let of_leaf = |leaf: leaves::TableLeaf| {
        let pages = Relation::open(leaf.oid(), AccessShareLock)?.pages();
        let values = [("leaf", leaf.name.clone()), ("first", pages.saturating_sub(PAGES).to_string())];
        let sql = storage.fill(include_str!("../../sql/health/odd_ids.sql"), &values);
        let (count, id) = spi::first_row(&sql, |row| Some((row.int8(1)?, row.text(2)?)))?;
        Some((leaf.name, count, id))
    };
    let leaves = Tier::ALL.into_iter().flat_map(|tier| leaves::of(storage, tier));
    assess(leaves.filter(|leaf| !leaf.is_empty()).filter_map(of_leaf).collect())
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
