//! Bringing events back from the archive, by `restore_audit_events()` or by the plain statement
//! `WITH restored AS (DELETE FROM audit_events_archive … RETURNING *) INSERT INTO audit_events … SELECT … FROM restored`.
//!
//! Both go the same way. Two statement triggers frame every DELETE of the archive; within the frame rows may leave, each is
//! noted ([`crate::conservation`]), and at the end of the statement each must be stored among the hot events, byte for byte,
//! or the statement fails. The frame belongs to the parent: a DELETE aimed at a partition has none and is refused.
//!
//! What came back is not archived again for a while, or the next run would undo the restore.

use std::cell::Cell;
use std::collections::HashSet;

use audit_core::argument::Argument;
use audit_core::catalogue::{self, ARCHIVE, RESTORED};
use audit_core::event::column::{Column, DELETION, SEAL};
use audit_core::event::id;
use audit_core::ids::EventId;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::tally::Tallies;
use audit_core::tier::Tier;
use audit_core::time::{Span, Timestamp};
use pgrx::pg_sys::{INTERVALOID, TIMESTAMPTZOID, UUIDARRAYOID, UUIDOID};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::cluster::author::{Author, Behalf};
use crate::cluster::error::ClusterError;
use crate::cluster::{self, node};
use crate::conservation::{self, EventKey};
use crate::error::Error;
use crate::interlock::{self, Contention};
use crate::pg::call::{Answer, Call};
use crate::pg::datum::Datum;
use crate::pg::expected::{Expected, On};
use crate::pg::fired::{Fired, Level, Operation, Timing};
use crate::pg::role::Acting;
use crate::pg::scope::Told;
use crate::pg::trigger::Trigger;
use crate::pg::{clock, datum, jsonb, lock, parameter, quote, raise, spi, trigger_level};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::Storage;

const RESTORING: &str = "restoring events";
const KEEP_HOT: Span = Span::days(30);

thread_local! {
    /// Until when the restore that is running keeps its events hot; None: the plain statement's thirty days.
    static KEEP_UNTIL: Cell<Option<Told<Timestamp>>> = const { Cell::new(None) };
}

/// The parent alone: a DELETE of a partition has no frame.
static FRAME: Expected = Expected {
    on: On::Tables(catalogue::RESTORE_FRAME),
    fired: Fired::when(Timing::Before, &[Operation::Delete], Level::Statement).or(Fired::when(
        Timing::After,
        &[Operation::Delete],
        Level::Statement,
    )),
    columns: &[],
};

/// `audit_events_restore()`: BEFORE and AFTER DELETE on the archive, for each statement.
pub fn frame(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &FRAME)?;
    let storage = Storage::of(call)?;
    if trigger.is_before() {
        interlock::move_events(&storage, RESTORING)?;
        conservation::statement_begins(trigger_level::current());
    } else {
        conservation::statement_ends(trigger_level::current());
        finish(&storage)?;
    }
    Ok(Answer::Nothing)
}

fn finish(storage: &std::rc::Rc<Storage>) -> Result<(), Error> {
    let restored = conservation::under_way(Tier::Archive);
    if restored.is_empty() {
        return Ok(());
    }
    let moved = conservation::settle(storage, Tier::Archive)?;
    let until = Told::to_me(&KEEP_UNTIL).unwrap_or_else(|| clock::now() + KEEP_HOT);
    let _owner = Acting::as_owner(storage.owner);
    let keep = spi::PreparedStatement::prepare(
        &format!(
            "INSERT INTO {} AS kept (event_id, workspace_id, created_at, keep_hot_until) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (event_id) DO UPDATE SET restored_at = excluded.restored_at, keep_hot_until = excluded.keep_hot_until",
            storage.qualified(RESTORED)
        ),
        &[UUIDOID, UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID],
    );
    let permit = storage.writing(RESTORED)?;
    for EventKey { id: event, workspace, created_at } in &restored {
        let values = [
            Some(datum::from_uuid(&event.0)),
            Some(datum::from_uuid(&workspace.0)),
            Some(datum::from_time(*created_at)),
            Some(datum::from_time(until)),
        ];
        keep.run(&values, |_| ());
    }
    drop(permit);
    record(storage, &moved, until)
}

/// Every restore is itself an event of the workspace.
fn record(storage: &std::rc::Rc<Storage>, moved: &Tallies, until: Timestamp) -> Result<(), Error> {
    for (workspace, tally) in moved.in_order() {
        let mut details = json!({
            "event_count": tally.count,
            "oldest_event_at": tally.oldest.to_string(),
            "newest_event_at": tally.newest.to_string(),
            "keep_hot_until": until.to_string(),
        });
        if let Some(Author { session_user, role, .. }) = Author::elsewhere() {
            details["asked_for_by"] = json!({ "session_user": session_user, "role": role });
        }
        system_event::record(
            storage,
            &SystemEvent {
                action_type: "AUDIT_EVENTS_RESTORED",
                resource_type: ARCHIVE,
                resource_id: None,
                workspace_id: Some(datum::from_uuid(&workspace.0)),
                old_values: None,
                new_values: Some(jsonb::from_serde(&details)),
            },
        )?;
    }
    Ok(())
}

