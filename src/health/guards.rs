//! Triggers and defaults that are missing or disabled; the version of the SQL against that of the library.

use super::Finding;
use crate::immutability;
use crate::pg::spi;
use crate::storage::Storage;

pub fn in_force(storage: &Storage) -> Vec<Finding> {
    const CHECK: &str = "guards";
    let missing = immutability::missing_guards(storage);
    match missing.as_slice() {
        [] => vec![Finding::ok(CHECK, "all guards, triggers and defaults are in force")],
        _ => missing
            .into_iter()
            .map(|guard| {
                Finding::fail(
                    CHECK,
                    format!("{} of {} is missing or not in its state", guard.name, guard.table),
                    "Find out who did it, then run audit_setup() as the owner of the extension: it puts the guards back.",
                )
            })
            .collect(),
    }
}

pub fn version(_: &Storage) -> Vec<Finding> {
    let sql = "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'audit_ext'";
    let installed = spi::rows(sql, |row| row.text(1)).into_iter().flatten().next().unwrap_or_default();
    vec![judge_version(&installed, env!("CARGO_PKG_VERSION"))]
}

fn judge_version(installed: &str, library: &str) -> Finding {
    const CHECK: &str = "version";
    match installed == library {
        true => Finding::ok(CHECK, format!("SQL and library are of version {library}")),
        false => Finding::warn(
            CHECK,
            format!("the SQL is of version {installed}, the library of {library}"),
            "ALTER EXTENSION audit_ext UPDATE; new connections load the new library.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_mismatch_is_a_warning() {
        assert_eq!(judge_version("0.1.0", "0.1.0").status, Status::Ok);
        assert_eq!(judge_version("0.1.0", "0.2.0").status, Status::Warn);
    }
}
