//! The deletion log: what left the hot trail or was erased, when, why and by whom. It holds no payload.

use pgrx::pg_sys::{BOOLOID, Datum, INT8OID, TEXTOID, TIMESTAMPTZOID, UUIDOID};
use uuid::Uuid;

use crate::conservation::{Tallies, Tally};
use crate::context;
use crate::pg::role::Acting;
use crate::pg::{datum, role, spi};
use crate::storage::{DELETION_LOG, Storage};

/// What one entry says; who did it is added.
#[derive(Default)]
pub struct Entry<'a> {
    pub workspace: Uuid,
    pub subject: Option<Uuid>,
    pub authority: &'a str,
    pub reason: Option<&'a str>,
    pub ticket: Option<&'a str>,
    /// None: no event was concerned.
    pub tally: Option<Tally>,
    pub is_irrevocable: bool,
}

/// Writes an entry and gives its id.
pub fn write(storage: &Storage, entry: &Entry) -> Option<Uuid> {
    let _owner = Acting::as_owner(storage.owner);
    let text = |text: &str| Some(datum::from_text(text.as_bytes()));
    let uuid = |id: Uuid| Some(datum::from_uuid(&id));
    let time = |pick: fn(Tally) -> i64| entry.tally.map(|tally| Datum::from(pick(tally)));
    let sql = format!(
        "INSERT INTO {} (deleted_by_user_id, deleted_by_role, acting_role, workspace_id, subject_user_id, deletion_authority, \
         deletion_reason, approval_ticket_id, event_count, oldest_event_at, newest_event_at, is_irrevocable) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        storage.qualified(DELETION_LOG)
    );
    let values = [
        (UUIDOID, context::user().and_then(uuid)),
        (TEXTOID, text(&role::name(role::session_user()))),
        (TEXTOID, text(&role::name(role::outer_user()))),
        (UUIDOID, uuid(entry.workspace)),
        (UUIDOID, entry.subject.and_then(uuid)),
        (TEXTOID, text(entry.authority)),
        (TEXTOID, entry.reason.and_then(text)),
        (TEXTOID, entry.ticket.and_then(text)),
        (INT8OID, Some(Datum::from(entry.tally.map_or(0, |tally| tally.count) as i64))),
        (TIMESTAMPTZOID, time(|tally| tally.oldest)),
        (TIMESTAMPTZOID, time(|tally| tally.newest)),
        (BOOLOID, Some(Datum::from(entry.is_irrevocable))),
    ];
    spi::rows_with(&sql, &values, |row| row.uuid(1)).into_iter().flatten().next()
}

/// Tallies in the order of their workspaces, so that runs are alike.
pub fn in_order(tallies: &Tallies) -> Vec<(Uuid, Tally)> {
    let mut sorted: Vec<_> = tallies.0.iter().map(|(workspace, tally)| (*workspace, *tally)).collect();
    sorted.sort_unstable_by_key(|(workspace, _)| *workspace);
    sorted
}
