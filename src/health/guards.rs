//! What was done to the trail in spite of its guards, and whether the version of the SQL is that of the library.

use audit_core::health::Finding;

use crate::access;
use crate::guard::ddl;
use crate::pg::{citus, spi};
use crate::storage::Storage;

/// One row per thing that is wrong, else one per check.
pub fn in_force(storage: &Storage) -> Vec<Finding> {
    let mut findings = ddl::health::findings(storage);
    findings.extend(citus::delegated_functions().into_iter().map(|function| {
        Finding::fail(
            "functions",
            format!("{function} was made a distributed function: Citus may call it on another node than the client's"),
            "DROP EXTENSION audit_ext CASCADE, then CREATE EXTENSION audit_ext: tables and events stay.",
        )
    }));
    findings.extend(access::shut_out(storage).into_iter().map(|role| {
        let detail = format!("role {role} has a level and no USAGE on the schema of the trail: it can do nothing");
        Finding::fail(
            "guards",
            detail,
            "GRANT USAGE ON SCHEMA ... TO ..., and find out who revoked it; or take the level with audit_revoke().",
        )
    }));
    let of = |check: &'static str| {
        let mut found: Vec<Finding> = findings.iter().filter(|finding| finding.check == check).cloned().collect();
        if found.is_empty() {
            found.push(Finding::ok(check, all_well(check)));
        }
        found
    };
    ddl::health::CHECKS.into_iter().flat_map(of).collect()
}

fn all_well(check: &str) -> &'static str {
    match check {
        "ddl_guard" => "DDL on the trail is guarded",
        "guards" => "all triggers and defaults are in force on every table and partition",
        "foreign_objects" => "nothing of others hangs on the trail",
        "statistics" => "statistics hold no payload of events",
        "publications" => "no publication stands in the way of archive and erasure",
        "storage" => "all tables are as the extension makes them",
        "constraints" => "all constraints are in force",
        _ => "all functions are those of the extension",
    }
}

pub fn version(_: &Storage) -> Vec<Finding> {
    let sql = "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'audit_ext'";
    let installed = spi::find_row(sql, |row| row.text(1)).unwrap_or_default();
    vec![assess_version(&installed, env!("CARGO_PKG_VERSION"))]
}

fn assess_version(installed: &str, library: &str) -> Finding {
    const CHECK: &str = "version";
    match installed == library {
        true => Finding::ok(CHECK, format!("SQL and library are of version {library}")),
        false => Finding::warn(
            CHECK,
            format!("the SQL is of version {installed}, the library of {library}: guards and capture are not checked"),
            "ALTER EXTENSION audit_ext UPDATE; new connections load the new library.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;

    #[test]
    fn a_mismatch_is_a_warning() {
        assert_eq!(assess_version("0.1.0", "0.1.0").status, Status::Ok);
        assert_eq!(assess_version("0.1.0", "0.2.0").status, Status::Warn);
    }
}