/// `restore_audit_events(p_event_ids, p_keep_hot)`: gives the number of events that came back.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let ids = call.datum(0).ok_or(
        Argument::new("p_event_ids")
            .problem("must not be null")
            .hint("Pass the ids of archived events: ARRAY['...'::uuid]."),
    )?;
    let until = keep_until(call.datum(1)).ok_or(
        Argument::new("p_keep_hot")
            .problem("must be an interval of zero or more")
            .hint("interval '30 days' is the default."),
    )?;
    let wanted = datum::read_uuids(ids);
    let may_be_elsewhere = cluster::is_enabled(&storage) && !are_here(&storage, ids, &wanted);
    // Whoever asks other nodes comes before whoever removes on them.
    if may_be_elsewhere && cluster::log::demand_trusted(&storage).is_ok() {
        cluster::log::enter(&storage)?;
    }
    let restored = restore(&storage, &wanted, until)?;
    let elsewhere = match may_be_elsewhere && restored < wanted.len() as u64 {
        true => restore_elsewhere(&storage, &wanted, until)?,
        false => 0,
    };
    Ok(Answer::Value(datum::from_int8((restored + elsewhere) as i64)))
}

/// Whether all of these are archived on this node.
fn are_here(storage: &Storage, ids: Datum, wanted: &[Uuid]) -> bool {
    let _owner = Acting::as_owner(storage.owner);
    let sql = format!("SELECT count(DISTINCT id) FROM {} WHERE id = ANY ($1)", storage.qualified(ARCHIVE));
    let found = spi::find_row_with(&sql, &[(UUIDARRAYOID, Some(ids))], |row| row.int8(1));
    found == Some(wanted.iter().collect::<HashSet<_>>().len() as i64)
}

/// What another node asks of this one: events, until when they are kept, and for whom.
#[derive(Serialize, Deserialize)]
struct Elsewhere {
    ids: Vec<Uuid>,
    until: i64,
    user: Option<Uuid>,
    session_user: String,
    role: String,
}

/// `audit_cluster_restore(p_wanted)`: those of this node alone.
pub fn here_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let unreadable = || ClusterError::Unreadable { ordinal: 0 };
    let wanted: Elsewhere = call.text(0).and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(unreadable)?;
    let Elsewhere { ids, until, user, session_user, role } = wanted;
    let _behalf = Behalf::of(Author { user, session_user, role });
    let restored = restore(&storage, &ids, Timestamp::from_microseconds(until))?;
    Ok(Answer::Value(datum::from_int8(restored as i64)))
}

/// An id carries its time, so only the months of these events are visited. None: no id carries one.
fn span_of(ids: &[Uuid]) -> Option<(Timestamp, Timestamp)> {
    let times = || ids.iter().filter_map(|id| id::created_at(&EventId(*id)));
    times().min().zip(times().max())
}

/// Brings back those that this node has.
fn restore(storage: &Storage, ids: &[Uuid], until: Timestamp) -> Result<u64, Error> {
    let Some((first, last)) = span_of(ids) else { return Ok(0) };
    // Before the statement has locks on the tables: whoever waits for an eraser should not keep others from them.
    interlock::move_events(storage, RESTORING)?;
    let _until = Told::to_triggers(&KEEP_UNTIL, until);
    let values = [("columns", Column::list("")), ("named", named_columns())];
    let sql = storage.fill(include_str!("../../sql/archive/restore.sql"), &values);
    let parameters = [parameter::uuids(ids.iter().copied()), parameter::time(first), parameter::time(last)];
    // Partition maintenance may be moving the very rows, and be waiting for us to leave their table: so not one long wait.
    let mut restored = 0;
    if !lock::with_patience(|| restored = spi::count_with(&sql, &parameters)) {
        return Err(Contention::Lock { what: RESTORING }.into());
    }
    Ok(restored)
}

/// Has the other nodes of the cluster bring back what they have, each in a transaction of its own. Whoever is not trusted with other nodes is told that there are some.
fn restore_elsewhere(storage: &Storage, ids: &[Uuid], until: Timestamp) -> Result<u64, Error> {
    let Some((first, last)) = span_of(ids) else { return Ok(0) };
    let parameters = [parameter::uuids(ids.iter().copied()), parameter::time(first), parameter::time(last)];
    let sql = storage.fill(include_str!("../../sql/archive/elsewhere.sql"), &[]);
    let left =
        spi::find_row_as_committed(&sql, &parameters, |row| row.column(1).map(datum::read_uuids)).unwrap_or_default();
    if left.is_empty() {
        return Ok(0);
    }
    if cluster::log::demand_trusted(storage).is_err() {
        raise::tell(&NotHere { count: left.len() });
        return Ok(0);
    }
    let Author { user, session_user, role } = Author::acting();
    let wanted = Elsewhere { ids: left, until: until.microseconds(), user, session_user, role };
    let _owner = Acting::as_owner(storage.owner);
    let wanted = quote::literal(&json!(wanted).to_string());
    let query = format!("SELECT {}({wanted}::pg_catalog.text)", storage.qualified("audit_cluster_restore"));
    let answers = node::ask_others(&query)?;
    Ok(answers.iter().filter_map(|(_, count)| count.parse::<u64>().ok()).sum())
}

/// Some of the events are of no archive of this node.
struct NotHere {
    count: usize,
}

impl IntoReport for NotHere {
    fn report(&self) -> Report {
        let Self { count } = self;
        Report::new(SqlState::SuccessfulCompletion, format!("{count} of the ids are of no event of this node"))
            .hint("Nodes act as one: ask the node that has them, or have a member of the owner's role ask here.")
    }
}

/// The columns that a restoring statement names. The trigger sets the others ([`conservation::Unnamed`]).
fn named_columns() -> String {
    let is_named = |column: &&Column| !DELETION.contains(column) && !SEAL.contains(column);
    Column::ALL.iter().filter(is_named).map(|column| column.name()).collect::<Vec<_>>().join(", ")
}

fn keep_until(keep_hot: Option<Datum>) -> Option<Timestamp> {
    const SQL: &str =
        "SELECT pg_catalog.clock_timestamp() + $1 WHERE $1 >= interval '0' AND $1 < interval '200000 years'";
    spi::find_row_with(SQL, &[(INTERVALOID, Some(keep_hot?))], |row| row.time(1))
}
