//! An audit event as a row: its columns in a table, its fingerprint, and what remains of it after an erasure.

pub mod adopt;
pub mod canonical;
pub mod erase;
pub mod fingerprint;
pub mod leaf;
pub mod resource;
pub mod row;
pub mod voucher;
pub mod workspace;
