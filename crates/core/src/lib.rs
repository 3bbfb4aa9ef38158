//! What the extension decides, without a server.
//!
//! Nothing here knows pgrx or PostgreSQL's headers: `cargo test -p audit_core` ends in seconds.

pub mod access;
pub mod archive_due;
pub mod argument;
pub mod bisect;
pub mod capture_options;
pub mod catalogue;
pub mod cold;
pub mod ddl;
pub mod deletion;
pub mod event;
pub mod format;
pub mod health;
pub mod ids;
pub mod import;
pub mod index_kind;
pub mod isolation;
pub mod jsonb;
pub mod membership;
pub mod merge;
pub mod month;
pub mod network;
pub mod partition_plan;
pub mod report;
pub mod request;
pub mod retention;
pub mod search;
pub mod sqlstate;
pub mod stream;
pub mod tally;
pub mod template;
pub mod tier;
pub mod time;
pub mod visibility;
