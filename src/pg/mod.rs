//! The only folder with `unsafe`: small safe wrappers around PostgreSQL's C functions.
//!
//! pgrx guards every call of `pg_sys`. An error of PostgreSQL unwinds as a Rust panic, so that values are dropped. At the entry of the
//! function it is handed back to PostgreSQL unchanged, with constraint, table and context.
#![allow(unsafe_code)]

pub mod array;
pub mod backend;
pub mod bitmap;
pub mod call;
pub mod callbacks;
pub mod catalog;
pub mod checks;
pub mod citus;
pub mod clock;
pub mod compat;
pub mod cursor;
pub mod datum;
pub mod deadline;
pub mod encoding;
pub mod event_trigger;
pub mod execution;
pub mod expected;
pub mod extension;
pub mod fired;
pub mod guc;
pub mod horizon;
pub mod image;
pub mod index;
pub mod index_key;
pub mod index_scan;
pub mod internal_ddl;
pub mod jsonb;
pub mod last_pages;
pub mod leaf_insert;
pub mod lock;
pub mod memory;
pub mod misuse;
pub mod moment;
pub mod node;
pub mod parameter;
pub mod partitions;
pub mod printed;
pub mod procedure;
pub mod publication;
pub mod quote;
pub mod raise;
pub mod raised;
pub mod receive;
pub mod record;
pub mod relation;
pub mod role;
pub mod row;
pub mod row_source;
pub mod rows;
pub mod scan;
pub mod scope;
pub mod send;
pub mod server;
pub mod shape;
pub mod snapshot;
#[allow(dead_code, reason = "verifying sorts with it")]
pub mod sorter;
pub mod spi;
pub mod statement;
pub mod subtransaction;
pub mod transaction;
pub mod transition;
pub mod trigger;
pub mod trigger_level;
pub mod types;
mod unguarded;
pub mod value;
