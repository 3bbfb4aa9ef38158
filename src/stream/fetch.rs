//! `fetch_audit_stream()` and `ack_audit_stream()`.

use std::ops::ControlFlow;
use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::event::column::Column;
use audit_core::event::id;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::search::limit::PAGE;
use audit_core::stream::place::Place;
use audit_core::stream::removed::{self, Whereabouts};
use uuid::Uuid;

use super::cursor::{Cursor, Done, Waiting};
use super::definition::Stream;
use super::demand_writing;
use super::walk::Walk;
use crate::error::Error;
use crate::event::row::Columns;
use crate::pg::call::{Answer, Call};
use crate::pg::memory::Scratch;
use crate::pg::moment::Moment;
use crate::pg::role::Acting;
use crate::pg::rows::Rows;
use crate::pg::{datum, encoding, guc};
use crate::seal::rows::EventRows;
use crate::storage::Storage;
use crate::trail::cold;
use crate::trail::export::event;
use crate::trail::export::kinds::Kinds;

/// `fetch_audit_stream(p_name, p_limit, p_ack_batch_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    demand_writing()?;
    let mut rows = Rows::of(call)?;
    let limit = call.int4(1).filter(|limit| PAGE.contains(limit)).ok_or(
        Argument::new("p_limit")
            .problem(format!("must be between {} and {}", PAGE.start(), PAGE.end()))
            .hint("A batch has up to so many events; the next fetch goes on behind it."),
    )?;
    let _owner = Acting::as_owner(storage.owner);
    let stream = Stream::read_by_caller(&storage, call)?;
    let mut cursor = Cursor::lock(&storage, stream.id, &stream.name)?;
    if let Some(batch) = call.int8(2) {
        cursor.acknowledge(batch)?;
    }
    // What a reader was told must not be forgotten by a crash.
    guc::commit_durably();
    // Months change sides under locks that these exclude, so what the snapshot sees is found.
    let events = EventRows::open(&storage)?;
    let _now = Moment::take();
    let batch = cursor.batch + i64::from(cursor.waiting.is_none());
    let mut delivery = Delivery::to(&mut rows, &storage, &stream, batch, events);
    match cursor.waiting.as_ref() {
        Some(waiting) => deliver_again(&mut delivery, cursor.place, waiting)?,
        None => deliver_next(&mut delivery, &mut cursor, limit as usize)?,
    }
    drop(delivery);
    cursor.keep(&storage, Done::Fetched)?;
    Ok(Answer::Nothing)
}

/// `ack_audit_stream(p_name, p_batch_id)`.
pub fn ack_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    demand_writing()?;
    let batch = call.int8(1).ok_or(
        Argument::new("p_batch_id")
            .problem("must not be null")
            .hint("Give the batch_id that fetch_audit_stream() returned."),
    )?;
    let _owner = Acting::as_owner(storage.owner);
    let stream = Stream::read_by_caller(&storage, call)?;
    let mut cursor = Cursor::lock(&storage, stream.id, &stream.name)?;
    let was_waiting = cursor.acknowledge(batch)?;
    if was_waiting {
        cursor.keep(&storage, Done::Acknowledged)?;
    }
    Ok(Answer::from(was_waiting))
}

/// Delivers the batch that waits once more: the same events, in the same order.
fn deliver_again(delivery: &mut Delivery, from: Place, waiting: &Waiting) -> Result<(), Error> {
    let mut wanted = waiting.events.as_ref().map(|ids| ids.iter());
    let walk = Walk { storage: delivery.storage, filter: &delivery.stream.filter, until: Some(waiting.end) };
    walk.from(from, |workspace, event| {
        // Of a stream with some actions, the events are those that were chosen then.
        let is_next = match &mut wanted {
            Some(ids) if ids.as_slice().first() == Some(&event.0) => ids.next().is_some(),
            Some(_) => false,
            None => true,
        };
        if is_next {
            delivery.event(workspace, event, |_| true)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
}

/// Delivers the next batch, if there is something for one.
fn deliver_next(delivery: &mut Delivery, cursor: &mut Cursor, limit: usize) -> Result<(), Error> {
    let filter = &delivery.stream.filter;
    let walk = Walk { storage: delivery.storage, filter, until: None };
    let end = walk.from(cursor.place, |workspace, event| {
        delivery.event(workspace, event, |columns| {
            columns.bytes(Column::ActionType).is_some_and(|action| filter.admits_action(action))
        })?;
        Ok(if delivery.count == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    match delivery.count {
        0 => cursor.place = end,
        _ => {
            let events = filter.actions.as_ref().map(|_| std::mem::take(&mut delivery.ids));
            cursor.waiting = Some(Waiting { end, events });
            cursor.batch = delivery.batch;
        }
    }
    Ok(())
}

/// Rows on their way to the reader.
struct Delivery<'a> {
    storage: &'a Rc<Storage>,
    stream: &'a Stream,
    batch: i64,
    rows: &'a mut Rows,
    events: EventRows,
    /// For what it takes to print an event.
    scratch: Scratch,
    line: Vec<u8>,
    kinds: Kinds,
    count: usize,
    /// Kept where the stream has some actions only.
    ids: Vec<Uuid>,
}

impl<'a> Delivery<'a> {
    fn to(
        rows: &'a mut Rows,
        storage: &'a Rc<Storage>,
        stream: &'a Stream,
        batch: i64,
        events: EventRows,
    ) -> Delivery<'a> {
        let (scratch, line, ids) = (Scratch::new(), Vec::new(), Vec::new());
        let kinds = Kinds::of(storage, stream.format);
        Delivery { storage, stream, batch, rows, events, scratch, line, kinds, count: 0, ids }
    }

    /// Adds an event of the batch, if its row is one that is wanted, or is gone.
    fn event(
        &mut self,
        workspace: WorkspaceId,
        event: EventId,
        is_wanted: impl Fn(&Columns) -> bool,
    ) -> Result<(), Error> {
        if !self.stream.filter.admits_id(event) {
            return Ok(());
        }
        self.line.clear();
        let (format, scratch, line) = (self.stream.format, &self.scratch, &mut self.line);
        let kinds = &self.kinds;
        let written = self.events.with_tier(event, workspace, |columns, tier| {
            let is_wanted = is_wanted(columns);
            if is_wanted {
                scratch.run(|| event::write(columns, tier, format, kinds, line));
            }
            is_wanted
        })?;
        match written {
            Some(false) => return Ok(()),
            Some(true) => {}
            None => {
                let went = self.whereabouts(workspace, event)?;
                removed::write(format, event, workspace, went, &mut self.line);
            }
        }
        self.push(event);
        Ok(())
    }

    fn whereabouts(&self, workspace: WorkspaceId, event: EventId) -> Result<Whereabouts, Error> {
        let place = id::created_at(&event).map(|time| (time, event));
        let is_cold = place.map(|place| cold::holds(self.storage, workspace, place)).transpose()?;
        Ok(if is_cold == Some(true) { Whereabouts::Cold } else { Whereabouts::Purged })
    }

    fn push(&mut self, event: EventId) {
        let (rows, line) = (&mut self.rows, &self.line);
        self.scratch.run(|| {
            rows.push(&[
                Some(datum::from_int8(self.batch)),
                Some(datum::from_uuid(&event.0)),
                Some(datum::from_text(encoding::from_utf8(line))),
            ]);
        });
        self.count += 1;
        if self.stream.filter.actions.is_some() {
            self.ids.push(event.0);
        }
    }
}
