//! Why a run ends before the end of its source, and how that is told.

use audit_core::report::row_of_source;

use super::culprit::culprit;
use super::source::Source;
use crate::error::Error;
use crate::pg::raise;
use crate::pg::raised::{Raised, catch};
use crate::pg::subtransaction;

/// An error that ended a run.
pub enum Stop {
    /// Of ours.
    Refused(Error),
    /// Of PostgreSQL, of a function that the source calls, or of a constraint that somebody added; with the row that it is about, where that is known.
    Raised { error: Raised, row: Option<String>, is_of_reading: bool },
}

impl From<Raised> for Stop {
    fn from(error: Raised) -> Stop {
        Stop::Raised { error, row: None, is_of_reading: false }
    }
}

/// Runs a step of an import; an error of any kind undoes it.
pub fn step<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Stop> {
    catch(|| subtransaction::try_to(work))?.map_err(Stop::Refused)
}

impl Stop {
    /// The error was raised while rows were read that nobody has counted yet.
    pub fn while_reading(self) -> Stop {
        match self {
            Stop::Raised { error, row, .. } => Stop::Raised { error, row, is_of_reading: true },
            refused => refused,
        }
    }

    /// The same about a row that is known.
    pub fn of_row(self, source_id: Option<String>) -> Stop {
        match (self, source_id) {
            (Stop::Raised { error, is_of_reading, .. }, row @ Some(_)) => Stop::Raised { error, row, is_of_reading },
            (stop, _) => stop,
        }
    }

    /// What `audit_imports` says. A message of PostgreSQL may quote the row, so its code stands for it.
    pub fn told(&self) -> String {
        match self {
            Stop::Refused(error) => {
                let report = error.as_ref();
                let detail = report.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
                format!("{}{detail}", report.message)
            }
            Stop::Raised { error, row, .. } => {
                let row = row.as_deref().map(|row| format!(": {}", row_of_source(row))).unwrap_or_default();
                format!("an error with SQLSTATE {} ended it{row}", error.sqlstate())
            }
        }
    }

    /// The same about the row of the source that cannot be read, if one is found; else the same as it is.
    pub fn of_unread_row(self, source: &Source) -> Result<Stop, Stop> {
        match &self {
            Stop::Raised { error, row: None, is_of_reading: true } => match culprit(source, &error.sqlstate()) {
                Some(row) => Ok(self.of_row(Some(row))),
                None => Err(self),
            },
            _ => Err(self),
        }
    }

    pub fn raise(self) -> ! {
        match self {
            Stop::Refused(error) => raise::raise(error.as_ref()),
            Stop::Raised { error, row: Some(row), .. } => error.about(&row_of_source(&row)).raise(),
            Stop::Raised { error, row: None, .. } => error.raise(),
        }
    }
}
