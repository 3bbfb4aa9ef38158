//! Why an import, or a row of it, is refused.

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

/// A mapping from which no event can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MappingError {
    NotAnObject,
    UnknownKey {
        key: String,
    },
    NoSuchColumn {
        key: String,
        column: String,
    },
    Unfit {
        key: String,
    },
    /// Neither the source nor the mapping says it.
    Missing {
        key: &'static str,
    },
}

impl IntoReport for MappingError {
    fn report(&self) -> Report {
        const SHAPE: &str = "Give the name of a column of the source, {\"column\": \"name\"}, or {\"value\": constant}; \
             the constant of tags is a list of texts.";
        let refused = |message: String| {
            Report::new(SqlState::InvalidParameterValue, format!("p_mapping {message}")).parameter("p_mapping")
        };
        match self {
            MappingError::NotAnObject => {
                refused("must be a JSON object".to_owned()).hint("An empty one takes the columns by their names.")
            }
            MappingError::UnknownKey { key } => refused(format!("has an unknown key \"{key}\"")).hint(
                "Its keys are source_id and the columns of audit_events that a caller can give; the server makes the others.",
            ),
            MappingError::NoSuchColumn { key, column } => {
                refused(format!("takes \"{key}\" from the column \"{column}\", which the source does not have"))
                    .hint("Names are those of the source, with capitals and blanks as they are there.")
            }
            MappingError::Unfit { key } => refused(format!("says nothing for \"{key}\"")).hint(SHAPE),
            MappingError::Missing { key } => refused(format!("must say which column of the source is \"{key}\""))
                .hint("A source has a created_at and a source_id of text, under these names or others."),
        }
    }
}

/// A row that cannot be imported, or an import that cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// The source is no table and no view.
    NotASource,
    /// A former import has this name and came from elsewhere.
    OtherSource {
        name: String,
        source: String,
    },
    NoSourceId,
    NoTime,
    /// There is an event of this name and time, with another content.
    Differs,
    /// Two rows of the source have this name and time.
    Twice,
    /// The table has triggers, policies or indexes of others, which must not be passed by.
    ForeignParts {
        table: String,
    },
}

impl IntoReport for ImportError {
    fn report(&self) -> Report {
        use SqlState::{InvalidParameterValue, RestrictViolation};
        match self {
            ImportError::NotASource => Report::new(InvalidParameterValue, "p_source must be a table or a view")
                .hint("Make a view over the other trail that has the columns of audit_events, and a source_id."),
            ImportError::OtherSource { name, source } => {
                Report::new(InvalidParameterValue, format!("the import \"{name}\" has another source, \"{source}\""))
                    .hint("Choose another p_name: ids are made of it, so each source needs one of its own.")
            }
            ImportError::NoSourceId => Report::new(InvalidParameterValue, "a row of the source has no source_id")
                .hint("Leave such rows out of the view, or make a name of their other columns."),
            ImportError::NoTime => Report::new(InvalidParameterValue, "an imported event has no created_at")
                .hint("Leave the row out of the view, or give it a time."),
            ImportError::Differs => Report::new(
                RestrictViolation,
                "an imported event has another content than the event that was imported under its name",
            )
            .hint("Audit events are immutable; import the changed row under another p_name, or leave it out."),
            ImportError::Twice => {
                Report::new(RestrictViolation, "two rows of the source have the same source_id and created_at")
                    .hint("Make source_id unique in the view.")
            }
            ImportError::ForeignParts { table } => Report::new(
                RestrictViolation,
                format!("\"{table}\" has a trigger, policy, column or kind of index that an import would pass by"),
            )
            .hint("Remove it, import, and make it again; B-tree indexes can stay."),
        }
    }
}
