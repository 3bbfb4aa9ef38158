//! What happened to the trail although it is guarded: a superuser can disable event triggers, switch them off for a session, or write
//! into the catalogs. The health check tells, from the catalogs alone.

use audit_core::event::column::PAYLOAD;
use audit_core::event::constraint::Check;

use crate::ddl_guard::trail::{TABLES, VIEWS};
use crate::immutability;
use crate::pg::spi;
use crate::storage::Storage;

/// The install script's declarations of functions, with which the catalog is compared.
const DECLARATIONS: &[&str] = &[
    include_str!("../../sql/functions/guards.sql"),
    include_str!("../../sql/functions/recording.sql"),
    include_str!("../../sql/functions/reading.sql"),
    include_str!("../../sql/functions/operating.sql"),
    include_str!("../../sql/functions/retention.sql"),
    include_str!("../../sql/functions/deletion.sql"),
    include_str!("../../sql/functions/ddl_guard.sql"),
    include_str!("../../sql/functions/capture.sql"),
];

/// Something that is not as the extension makes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// One of [`CHECKS`].
    pub check: &'static str,
    pub detail: String,
    pub hint: &'static str,
}

/// A function as the install script declares it.
#[derive(Debug, PartialEq, Eq)]
struct Declared<'a> {
    name: &'a str,
    symbol: &'a str,
    is_definer: bool,
}

/// The checks that findings are of.
pub const CHECKS: [&str; 8] =
    ["ddl_guard", "guards", "foreign_objects", "statistics", "publications", "storage", "constraints", "functions"];

/// Nothing is the good answer. Reads catalogs only; anybody may.
pub fn findings(storage: &Storage) -> Vec<Finding> {
    let declared: Vec<Declared> = DECLARATIONS.iter().flat_map(|sql| declarations(sql)).collect();
    let array = |values: Vec<&str>, kind: &str| {
        let values: Vec<String> = values.into_iter().map(spi::quote_literal).collect();
        format!("ARRAY[{}]::{kind}[]", values.join(", "))
    };
    let sql = spi::fill(
        include_str!("../../sql/ddl_guard/health.sql"),
        &[
            ("schema", storage.schema.to_u32().to_string()),
            ("names", array(TABLES.iter().chain(VIEWS).copied().collect(), "name")),
            ("checks", array(Check::ALL.iter().map(|check| check.constraint()).collect(), "name")),
            ("payload", array(PAYLOAD.iter().map(|column| column.name()).collect(), "name")),
            ("functions", array(declared.iter().map(|function| function.name).collect(), "name")),
            ("symbols", array(declared.iter().map(|function| function.symbol).collect(), "text")),
            (
                "definers",
                array(declared.iter().map(|f| if f.is_definer { "true" } else { "false" }).collect(), "boolean"),
            ),
        ],
    );
    let missing = immutability::missing_guards(storage).into_iter().map(|guard| {
        ("guards".to_owned(), format!("{} of {} is missing or not in its state", guard.name, guard.table))
    });
    let found = spi::rows(&sql, |row| row.text(1).zip(row.text(2))).into_iter().flatten();
    let mut findings: Vec<Finding> = missing
        .chain(found)
        .filter_map(|(check, detail)| {
            let check = CHECKS.into_iter().find(|known| *known == check)?;
            Some(Finding { hint: hint(check), check, detail })
        })
        .collect();
    findings.dedup();
    findings
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

/// Name, symbol and rights of each function in a file of `sql/functions`.
fn declarations(sql: &str) -> Vec<Declared<'_>> {
    sql.split("CREATE FUNCTION ")
        .skip(1)
        .filter_map(|declaration| {
            let (name, rest) = declaration.split_once('(')?;
            let (body, symbol) = rest.split_once("AS 'MODULE_PATHNAME', '")?;
            let symbol = symbol.split('\'').next()?;
            Some(Declared { name, symbol, is_definer: body.contains("SECURITY DEFINER") })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_read_from_the_install_script() {
        let all: Vec<Declared> = DECLARATIONS.iter().flat_map(|sql| declarations(sql)).collect();
        let functions = DECLARATIONS.iter().map(|sql| sql.matches("\nCREATE FUNCTION ").count()).sum::<usize>();
        assert_eq!(all.len(), functions);
        let find = |name| all.iter().find(|function| function.name == name).unwrap();
        let recording = find("insert_audit_event");
        assert_eq!((recording.symbol, recording.is_definer), ("audit_ext_insert_audit_event", true));
        let guard = find("audit_events_guard");
        assert_eq!((guard.symbol, guard.is_definer), ("audit_ext_events_guard", false));
    }
}
