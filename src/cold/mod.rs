//! Cold storage: archived events of a month in a file outside the database.
//!
//! The program `audit-cold` carries the bytes. Nothing here opens a file or a socket: an object is a row of `audit_cold_objects`, and what
//! the database demands of its file is in `audit_cold_chunks`.

pub mod archived;
pub mod erase;
pub mod give_back;
pub mod lend;
pub mod listed;
pub mod order;
pub mod presented;
pub mod release;
pub mod restore;
pub mod rows;
pub mod stored;
