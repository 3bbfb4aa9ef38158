//! Finds what was done to the trail in spite of its guards. A superuser can disable event triggers, switch them off for a session, or write
//! into the catalogs. This check reads the catalogs only.

use audit_core::catalogue::{self, DDL_GUARD, FUNCTIONS, MEMBERSHIP_TRIGGER, MONTH_CONSTRAINT, RELATIONS};
use audit_core::event::column::ERASABLE;
use audit_core::event::constraint::Constraint;
use audit_core::health::{Finding, Status};

use crate::guard::triggers;
use crate::pg::parameter::{oid, text, texts};
use crate::pg::spi;
use crate::storage::Storage;

/// The checks that findings are of.
pub const CHECKS: [&str; 8] =
    ["ddl_guard", "guards", "foreign_objects", "statistics", "publications", "storage", "constraints", "functions"];

/// Nothing is the good answer. Reads catalogs only; anybody may.
pub fn findings(storage: &Storage) -> Vec<Finding> {
    let missing = triggers::missing(storage).into_iter().map(|guard| {
        let detail = format!("{} of {} is missing or not in its state", guard.name(), guard.table);
        Finding::fail("guards", detail, hint("guards"))
    });
    let read = |row: spi::ResultRow| {
        let (check, status, detail) = (row.text(1)?, row.text(2)?, row.text(3)?);
        let check = CHECKS.into_iter().find(|known| *known == check)?;
        Some(Finding::new(check, Status::named(&status), detail, hint(check)))
    };
    let found = spi::rows_with(include_str!("../../../sql/guard/health.sql"), &as_made(storage), read);
    let mut findings: Vec<Finding> = missing.chain(found.into_iter().flatten()).collect();
    findings.dedup();
    findings
}

/// What the catalogs are compared with, in the order of the parameters.
fn as_made(storage: &Storage) -> [spi::Parameter<'static>; 16] {
    let triggers = || RELATIONS.iter().flat_map(|relation| relation.triggers().map(|trigger| (relation.name, trigger)));
    [
        oid(storage.schema),
        texts(catalogue::names()),
        texts(catalogue::monthly_names()),
        texts(catalogue::indexes()),
        texts(triggers().map(|(relation, _)| relation)),
        texts(triggers().map(|(_, trigger)| trigger.name)),
        texts(triggers().map(|(_, trigger)| trigger.function)),
        text(MEMBERSHIP_TRIGGER),
        texts(DDL_GUARD.iter().map(|trigger| trigger.name)),
        texts(DDL_GUARD.iter().map(|trigger| trigger.event)),
        texts(Constraint::ALL.iter().map(|check| check.name())),
        text(MONTH_CONSTRAINT),
        texts(ERASABLE.iter().map(|column| column.name())),
        texts(FUNCTIONS.iter().map(|function| function.name)),
        texts(FUNCTIONS.iter().map(|function| function.symbol)),
        texts(FUNCTIONS.iter().map(|function| if function.is_definer { "true" } else { "false" })),
    ]
}

fn hint(check: &str) -> &'static str {
    match check {
        "ddl_guard" | "guards" => "Call audit_setup() as the owner of the extension, and find out who switched it off.",
        "foreign_objects" => {
            "Drop it; DROP TRIGGER, DROP RULE and DROP POLICY of what is not the extension's are allowed."
        }
        "statistics" => {
            "audit_setup() takes columns of payload out of statistics again; DROP STATISTICS of others that hold it."
        }
        "publications" => {
            "ALTER PUBLICATION ... SET (publish = 'insert'), or publish the columns of the primary key and filter by no others."
        }
        "functions" => {
            "DROP EXTENSION audit_ext CASCADE and CREATE EXTENSION audit_ext bring the functions back; every event stays."
        }
        _ => "Somebody changed the trail past its guards: compare it with a backup before you repair it.",
    }
}
