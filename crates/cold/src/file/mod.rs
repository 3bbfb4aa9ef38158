//! Files of format 1: one object, which is events of one workspace and one month, in chunks.
//!
//! A column has what readers expect of it, text for ids and JSON. A row that its columns cannot tell, such as one with an array of two
//! dimensions, stands in `exact_row` too; so each row that goes in comes out again, byte for byte.

mod column;
mod error;
mod field;
mod hash;
mod layout;
mod manifest;
mod pages;
mod read;
mod write;

pub use column::COLUMN_NAMES;
pub use error::FileError;
pub use hash::{Hash, Hashing};
pub use manifest::{ChunkEntry, FORMAT, Footer, Key, MAX_EVENTS, Manifest, Object, TOOL};
pub use read::Reader;
pub use write::Writer;
