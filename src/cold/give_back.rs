//! `return_audit_cold_loans()`: lent events that are unchanged leave the archive again. Their file has them.
//!
//! An event stays if it is hot, if it has changed (its row has another digest than the one that was lent), or if its log does not have it yet. It also stays
//! if the last check did not find its file whole, for the loan may be all that is left of it; and while an erasure is pending for its file, for the loan
//! may be erased where the file is not. All released objects are locked first, so neither changes meanwhile. Batches keep memory flat.

use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::catalogue::{COLD_ERASURES, COLD_LOANS, COLD_OBJECTS};
use audit_core::deletion::grounds::Grounds;
use audit_core::event::action::is_system_action;
use audit_core::event::column::Column;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::INTERVALOID;
use uuid::Uuid;

use super::rows::{EventRows, Place, Window};
use super::{order, stored};
use crate::deletion::log::{COLD, Entry, Reach};
use crate::deletion::removal::Removal;
use crate::error::Error;
use crate::event::canonical::StoredRows;
use crate::partition::leaves;
use crate::permit::{Breach, Purpose};
use crate::pg::call::{Answer, Call};
use crate::pg::cursor::Cursor;
use crate::pg::snapshot::Fresh;
use crate::pg::{clock, datum, parameter, raise, spi};
use crate::seal::cold::Places;
use crate::storage::{Interference, Storage};
use crate::{hold, interlock, sequence};

/// Loans that are looked at together.
const BATCH: u32 = 10_000;
const RETURNING: &str = "returning loans to cold storage";
const REASON: &str = "returned to cold storage after a loan";

/// `return_audit_cold_loans(p_workspace_id, p_authority, p_approval_ticket_id, p_older_than)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    stored::demand_current_view(RETURNING)?;
    let storage = Storage::of(call)?;
    let workspace = call.uuid(0).map(WorkspaceId).ok_or(
        Argument::new("p_workspace_id").problem("must not be null").hint("Loans are returned workspace by workspace."),
    )?;
    let grounds = Grounds::parse(call.text(1), call.text(2), Some(REASON.to_owned()))?;
    let before = lent_before(call).ok_or(
        Argument::new("p_older_than")
            .problem("must be an interval of zero or more")
            .hint("interval '30 days' is the default."),
    )?;
    interlock::erase_events(&storage, workspace)?;
    hold::none_in_force(&storage, workspace)?;
    order::lock_released(&storage, workspace, RETURNING)?;
    // What others have found and ordered while they were waited for.
    let _seen = Fresh::take();
    let mut returning = Returning::begin(&storage, workspace);
    let loans = loans(&storage, workspace, before);
    loop {
        let batch: Vec<Loan> = loans.fetch(BATCH, read).into_iter().flatten().collect();
        if batch.is_empty() {
            break;
        }
        returning.take(&batch)?;
    }
    drop(loans);
    tell_of_those_left_out(&storage, workspace, before);
    returning.log(call, grounds)
}

fn lent_before(call: &Call) -> Option<Timestamp> {
    // A time that is no timestamp any more is before every loan.
    const SQL: &str = "SELECT CASE WHEN $1 < interval '6000 years' THEN pg_catalog.clock_timestamp() - $1 ELSE '-infinity' END WHERE $1 >= interval '0'";
    spi::find_row_with(SQL, &[(INTERVALOID, Some(call.datum(3)?))], |row| row.time(1))
}

/// An event that was lent, and the digest of its row then.
struct Loan {
    place: Place,
    row_sha256: Vec<u8>,
}

/// Those that are old enough, of objects whose files must exist.
fn lent(storage: &Storage) -> String {
    format!(
        "FROM {} AS loan JOIN {} AS object USING (object_id) \
         WHERE loan.workspace_id = $1 AND loan.lent_at <= $2 AND object.state = 'released'",
        storage.qualified(COLD_LOANS),
        storage.qualified(COLD_OBJECTS)
    )
}

const IS_SOUND: &str = "coalesce(object.check_result, 'ok') = 'ok'";

fn is_settled(storage: &Storage) -> String {
    format!(
        "NOT EXISTS (SELECT FROM {} AS erasure WHERE erasure.object_id = object.object_id AND NOT erasure.is_done)",
        storage.qualified(COLD_ERASURES)
    )
}

/// Those whose file is not known to be another than it must be, in the order of their keys.
fn loans(storage: &Storage, workspace: WorkspaceId, before: Timestamp) -> Cursor {
    let sql = format!(
        "SELECT loan.created_at, loan.event_id, loan.row_sha256 {} AND {IS_SOUND} AND {} ORDER BY loan.created_at, loan.event_id",
        lent(storage),
        is_settled(storage)
    );
    Cursor::open(&sql, &[parameter::uuid(workspace), parameter::time(before)])
}

