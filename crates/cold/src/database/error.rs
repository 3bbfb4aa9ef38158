//! Why the database did not do what it was asked.

use postgres::error::SqlState;

use super::copy::CopyError;

#[derive(Debug)]
pub struct DatabaseError {
    problem: String,
    detail: Option<String>,
    hint: Option<String>,
    pub is_refusal: bool,
}

impl DatabaseError {
    pub fn new(problem: impl Into<String>) -> DatabaseError {
        DatabaseError { problem: problem.into(), detail: None, hint: None, is_refusal: false }
    }
}

impl std::fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.problem)?;
        let more = [("detail", &self.detail), ("hint", &self.hint)];
        more.iter().try_for_each(|(name, text)| text.iter().try_for_each(|text| write!(f, "\n  {name}: {text}")))
    }
}

impl std::error::Error for DatabaseError {}

impl From<postgres::Error> for DatabaseError {
    fn from(error: postgres::Error) -> DatabaseError {
        if let Some(of_server) = error.as_db_error() {
            // Of a row that a constraint refuses the detail shows all values, which are for no log.
            let shows_row = [SqlState::CHECK_VIOLATION, SqlState::NOT_NULL_VIOLATION].contains(of_server.code());
            return DatabaseError {
                problem: format!("{} ({})", of_server.message(), of_server.code().code()),
                detail: of_server.detail().filter(|_| !shows_row).map(str::to_owned),
                hint: of_server.hint().map(str::to_owned),
                // A hold, a missing approval, another session's object: it stands in the way of one object and not of others.
                is_refusal: *of_server.code() == SqlState::RESTRICT_VIOLATION,
            };
        }
        // The cause says more than its kind.
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        DatabaseError::new(format!("{error}{}", cause.unwrap_or_default()))
    }
}

impl From<CopyError> for DatabaseError {
    fn from(error: CopyError) -> DatabaseError {
        match error {
            CopyError::Server(error) => match error.downcast::<postgres::Error>() {
                Ok(of_server) => of_server.into(),
                Err(other) => DatabaseError::new(other.to_string()),
            },
            other => DatabaseError::new(other.to_string()),
        }
    }
}
