//! Errors of imports.

use audit_core::import::refusal::{ImportError, MappingError};
use audit_core::report::{IntoReport, Report};

use super::sample::{a, told};
use crate::import;

pub fn all() -> Vec<Report> {
    let mapping = told(all!(MappingError:
        NotAnObject, UnknownKey { key: a("key") }, NoSuchColumn { key: a("key"), column: a("column") },
        Unfit { key: a("key") }, Missing { key: "‹key›" }));
    let imports = told(all!(ImportError:
        NotASource, OtherSource { name: a("name"), source: a("table") }, NoSourceId, NoTime, Differs, Twice,
        ForeignParts { table: a("table") }));
    [mapping, imports, vec![import::IN_BLOCK.report()]].concat()
}
