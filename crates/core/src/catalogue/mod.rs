//! The one list of what the trail consists of: its relations, functions and event triggers.
//!
//! Set-up makes them from this list. Rights, the guards against DML and DDL, the adoption of existing tables, health checks and audited
//! changes follow from it. Another table is another entry in [`RELATIONS`] and the SQL file that the entry names.

mod functions;
mod guards;
mod names;
mod relation;
mod relations;
pub mod rights;

pub use self::functions::{FUNCTIONS, Function};
pub use self::guards::*;
pub use self::relation::{Audited, ObjectKind, TrailRelation, Updated};
pub use self::relations::*;

/// An event trigger; its function has its name.
#[derive(Clone, Copy, Debug)]
pub struct EventTrigger {
    pub name: &'static str,
    pub event: &'static str,
    pub comment: &'static str,
}

/// Those of the DDL guard.
pub const DDL_GUARD: [EventTrigger; 3] = [
    EventTrigger {
        name: "audit_ddl_command_start",
        event: "ddl_command_start",
        comment: "Refuses DDL on the audit trail.",
    },
    EventTrigger {
        name: "audit_ddl_command_end",
        event: "ddl_command_end",
        comment: "Judges DDL on the audit trail again by what it touched, and records what was allowed.",
    },
    EventTrigger { name: "audit_sql_drop", event: "sql_drop", comment: "Refuses to drop a part of the audit trail." },
];

/// Those that follow tracked tables.
pub const CAPTURE: [EventTrigger; 2] = [
    EventTrigger {
        name: "audit_capture_altered",
        event: "ddl_command_end",
        comment: "Records what is done to tracked tables and follows it.",
    },
    EventTrigger {
        name: "audit_capture_dropped",
        event: "sql_drop",
        comment: "Records that tracked tables or their triggers are dropped.",
    },
];

/// The CHECK of a month's table that says what its bounds say.
pub const MONTH_CONSTRAINT: &str = "audit_month";

/// The relation of this name, if it is one of ours.
pub fn relation(name: &str) -> Option<&'static TrailRelation> {
    RELATIONS.iter().find(|relation| relation.name == name)
}

/// Tables and sequences, which set-up does not make anew.
pub fn stored() -> impl Iterator<Item = &'static TrailRelation> + Clone {
    RELATIONS.iter().filter(|relation| !relation.is_view())
}

pub fn views() -> impl Iterator<Item = &'static TrailRelation> + Clone {
    RELATIONS.iter().filter(|relation| relation.is_view())
}

/// The names of all relations.
pub fn names() -> Vec<&'static str> {
    RELATIONS.iter().map(|relation| relation.name).collect()
}

pub fn monthly_names() -> Vec<&'static str> {
    RELATIONS.iter().filter(|relation| relation.is_monthly()).map(|relation| relation.name).collect()
}

/// The names of all indexes that set-up makes.
pub fn indexes() -> impl Iterator<Item = &'static str> {
    RELATIONS.iter().flat_map(|relation| relation.indexes).copied()
}

/// A regular expression of PostgreSQL for the names of partitions.
pub fn partition_pattern() -> String {
    format!("^({})_(default|[0-9]{{4}}_[0-9]{{2}})$", monthly_names().join("|"))
}

/// Whether the guard takes a trigger for ours by its name. All of ours are named audit…, apart from one, and so are those that capture makes; a trigger of
/// somebody else that is called so is kept too.
pub fn is_name_of_trigger(name: &str) -> bool {
    name.starts_with("audit") || name == MEMBERSHIP_TRIGGER
}

#[cfg(test)]
mod tests;
