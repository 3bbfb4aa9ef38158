//! An audit event as a row: its columns in a table, its fingerprint, what an erasure leaves of it.

pub mod erase;
pub mod fingerprint;
pub mod resource;
pub mod row;
