//! One batch: as many rows as a transaction imports, all or none of them.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

use audit_core::event::action::is_system_action;
use audit_core::event::column::{Column, PAYLOAD};
use audit_core::event::id;
use audit_core::event::stamp::StampError;
use audit_core::ids::EventId;
use audit_core::import::mapping::TARGETS;
use audit_core::import::refusal::ImportError;
use audit_core::tally::Tally;
use audit_core::time::Timestamp;
use audit_evidence::hash::Hash;

use super::gone::Gone;
use super::run::{Done, Run};
use super::stop::{Stop, step};
use crate::error::Error;
use crate::event::row::Columns;
use crate::pg::call::Call;
use crate::pg::cursor::Cursor;
use crate::pg::datum::{self, Datum};
use crate::pg::image;
use crate::pg::memory::Scratch;
use crate::pg::role::Acting;
use crate::pg::snapshot::Fresh;
use crate::pg::spi::ResultRow;
use crate::record::draft::Draft;
use crate::record::import::Importing;
use crate::seal::rows::EventRows;
use crate::storage::Storage;

/// Rows that are fetched at once.
const PIECE: u64 = 1_000;
/// What the action types of another trail's own events get before them: here they are reserved.
const PREFIX: &[u8] = b"IMPORTED_";

pub enum Outcome {
    Batch,
    /// The source has no more rows.
    End,
}

/// The ids of the rows that were read last and have one time. Another row of an id has its time.
struct SameTime {
    time: Timestamp,
    ids: HashSet<EventId>,
}

/// What a run knows from one batch to the next.
pub struct Progress {
    last: Option<SameTime>,
    /// None for the first run of an import: nothing that it imported can be gone.
    gone: Option<Gone>,
}

impl Progress {
    pub fn of(run: &Run) -> Progress {
        Progress { last: None, gone: run.is_repeated.then(Gone::default) }
    }
}

/// Imports the next rows of the source. After an error nothing of the batch is there.
pub fn import(call: &Call, run: &Run, rows: &Cursor, size: u64, progress: &mut Progress) -> Result<Outcome, Stop> {
    let row = Cell::new(None);
    let outcome = step(|| Batch::import(&Storage::of(call)?, run, rows, size, progress, &row));
    outcome.map_err(|stop| stop.of_row(row.take()))
}

/// Says which row is looked at when PostgreSQL raises an error about it.
struct Witness<'a> {
    source_id: &'a [u8],
    row: &'a Cell<Option<String>>,
}

impl Drop for Witness<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.row.set(Some(String::from_utf8_lossy(self.source_id).into_owned()));
        }
    }
}

struct Batch<'a> {
    storage: &'a Rc<Storage>,
    run: &'a Run,
    importing: Importing,
    found: EventRows,
    gone: Option<&'a mut Gone>,
    /// Where the scans of `found` live, which last as long as the batch.
    scans: Scratch,
    /// For one row.
    scratch: Scratch,
    done: Done,
    /// Which row an error of PostgreSQL is about.
    row: &'a Cell<Option<String>>,
}

