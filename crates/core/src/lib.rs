//! What the extension decides, without a server.
//!
//! Nothing here knows pgrx or PostgreSQL's headers: `cargo test -p audit_core` ends in seconds.

pub mod argument;
pub mod network;
pub mod report;
pub mod sqlstate;
