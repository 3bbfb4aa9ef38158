//! `restore_audit_cold_events()`: events come back from a file as a loan. The file keeps them, the archive has them too, and the catalog knows which.

use std::collections::HashSet;
use std::rc::Rc;

use audit_cold_row::Row;
use audit_core::argument::Argument;
use audit_core::catalogue::COLD_ERASURES;
use audit_core::cold::refusal::StepError;
use audit_core::cold::state::State;
use audit_core::event::column::Column;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::tally::Tally;
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::lend::Lender;
use super::loan::NewLoans;
use super::object::Object;
use super::presented::Presented;
use super::rows::{EventRows, Place, Window};
use super::stored::{self, workspace_of};
use crate::error::Error;
use crate::event::canonical::{self, StoredRows};
use crate::interlock;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::Datum;
use crate::pg::memory::Scratch;
use crate::pg::{datum, parameter, spi, transaction};
use crate::seal::cold::Places;
use crate::storage::Storage;

const RESTORING: &str = "restoring from cold storage";

/// `restore_audit_cold_events(p_object_id, p_chunk, p_events, p_event_ids)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    stored::demand_current_view(RESTORING)?;
    let storage = Storage::of(call)?;
    let (object, workspace) = workspace_of(&storage, call.uuid(0))?;
    let chunk = required_chunk(call.int4(1))?;
    let bytes = required_bytes(call.datum(2))?;
    let wanted: Option<HashSet<Uuid>> = call.datum(3).map(|ids| datum::read_uuids(ids).into_iter().collect());
    interlock::move_events(&storage, RESTORING)?;
    let object = stored::locked(&storage, object, RESTORING)?;
    let window = stored::content(&storage, &object, State::Released)?.window;
    if is_erasure_pending(&storage, object.id) {
        return Err(StepError::ErasurePending { object: object.id }.into());
    }
    let bytes = datum::read_bytes(bytes);
    stored::demand_bytes(&storage, &object, chunk, bytes)?;
    let presented = Presented::of(&object, window, chunk, bytes);
    let mut lending = Lending::begin(&storage, workspace, object.id)?;
    lending.take(presented, window, |id| wanted.as_ref().is_none_or(|wanted| wanted.contains(&id.0)))?;
    let tally = lending.finish()?;
    if let Some(tally) = tally {
        record(&storage, &object, chunk, tally)?;
    }
    Ok(Answer::Value(datum::from_int8(tally.map_or(0, |tally| tally.count as i64))))
}

/// The rows of the chunk, not looked into yet.
pub fn required_bytes<'a>(bytes: Option<Datum<'a>>) -> Result<Datum<'a>, Argument> {
    bytes.ok_or(
        Argument::new("p_events")
            .problem("must not be null")
            .hint("Pass the rows of the chunk, as COPY gives them in binary form."),
    )
}

pub fn required_chunk(chunk: Option<i32>) -> Result<i32, Argument> {
    chunk.ok_or_else(|| {
        Argument::new("p_chunk")
            .problem("must not be null")
            .hint("SELECT chunk, event_count FROM audit_cold_chunks WHERE object_id = … shows them.")
    })
}

fn is_erasure_pending(storage: &Storage, object: Uuid) -> bool {
    let sql = format!("SELECT FROM {} WHERE object_id = $1 AND NOT is_done LIMIT 1", storage.qualified(COLD_ERASURES));
    spi::count_with(&sql, &[parameter::uuid(object)]) > 0
}

/// Events on their way into the archive, and what the catalog will say of them.
struct Lending<'a> {
    storage: &'a Rc<Storage>,
    lender: Lender,
    loans: NewLoans<'a>,
    /// None where nothing was ever sealed: then no log has any event.
    places: Option<Places>,
    stored: StoredRows,
    tally: Option<Tally>,
}

impl<'a> Lending<'a> {
    fn begin(storage: &'a Rc<Storage>, workspace: WorkspaceId, object: Uuid) -> Result<Lending<'a>, Error> {
        Ok(Lending {
            storage,
            lender: Lender::begin(storage, workspace, RESTORING)?,
            loans: NewLoans::begin(storage, workspace, object, RESTORING)?,
            places: Places::of(storage, workspace),
            stored: StoredRows::new(),
            tally: None,
        })
    }

    /// Takes the events that are wanted and that the database has not.
    fn take(
        &mut self,
        mut presented: Presented,
        window: Window,
        is_wanted: impl Fn(EventId) -> bool,
    ) -> Result<(), Error> {
        let mut next = presented.next().transpose()?;
        let Some((first, _)) = next else { return Ok(()) };
        let mut present = EventRows::open(self.storage, &Tier::ALL, Window { first, ..window })?;
        let mut next_present = present.advance();
        let scratch = Scratch::new();
        while let Some((place, row)) = next {
            while next_present.is_some_and(|present| present < place) {
                next_present = present.advance();
            }
            if next_present != Some(place) && is_wanted(place.1) && !scratch.run(|| self.lend(place, row))? {
                return Err(presented.wrong("a field is no value of its column").into());
            }
            next = presented.next().transpose()?;
        }
        Ok(())
    }

    /// False if the row is no event.
    fn lend(&mut self, place: Place, row: Row) -> Result<bool, Error> {
        let Some(mut columns) = canonical::columns(&row) else { return Ok(false) };
        let mark = self.mark(place.1, &columns);
        if let Some(mark) = mark {
            columns.set(Column::SealXid, Some(datum::from_int8(mark)));
        }
        let digest = self.stored.digest(row, &columns);
        self.lender.add(&columns, place.0)?;
        self.loans.add((place, digest))?;
        let one = Tally::one(place.0);
        self.tally = Some(self.tally.map_or(one, |tally| tally.plus(one)));
        Ok(true)
    }

    /// What the sealer is to find an event by that no log has: it is as if it were recorded now. What has no key is left to be adopted.
    fn mark(&mut self, event: EventId, columns: &crate::event::row::Columns) -> Option<i64> {
        let is_known = self.places.as_mut().is_some_and(|places| places.hold(event));
        (!is_known && !columns.is_null(Column::SealKey)).then(|| -(transaction::full_id() as i64))
    }

    fn finish(mut self) -> Result<Option<Tally>, Error> {
        self.lender.finish()?;
        self.loans.finish()?;
        Ok(self.tally)
    }
}

/// Every restore is itself an event of the workspace.
fn record(storage: &Rc<Storage>, object: &Object, chunk: i32, tally: Tally) -> Result<(), Error> {
    let text = |time: Timestamp| time.to_string();
    let details = json!({
        "chunk": chunk,
        "event_count": tally.count,
        "oldest_event_at": text(tally.oldest),
        "newest_event_at": text(tally.newest),
    });
    object.record(storage, "AUDIT_COLD_RESTORED", &details)
}
