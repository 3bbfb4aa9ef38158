//! Operations that must see what is committed now, and not what was when their transaction began.

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

/// The transaction is REPEATABLE READ or SERIALIZABLE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedSnapshot {
    /// The operation.
    pub what: &'static str,
    /// What would escape it.
    pub to_see: &'static str,
}

impl IntoReport for FixedSnapshot {
    fn report(&self) -> Report {
        Report::new(SqlState::RaiseException, format!("{} needs the isolation level READ COMMITTED", self.what))
            .detail(format!("It has to see {} up to now.", self.to_see))
            .hint("Call it by itself, or BEGIN ISOLATION LEVEL READ COMMITTED.")
    }
}
