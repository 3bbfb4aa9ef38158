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
        "cold objects without a file in their store",
        "Bring the file back from a replica or backup of the store, and run audit-cold check; its events may be nowhere else.",
    ),
    (
        "altered",
        Status::Fail,
        "cold objects whose file is not the one that was stored",
        "Bring the file back from a replica or backup of the store, and run audit-cold check; find out who writes to the store.",
    ),
    (
        "unreadable",
        Status::Fail,
        "cold objects whose file cannot be read",
        "Run audit-cold check --deep; if it stays so, bring the file back from a replica or backup of the store.",
    ),
    (
        "unchecked",
        Status::Warn,
        "cold objects that nobody looked for in their store for 35 days",
        "Schedule audit-cold check.",
    ),
    (
        "pending",
        Status::Warn,
        "cold objects that were not searched for an erasure ordered 7 days ago",
        "Run audit-cold erase. Until then the certificate of the erasure is not complete.",
    ),
    (
        "condemned",
        Status::Warn,
        "cold objects whose files were to be removed 7 days ago",
        "Run audit-cold clean. Until then the certificate of the erasure or purge is not complete.",
    ),
    (
        "stored",
        Status::Warn,
        "cold objects that have been stored for 30 days, and whose events are in the database still",
        "Run audit-cold release, or request_audit_cold_release() where an approval is needed; discard_audit_cold_object() gives the file up.",
    ),
];

fn assess(concerned: &[Concerned]) -> Vec<Finding> {
    let of = |what: &str| concerned.iter().find(|concerned| concerned.what == what);
    let findings: Vec<Finding> = KINDS
        .iter()
        .filter_map(|(what, status, told, hint)| {
            let Concerned { count, first, .. } = of(what)?;
            Some(Finding::new(CHECK, *status, format!("{told}: {count}, {first} for one"), *hint))
        })
        .collect();
    if findings.is_empty() {
        let live = of("live").map_or(0, |live| live.count);
        return vec![Finding::ok(CHECK, format!("cold objects that are as they should be: {live}"))];
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
        assert_eq!(assess(&[concerned("live")])[0].detail, "cold objects that are as they should be: 2");
        assert_eq!(assess(&[concerned("missing"), concerned("stored")]).len(), 2, "each is told");
    }
}