/// Tells of loans whose files are not to be relied on.
fn tell_of_those_left_out(storage: &Storage, workspace: WorkspaceId, before: Timestamp) {
    let is_settled = is_settled(storage);
    let reasons = [
        (format!("NOT {IS_SOUND}"), "the last check found their file missing or damaged"),
        (format!("{IS_SOUND} AND NOT {is_settled}"), "an erasure is still to be carried out in their file"),
    ];
    for (condition, reason) in reasons {
        let sql = format!("SELECT {} AND {condition}", lent(storage));
        match spi::count_with(&sql, &[parameter::uuid(workspace), parameter::time(before)]) {
            0 => (),
            count => raise::notice(format!("{count} lent events stay in the database: {reason}")),
        }
    }
}

fn read(row: spi::ResultRow) -> Option<Loan> {
    Some(Loan { place: (row.time(1)?, EventId(row.uuid(2)?)), row_sha256: row.bytes(3)? })
}

struct Returning<'a> {
    storage: &'a Rc<Storage>,
    workspace: WorkspaceId,
    removal: Removal<'a>,
    stored: StoredRows,
    places: Option<Places>,
    kept: u64,
    newest: Option<Place>,
}

impl<'a> Returning<'a> {
    fn begin(storage: &'a Rc<Storage>, workspace: WorkspaceId) -> Returning<'a> {
        Returning {
            storage,
            workspace,
            removal: Removal::begin(storage),
            stored: StoredRows::new(),
            places: Places::of(storage, workspace),
            kept: 0,
            newest: None,
        }
    }

    fn take(&mut self, batch: &[Loan]) -> Result<(), Error> {
        let (first, last) = (&batch[0], &batch[batch.len() - 1]);
        let window = Window { workspace: self.workspace, first: first.place, last: last.place };
        let ids = self.unchanged(batch, window)?;
        self.kept += (batch.len() - ids.len()) as u64;
        self.remove(&ids, window)
    }

    /// Which of them are in the archive as they were lent.
    fn unchanged(&mut self, batch: &[Loan], window: Window) -> Result<Vec<Uuid>, Error> {
        let mut rows = EventRows::open(self.storage, &[Tier::Archive], window)?;
        let mut at = rows.advance();
        let mut ids = Vec::new();
        for Loan { place, row_sha256 } in batch {
            while at.is_some_and(|at| at < *place) {
                at = rows.advance();
            }
            let Some(columns) = rows.columns().filter(|_| at == Some(*place)) else { continue };
            let is_in_log = self.places.as_mut().is_none_or(|places| places.hold(place.1));
            if is_in_log && self.stored.digest_of(&columns)[..] == row_sha256[..] {
                ids.push(place.1.0);
                if !columns.bytes(Column::ActionType).is_some_and(is_system_action) {
                    self.newest = Some(*place);
                }
            }
        }
        Ok(ids)
    }

    fn remove(&mut self, ids: &[Uuid], window: Window) -> Result<(), Error> {
        let Window { workspace, first: (from, _), last: (to, _) } = window;
        let before = self.removal.total();
        let returned = parameter::uuids(ids.iter().copied());
        let parameters = [parameter::uuid(workspace), parameter::time(from), parameter::time(to), returned];
        for leaf in leaves::over(self.storage, Tier::Archive, from, to) {
            let sql = self.storage.fill(include_str!("../../sql/cold/return.sql"), &[("leaf", leaf.name.clone())]);
            self.removal.run(Purpose::Cold { workspace, from, to }, &leaf.name, &sql, &parameters)?;
        }
        if self.removal.total() - before != ids.len() as u64 {
            return Err(Breach::Surplus { table: Tier::Archive.table().to_owned() }.into());
        }
        let sql = format!(
            "DELETE FROM {} WHERE workspace_id = $1 AND created_at BETWEEN $2 AND $3 AND event_id = ANY ($4)",
            self.storage.qualified(COLD_LOANS)
        );
        let _permit = self.storage.writing(COLD_LOANS)?;
        match spi::count_with(&sql, &parameters) == ids.len() as u64 {
            true => Ok(()),
            false => Err(Interference::Suppressed { table: COLD_LOANS }.into()),
        }
    }

    /// Nothing is logged where nothing went back.
    fn log(self, call: &Call, grounds: Grounds) -> Result<Answer, Error> {
        if self.kept > 0 {
            raise::notice(format!(
                "{} lent events stay in the database: they are hot, have changed since they were lent, or are not sealed",
                self.kept
            ));
        }
        if self.removal.total() == 0 {
            return Ok(call.record(&[Some(datum::from_int8(0)), None]));
        }
        let entry = Entry {
            at: clock::now(),
            workspace: self.workspace,
            subject: None,
            authority: grounds.authority().to_owned(),
            reason: grounds.in_words(),
            ticket: Some(grounds.ticket().to_owned()),
            tally: None,
            is_irrevocable: false,
            list: None,
            kind: Some(COLD),
            reach: Reach::default(),
            by: None,
        };
        let done = self.removal.log(self.storage, entry)?;
        if let Some(newest) = self.newest {
            sequence::keep_order_without(self.storage, self.workspace, newest)?;
        }
        Ok(done.answer(call))
    }
}
