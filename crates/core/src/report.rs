//! What a client is told about an error.
//!
//! Each concept has an enum of its errors beside the code that raises them, and implements [`IntoReport`] there. Messages, details and
//! hints never contain an event's payload.

use crate::sqlstate::SqlState;

/// The fields of an error, as PostgreSQL has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub sqlstate: SqlState,
    pub message: String,
    pub detail: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
    pub constraint: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
    /// The parameter that is wrong. It is not sent to the client: it names the key if the event is one of a batch
    /// ([`Report::in_element`]).
    pub parameter: Option<&'static str>,
}

/// The sentence that names a row of a source.
pub fn row_of_source(source_id: &str) -> String {
    format!("Row with source_id \"{source_id}\".")
}

/// An error that can be told to a client.
pub trait IntoReport {
    fn report(&self) -> Report;
}

impl Report {
    pub fn new(sqlstate: SqlState, message: impl Into<String>) -> Report {
        Report {
            sqlstate,
            message: message.into(),
            detail: None,
            hint: None,
            constraint: None,
            schema: None,
            table: None,
            column: None,
            parameter: None,
        }
    }

    pub fn detail(self, detail: impl Into<String>) -> Report {
        Report { detail: Some(detail.into()), ..self }
    }

    pub fn hint(self, hint: impl Into<String>) -> Report {
        Report { hint: Some(hint.into()), ..self }
    }

    pub fn constraint(self, name: impl Into<String>) -> Report {
        Report { constraint: Some(name.into()), ..self }
    }

    pub fn table(self, name: impl Into<String>) -> Report {
        Report { table: Some(name.into()), ..self }
    }

    pub fn column(self, name: impl Into<String>) -> Report {
        Report { column: Some(name.into()), ..self }
    }

    pub fn parameter(self, name: &'static str) -> Report {
        Report { parameter: Some(name), ..self }
    }

    /// The same error about one row of a source: the detail begins with what the row is called there.
    pub fn of_source(self, source_id: &str) -> Report {
        let row = row_of_source(source_id);
        let detail = self.detail.as_ref().map_or_else(|| row.clone(), |more| format!("{row} {more}"));
        self.detail(detail)
    }

    /// The same error about one element of a batch: the detail begins with its index, and with the key if that is known.
    pub fn in_element(self, index: usize) -> Report {
        let mut detail = match self.parameter {
            Some(key) => format!("Element {index} of p_events, key \"{key}\"."),
            None => format!("Element {index} of p_events."),
        };
        if let Some(more) = &self.detail {
            detail.push(' ');
            detail.push_str(more);
        }
        self.detail(detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_an_element_names_element_and_key() {
        let report = Report::new(SqlState::CheckViolation, "no").parameter("p_action_type");
        assert_eq!(
            report.clone().in_element(3).detail.as_deref(),
            Some("Element 3 of p_events, key \"p_action_type\".")
        );
        let more = report.detail("It is empty.").in_element(0);
        assert_eq!(more.detail.as_deref(), Some("Element 0 of p_events, key \"p_action_type\". It is empty."));
        let of_no_key = Report::new(SqlState::UndefinedTable, "gone").in_element(1);
        assert_eq!(of_no_key.detail.as_deref(), Some("Element 1 of p_events."));
    }
}
