//! Cold storage of audit events outside of PostgreSQL: files that every reader of Parquet opens, and the program `audit-cold` that carries them.
//!
//! Bytes count here and not claims: an event is its canonical row, and what a file holds is told by the digests of the rows that it gives back.

#![forbid(unsafe_code)]
// These macros panic where nobody reads any more.
#![deny(clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "program")]
pub mod database;
#[cfg(feature = "program")]
pub mod failure;
#[cfg(feature = "file")]
pub mod file;
#[cfg(feature = "program")]
pub mod report;
#[cfg(feature = "program")]
pub mod store;
#[cfg(feature = "program")]
pub mod verb;
