//! `audit_await_seal()`: waits until an event is sealed, for a client that shall be told of it only then.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use audit_core::argument::Argument;
use audit_core::event::id;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::time::{Span, Timestamp};
use pgrx::pg_sys::INTERVALOID;
use uuid::Uuid;

use super::error::EvidenceError;
use super::refs;
use super::refusal::OwnEvent;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::Datum;
use crate::pg::moment::Moment;
use crate::pg::{parameter, spi, subtransaction};
use crate::storage::Storage;
use crate::trail::visibility::{self, Reading};

/// Pauses between two looks grow from the first to the second.
const PAUSES: (u64, u64) = (20, 500);

/// `audit_await_seal(p_event_id, p_timeout)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let event = call.uuid(0).ok_or(
        Argument::new("p_event_id").problem("must not be null").hint("Give the id that insert_audit_event() returned."),
    )?;
    let limit = Duration::from_millis(milliseconds("p_timeout", call.datum(1))?);
    let begun = Instant::now();
    let workspace = workspace(&storage, event)?;
    let (mut wanted, mut seen, mut pause) = (HashSet::from([event]), 0, PAUSES.0);
    loop {
        {
            let _now = Moment::take();
            seen = refs::remove_known(&storage, workspace, &mut wanted, seen);
        }
        let left = limit.saturating_sub(begun.elapsed()).as_millis() as u64;
        if wanted.is_empty() || left == 0 {
            return Ok(Answer::from(wanted.is_empty()));
        }
        subtransaction::sleep_interruptibly(pause.min(left));
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// The workspace of an event that the caller may know of.
fn workspace(storage: &Storage, event: Uuid) -> Result<Uuid, Error> {
    let unknown = EvidenceError::UnknownEvent { event: EventId(event) };
    let now = Moment::take();
    let Some((workspace, xid)) = id::created_at(&EventId(event)).and_then(|time| find(storage, event, time)) else {
        return Err(unknown.into());
    };
    if visibility::reading(storage, WorkspaceId(workspace))? != Reading::Allowed {
        return Err(unknown.into());
    }
    if now.own_xid.is_some() && xid.map(i64::unsigned_abs) == now.own_xid {
        return Err(OwnEvent { event }.into());
    }
    Ok(workspace)
}

/// An id carries its event's time, so one month is visited.
fn find(storage: &Storage, event: Uuid, time: Timestamp) -> Option<(Uuid, Option<i64>)> {
    let sql = storage.fill(include_str!("../../sql/seal/event.sql"), &[]);
    let values = [parameter::uuid(event), parameter::time(time - Span::SECOND), parameter::time(time + Span::SECOND)];
    spi::read_first_with(&sql, &values, |row| Some((row.uuid(1)?, row.int8(2))))
}

/// An interval of zero or more.
pub fn milliseconds(name: &'static str, interval: Option<Datum>) -> Result<u64, Argument> {
    const SQL: &str =
        "SELECT (extract(epoch FROM $1) * 1000)::bigint WHERE $1 >= interval '0' AND $1 < interval '6000 years'";
    let milliseconds =
        interval.and_then(|interval| spi::read_first_with(SQL, &[(INTERVALOID, Some(interval))], |row| row.int8(1)));
    milliseconds.and_then(|milliseconds| u64::try_from(milliseconds).ok()).ok_or(
        Argument::new(name).problem("must be an interval of zero or more").hint("interval '1 second', for example."),
    )
}
