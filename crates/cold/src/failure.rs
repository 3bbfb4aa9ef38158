//! Why something was not done, and whose fault it is.

use crate::database::DatabaseError;
use crate::file::FileError;
use crate::store::StoreError;

#[derive(Debug)]
pub enum Failure {
    Usage(String),
    Database(DatabaseError),
    /// Of the store, of a file that came from it, or of the spool.
    Store(StoreError),
}

impl Failure {
    /// Whether it stands in the way of one object only.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Failure::Database(error) if error.is_refusal)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Failure::Usage(problem) => f.write_str(problem),
            Failure::Database(error) => write!(f, "the database: {error}"),
            Failure::Store(error) => write!(f, "the store: {error}"),
        }
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Failure {
        Failure::Database(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Store(error)
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Failure {
        Failure::Store(StoreError::new(error.to_string()))
    }
}