impl Batch<'_> {
    fn import(
        storage: &Rc<Storage>,
        run: &Run,
        rows: &Cursor,
        size: u64,
        Progress { last, gone }: &mut Progress,
        row: &Cell<Option<String>>,
    ) -> Result<Outcome, Error> {
        {
            let _owner = Acting::as_owner(storage.owner);
            run.lock(storage);
        }
        let _sees_all_so_far = Fresh::take();
        let importing = Importing::begin();
        if let Some(gone) = gone {
            let _owner = Acting::as_owner(storage.owner);
            gone.refresh(storage);
        }
        let mut batch = Batch {
            storage,
            run,
            importing,
            found: EventRows::open(storage)?,
            gone: gone.as_mut(),
            scans: Scratch::new(),
            scratch: Scratch::new(),
            done: Done::default(),
            row,
        };
        let (mut left, mut is_over) = (size, false);
        while left > 0 && !is_over {
            pgrx::check_for_interrupts!();
            let most = left.min(PIECE);
            let mut result = Ok(());
            let read = rows.fetch(most as u32, |row| {
                if result.is_ok() {
                    let _owner = Acting::as_owner(storage.owner);
                    result = batch.add(&row, last);
                }
            });
            result?;
            left -= read.len() as u64;
            is_over = (read.len() as u64) < most;
        }
        batch.finish()?;
        Ok(if is_over { Outcome::End } else { Outcome::Batch })
    }

    fn add(&mut self, row: &ResultRow, last: &mut Option<SameTime>) -> Result<(), Error> {
        let source_id = row.column(TARGETS.len() as i32 + 1).ok_or(ImportError::NoSourceId)?;
        self.add_named(row, source_id, last).map_err(|error| error.of_source(&datum::read_text(source_id)))
    }

    fn add_named(&mut self, row: &ResultRow, source_id: Datum, last: &mut Option<SameTime>) -> Result<(), Error> {
        let draft = draft_of(row);
        let created_at = draft.created_at.ok_or(ImportError::NoTime)?;
        let Batch { scratch, importing, .. } = self;
        scratch.run(|| importing.make_room(created_at))?;
        let source_id = datum::read_bytes(source_id);
        let _witness = Witness { source_id, row: self.row };
        let name = name_of(&self.run.name, source_id);
        // A time that no id can carry and that lies in the future breaks the named constraint.
        let Some(id) = id::of_import(created_at, name) else {
            let columns = draft.columns();
            crate::record::rules::check_constraints(&columns, created_at, false)?;
            return Err(StampError::TimeOutOfRange.into());
        };
        let same_time = last.get_or_insert_with(|| SameTime { time: created_at, ids: HashSet::new() });
        if same_time.time != created_at {
            (same_time.time, same_time.ids) = (created_at, HashSet::new());
        }
        if !same_time.ids.insert(id) {
            return Err(ImportError::Twice.into());
        }
        let columns = draft.columns();
        let Batch { found, scans, scratch, .. } = self;
        let is_same = |stored: &Columns| scratch.run(|| is_same(stored, &columns));
        match scans.within(|| found.at_its_time(id, None, is_same))? {
            Some(true) => self.done.skipped += 1,
            Some(false) => return Err(ImportError::Differs.into()),
            None if self.is_gone(&columns, id, created_at) => self.done.skipped += 1,
            None => {
                let Batch { importing, scratch, storage, .. } = self;
                scratch.run(|| importing.add(&draft, id, created_at, storage))?;
                let one = Tally { count: 1, oldest: created_at, newest: created_at };
                self.done.imported = Some(self.done.imported.map_or(one, |imported| imported.plus(one)));
            }
        }
        Ok(())
    }

    fn is_gone(&mut self, columns: &Columns, id: EventId, created_at: Timestamp) -> bool {
        let Batch { gone, scratch, storage, .. } = self;
        let asked = gone.as_mut().zip(columns.workspace());
        asked.is_some_and(|(gone, workspace)| scratch.run(|| gone.has(storage, workspace, id, created_at)))
    }

    fn finish(mut self) -> Result<(), Error> {
        let _owner = Acting::as_owner(self.storage.owner);
        self.importing.store()?;
        self.run.count(self.storage, &self.done)
    }
}

/// 62 bits of a SHA-256 of the two names; the id takes what it has place for.
fn name_of(import: &str, source_id: &[u8]) -> u64 {
    let mut hash = Hash::over();
    hash.add(&(import.len() as u64).to_be_bytes());
    hash.add(import.as_bytes());
    hash.add(source_id);
    let Hash([a, b, c, d, e, f, g, h, ..]) = hash.finish();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Whether a stored event is the one of a row. An event that was erased has no payload that could differ.
fn is_same(stored: &Columns, given: &Columns) -> bool {
    let is_erased = !stored.is_null(Column::DeletedAt);
    TARGETS
        .iter()
        .filter(|column| !(is_erased && PAYLOAD.contains(column)))
        .all(|column| image::same(stored.value(*column), given.value(*column)))
}

fn draft_of<'a>(row: &'a ResultRow) -> Draft<'a> {
    let value = |column: Column| {
        let place = TARGETS.iter().position(|target| *target == column)?;
        row.column(place as i32 + 1)
    };
    Draft {
        action_type: value(Column::ActionType).map(renamed),
        resource_type: value(Column::ResourceType),
        resource_id: value(Column::ResourceId),
        workspace_id: value(Column::WorkspaceId),
        created_by_user_id: value(Column::CreatedByUserId),
        old_values: value(Column::OldValues),
        new_values: value(Column::NewValues),
        ip_address: value(Column::IpAddress),
        user_agent: value(Column::UserAgent),
        request_id: value(Column::RequestId),
        tags: value(Column::Tags),
        metadata: value(Column::Metadata),
        created_at: value(Column::CreatedAt).map(datum::read_time),
    }
}

fn renamed(action_type: Datum) -> Datum {
    let action = datum::read_bytes(action_type);
    match is_system_action(action) {
        true => datum::from_text(&[PREFIX, action].concat()),
        false => action_type,
    }
}
