//! Whether the files of cold storage are there and are looked after. The database knows of a file what `audit-cold` reports.

use audit_core::health::{Finding, Status};

use crate::pg::spi;
use crate::storage::Storage;

const CHECK: &str = "cold_objects";

/// So many objects are concerned, this one first.
struct Concerned {
    what: String,
    count: i64,
    first: String,
}

pub fn objects(storage: &Storage) -> Vec<Finding> {
    let sql = storage.fill(include_str!("../../sql/health/cold.sql"), &[]);
    let read = |row: spi::ResultRow| Some(Concerned { what: row.text(1)?, count: row.int8(2)?, first: row.text(3)? });
    assess(&spi::rows(&sql, read).into_iter().flatten().collect::<Vec<_>>())
}

/// What is found, how bad it is, how it is told, and what to do.
const KINDS: [(&str, Status, &str, &str); 7] = [
    (
        "missing",
        Status::Fail,
        "have no file in their store",
        "Bring the file back from a replica or backup of the store, and run audit-cold check; its events may be nowhere else.",
    ),
    (
        "altered",
        Status::Fail,
        "have a file that is not the one that was stored",
        "Bring the file back from a replica or backup of the store, and run audit-cold check; find out who writes to the store.",
    ),
    (
        "unreadable",
        Status::Fail,
        "have a file that cannot be read",
        "Run audit-cold check --deep; if it stays so, bring the file back from a replica or backup of the store.",
    ),
    ("unchecked", Status::Warn, "have not been looked for in their store for 35 days", "Schedule audit-cold check."),
    (
        "pending",
        Status::Warn,
        "have not been searched for an erasure that was ordered 7 days ago",
        "Run audit-cold erase. Until then the certificate of the erasure is not complete.",
    ),
    (
        "condemned",
        Status::Warn,
        "were to be removed from their store 7 days ago",
        "Run audit-cold clean. Until then the certificate of the erasure or purge is not complete.",
    ),
    (
        "stored",
        Status::Warn,
        "have been stored for 30 days and are in the database still",
        "Run audit-cold release, or request_audit_cold_release() where an approval is needed; discard_audit_cold_object() gives the file up.",
    ),
];

fn assess(concerned: &[Concerned]) -> Vec<Finding> {
    let of = |what: &str| concerned.iter().find(|concerned| concerned.what == what);
    let findings: Vec<Finding> = KINDS
        .iter()
        .filter_map(|(what, status, told, hint)| {
            let Concerned { count, first, .. } = of(what)?;
            Some(Finding::new(CHECK, *status, format!("{count} cold objects {told}, {first} for one"), *hint))
        })
        .collect();
    if findings.is_empty() {
        let live = of("live").map_or(0, |live| live.count);
        return vec![Finding::ok(CHECK, format!("{live} cold objects are as they should be"))];
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concerned(what: &str) -> Concerned {
        Concerned { what: what.to_owned(), count: 2, first: "an id".to_owned() }
    }

    #[test]
    fn a_lost_file_fails_and_neglect_warns() {
        let status = |what| assess(&[concerned("live"), concerned(what)])[0].status;
        for what in ["missing", "altered", "unreadable"] {
            assert_eq!(status(what), Status::Fail, "{what}");
        }
        for what in ["unchecked", "pending", "condemned", "stored"] {
            assert_eq!(status(what), Status::Warn, "{what}");
        }
        assert_eq!(assess(&[]).len(), 1);
        assert_eq!(assess(&[concerned("live")])[0].detail, "2 cold objects are as they should be");
        assert_eq!(assess(&[concerned("missing"), concerned("stored")]).len(), 2, "each is told");
    }
}
