//! Finds the events that are for a seal, in both tables, under one snapshot.
//!
//! An event whose time the server gave is found by its id, which carries that time: those since the base of the window. One whose time the caller gave, or
//! that was stored late, can be of any time; its transaction's number is negative, and an index holds just these.

use std::ops::Range;

use audit_core::event::id;
use audit_core::time::Timestamp;
use audit_evidence::leaf::{LeafMaker, SealKey};
use audit_evidence::window::{Time, Window};

use super::append::{Leaf, Logs};
use super::statements::statements;
use crate::error::Error;
use crate::event::leaf::{self, LeafText};
use crate::pg::cursor::Cursor;
use crate::pg::guc::LocalSettings;
use crate::pg::spi::ResultRow;
use crate::pg::{array, datum, parameter};
use crate::storage::Storage;

/// New ones, by their ids.
const NEW: &str = "id >= $1 AND created_at >= $2 AND seal_xid >= $3 AND seal_xid < $4";
/// New ones that can be of any time.
const NEW_OF_ANY_TIME: &str = "seal_xid < 0 AND seal_xid > -$4 AND seal_xid <= -$3";
/// Of transactions that were waited for.
const LATE: &str = "id >= $5 AND created_at >= $6 AND seal_xid = ANY ($7)";
const LATE_OF_ANY_TIME: &str = "seal_xid < 0 AND seal_xid = ANY ($8)";
/// Where numbers do not count.
const SINCE: &str = "id >= $1 AND created_at >= $2 AND seal_xid > 0";
const OF_ANY_TIME: &str = "seal_xid < 0";
const ALL: &str = "seal_xid IS NOT NULL";

const ROWS_AT_A_TIME: u32 = 500;
/// Places of what follows the columns of the leaf.
const SEAL_KEY: i32 = leaf::COLUMNS.len() as i32 + 1;
const SEAL_XID: i32 = SEAL_KEY + 1;

/// What the logs may hold already.
pub enum MayBeKnown {
    Nothing,
    /// What was recorded before this time.
    Before(Timestamp),
}

/// Appends all events of the window that can be seen. How many of them no leaf can be made of.
pub fn seal(storage: &Storage, window: &Window, may_be_known: &MayBeKnown, logs: &mut Logs) -> Result<u64, Error> {
    let cursor = open(storage, window);
    let mut reader = Reader { window, may_be_known, text: LeafText::new(), maker: LeafMaker::new(), odd: 0 };
    loop {
        let rows = cursor.fetch(ROWS_AT_A_TIME, |row| reader.leaf(&row));
        let is_last = rows.len() < ROWS_AT_A_TIME as usize;
        let leaves: Vec<Leaf> = rows.into_iter().flatten().collect();
        logs.prepare(leaves.iter().map(|leaf| leaf.workspace))?;
        leaves.into_iter().try_for_each(|leaf| logs.add(leaf))?;
        pgrx::check_for_interrupts!();
        if is_last {
            return Ok(reader.odd);
        }
    }
}

fn open(storage: &Storage, window: &Window) -> Cursor {
    let new = window.new.clone().unwrap_or(0..0);
    let (from, late_from) = (time(window.from), time(window.late_from));
    let late = window.late.iter().map(|xid| Some(*xid as i64));
    let parameters = [
        parameter::uuid(id::least_of(from)),
        parameter::time(from),
        parameter::count(new.start),
        parameter::count(new.end),
        parameter::uuid(id::least_of(late_from)),
        parameter::time(late_from),
        parameter::int8s(late.clone()),
        parameter::int8s(late.map(|xid| xid.map(|xid| -xid))),
    ];
    let settings = LocalSettings::new();
    if window.new.is_some() {
        // The window is the end of a large table, whatever statistics say of a month that was never analysed.
        settings.set(c"enable_seqscan", c"off");
    }
    settings.set(c"jit", c"off");
    Cursor::open(&statement(storage, window), &parameters)
}

fn statement(storage: &Storage, window: &Window) -> String {
    let conditions: &[&str] = match (&window.new, window.from) {
        (None, None) => &[ALL],
        (None, Some(_)) => &[SINCE, OF_ANY_TIME],
        // Few seals have any of those, and to look into all months for them takes long to plan.
        (Some(new), _) => match (window.late.is_empty(), has_of_any_time(storage, new, &window.late)) {
            (true, false) => &[NEW],
            (true, true) => &[NEW, NEW_OF_ANY_TIME],
            (false, false) => &[NEW, LATE],
            (false, true) => &[NEW, NEW_OF_ANY_TIME, LATE, LATE_OF_ANY_TIME],
        },
    };
    let columns = format!("{}, seal_key, seal_xid", leaf::list(""));
    let part = |table: &str, condition: &str| format!("SELECT {columns} FROM {table} WHERE {condition}");
    let tables = [audit_core::catalogue::EVENTS, audit_core::catalogue::ARCHIVE].map(|name| storage.qualified(name));
    let parts = tables.iter().flat_map(|table| conditions.iter().map(move |condition| part(table, condition)));
    format!("{} ORDER BY workspace_id, id", parts.collect::<Vec<_>>().join(" UNION ALL "))
}

/// Asked of the present, which has all that the seal's snapshot sees but what was purged since.
fn has_of_any_time(storage: &Storage, new: &Range<u64>, late: &[u64]) -> bool {
    let values = [
        Some(datum::from_int8(-(new.end as i64))),
        Some(datum::from_int8(-(new.start as i64))),
        Some(array::from_int8s(late.iter().map(|xid| Some(-(*xid as i64))))),
    ];
    statements(storage).of_any_time.run(&values, |outcome| outcome.column(1).map(datum::read_bool)) != Some(false)
}

/// The beginning of time where there is none.
fn time(time: Option<Time>) -> Timestamp {
    time.map_or(Timestamp::PAST, Timestamp::from_microseconds)
}

/// Makes leaves of rows.
struct Reader<'w> {
    window: &'w Window,
    may_be_known: &'w MayBeKnown,
    text: LeafText,
    maker: LeafMaker,
    odd: u64,
}

impl Reader<'_> {
    /// None for an event that is not for this seal, and for one that no leaf can be made of.
    fn leaf(&mut self, row: &ResultRow) -> Option<Leaf> {
        const ID: i32 = 1;
        const CREATED_AT: i32 = 2;
        const WORKSPACE_ID: i32 = 7;
        if !row.int8(SEAL_XID).is_some_and(|xid| self.window.takes(xid)) {
            return None;
        }
        let key = row.column(SEAL_KEY).and_then(|key| SealKey::from_bytes(datum::read_bytes(key)));
        let values = self.text.of_row(row, 1);
        let Some(hash) = key.and_then(|key| self.maker.leaf(&values, &key).ok()) else {
            self.odd += 1;
            return None;
        };
        let may_be_known = match self.may_be_known {
            MayBeKnown::Nothing => false,
            MayBeKnown::Before(time) => row.time(CREATED_AT)? < *time,
        };
        Some(Leaf { workspace: row.uuid(WORKSPACE_ID)?, event: row.uuid(ID)?, hash, may_be_known })
    }
}
