//! Why a file cannot be written or read.

use audit_cold_row::Malformed;
use parquet::errors::ParquetError;

#[derive(Debug)]
pub enum FileError {
    /// Bytes that are no rows.
    Row(Malformed),
    /// A row that is no event: the column that tells it, and why.
    Event {
        column: &'static str,
        problem: &'static str,
    },
    /// A file that is not of this format.
    Format(String),
    Parquet(ParquetError),
    Io(std::io::Error),
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            FileError::Row(malformed) => malformed.fmt(f),
            FileError::Event { column, problem } => write!(f, "{column} of an event {problem}"),
            FileError::Format(problem) => f.write_str(problem),
            FileError::Parquet(error) => error.fmt(f),
            FileError::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FileError {}

impl From<Malformed> for FileError {
    fn from(malformed: Malformed) -> FileError {
        FileError::Row(malformed)
    }
}

impl From<ParquetError> for FileError {
    fn from(error: ParquetError) -> FileError {
        FileError::Parquet(error)
    }
}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> FileError {
        FileError::Io(error)
    }
}
