//! Streams: programs outside fetch events in batches and acknowledge them ([`audit_core::stream`]).
//!
//! A stream reads the root log's heads from where it stands, and of each head the leaves that it added to the log of its workspace. Seals give
//! the order, so recording pays nothing and waits for nobody. Where a stream stands is a row of data.

mod cursor;
pub mod definition;
pub mod fetch;
mod walk;

use audit_core::stream::refusal::StreamError;

use crate::pg::{snapshot, transaction};

macro_rules! statement {
    ($storage:expr, $name:literal) => {
        $storage.fill(include_str!(concat!("../../sql/stream/", $name, ".sql")), &[])
    };
}
use statement;

/// Every function of streams writes, and sees what others committed up to now.
fn demand_writing() -> Result<(), StreamError> {
    match (transaction::is_read_only(), snapshot::is_fixed()) {
        (true, _) => Err(StreamError::ReadOnly),
        (_, true) => Err(StreamError::Isolation),
        _ => Ok(()),
    }
}
