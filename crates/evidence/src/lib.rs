//! Evidence: what proves that a trail is whole and unchanged, and how somebody who trusts neither the database nor its host checks it.
//!
//! Each event is a leaf of its workspace's log, a Merkle tree as in RFC 6962. Each seal appends the heads of the logs it touched to a root log, whose
//! signed head, the checkpoint, binds them all. Columns are disclosed one by one (RFC 9901), so a proof outlives the erasure of a payload.
//!
//! Nothing here knows PostgreSQL: the extension seals with it, `audit-verify` checks with it, and both word a finding alike.

#![forbid(unsafe_code)]
// These macros panic where nobody reads any more.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod add_checkpoint;
pub mod base64;
pub mod bundle;
pub mod checkpoint;
pub mod deletion;
pub mod disclosure;
pub mod field;
pub mod hash;
pub mod journal;
pub mod leaf;
pub mod lists;
pub mod note;
pub mod receipt;
pub mod tiles;
pub mod tree;
pub mod verify;
pub mod window;
