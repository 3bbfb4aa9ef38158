//! Errors of calling a function in a way, or on a table, that it is not made for.

use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// A set-returning function where one value is expected.
    SetNotExpected,
    /// A trigger function that is called by hand.
    NotATrigger,
    /// A trigger that calls one of our functions for what it is not made for.
    MisplacedTrigger {
        function: String,
        table: String,
        /// What it is made for, in words.
        expected: String,
    },
    /// A table lacks columns that are read, or has them with another type.
    OtherColumns { table: String },
    /// The transaction locks out everybody else until it ends, so it must not be prepared and left open.
    PreparedWithStrongLocks,
}

impl IntoReport for Misuse {
    fn report(&self) -> Report {
        match self {
            Misuse::SetNotExpected => Report::new(
                SqlState::FeatureNotSupported,
                "set-valued function called in a context that cannot accept a set",
            )
            .hint("Call it in the FROM clause."),
            Misuse::NotATrigger => {
                Report::new(SqlState::TriggerProtocolViolated, "this function can only be called as a trigger")
                    .hint("Triggers of the audit trail are put in place by audit_setup().")
            }
            Misuse::MisplacedTrigger { function, table, expected } => Report::new(
                SqlState::TriggerProtocolViolated,
                format!("function {function}() is not made for this trigger of \"{table}\""),
            )
            .detail(format!("The function is made for {expected}."))
            .hint(
                "Drop the trigger; those of the audit trail are put in place by audit_setup() and audit_track_table().",
            ),
            Misuse::OtherColumns { table } => Report::new(
                SqlState::InvalidTableDefinition,
                format!("table \"{table}\" does not have the columns of the audit trail"),
            )
            .hint("Call audit_setup() as the owner of the extension."),
            Misuse::PreparedWithStrongLocks => Report::new(
                SqlState::FeatureNotSupported,
                "a transaction that made partitions, moved months or scrubbed cannot be prepared",
            )
            .hint("Commit it at once: nobody else can use the tables it altered until it ends."),
        }
    }
}
