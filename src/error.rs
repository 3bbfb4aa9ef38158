//! An error on its way to the client, as a report. It does not remember which concept it comes from.
//!
//! Each concept has an enum of its errors and implements [`IntoReport`] for it; `?` makes this type of it. Code that must tell errors apart
//! calls a function that returns the enum.

use audit_core::report::{IntoReport, Report};

/// Small, so that a result costs nothing where all goes well; the report is made when something does not.
#[derive(Debug)]
pub struct Error(Box<Report>);

impl<E: IntoReport> From<E> for Error {
    #[cold]
    fn from(error: E) -> Error {
        Error(Box::new(error.report()))
    }
}

impl AsRef<Report> for Error {
    fn as_ref(&self) -> &Report {
        &self.0
    }
}

impl Error {
    /// See [`Report::in_element`].
    pub fn in_element(self, index: usize) -> Error {
        Error(Box::new(self.0.in_element(index)))
    }

    /// See [`Report::of_source`].
    pub fn of_source(self, source_id: &str) -> Error {
        Error(Box::new(self.0.of_source(source_id)))
    }
}
