//! The canonical row of an event: the tuple that `COPY … TO STDOUT (FORMAT binary)` writes for it.
//!
//! What cold storage is trusted by are digests of these bytes. The extension makes them from its own rows, the program `audit-cold` reads them
//! from the server and puts them together again from a file. Both use this crate, so that neither believes a second reading of the format.
//! <https://www.postgresql.org/docs/18/sql-copy.html#SQL-COPY-FILE-FORMATS>

mod chunk;
mod erase;
mod field;
mod print;
mod row;
mod successor;

pub use chunk::{Chunk, Chunker, MAX_CHUNK_BYTES, MAX_CHUNK_EVENTS, MAX_EVENT_BYTES, MAX_SUCCESSOR_CHUNK_BYTES};
pub use erase::{Erasure, erase};
pub use field::{Inet, TextArray, array, inet, json, microseconds, text, uuid};
pub use print::print;
pub use row::{COLUMNS, Column, Malformed, Row, Rows};
pub use successor::{NotAdded, SuccessorRows};
