//! Configuration that is the same on all nodes: a change is told as the row that it made, and stored on the other nodes as it is. Ids, times and persons are those of
//! the node where it was made, and it is an event of that node alone.

use audit_core::catalogue::{ACCESS, FLOORS, HOLDS, MEMBERSHIP_SOURCE, POLICIES, REQUESTS};
use audit_core::deletion::request_state::RequestState;
use serde_json::{Value, json};

use super::log;
use crate::error::Error;
use crate::pg::datum::Datum;
use crate::pg::jsonb;
use crate::storage::Storage;

pub const VERB: &str = "row";

/// The tables of such configuration, and their keys.
pub const TABLES: [(&str, &str); 6] = [
    (POLICIES, "workspace_id"),
    (FLOORS, "workspace_id"),
    (MEMBERSHIP_SOURCE, "singleton"),
    (ACCESS, "id"),
    (HOLDS, "id"),
    (REQUESTS, "id"),
];

/// Tells the other nodes of a row as it is now, if that concerns them.
pub fn tell(storage: &Storage, table: &str, row: Datum) -> Result<(), Error> {
    if !TABLES.iter().any(|(name, _)| *name == table) || !super::is_enabled(storage) || log::is_untold() {
        return Ok(());
    }
    let row: Value = serde_json::from_slice(jsonb::printed(row)).unwrap_or_default();
    // Each node finds that out by its own clock, in its own archive run, which needs no other node.
    if table == REQUESTS && row["state"] == RequestState::Expired.name() {
        return Ok(());
    }
    log::append(storage, VERB, &json!({ "table": table, "row": row }), None, None)
}
