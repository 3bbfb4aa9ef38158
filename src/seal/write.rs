//! Writes the tables of the logs: each statement under a permit of its own, which it uses once.

use std::rc::Rc;

use audit_core::catalogue::LOG_TILES;
use audit_evidence::hash::{Hash, join, split};
use audit_evidence::tiles::{ROWS_OF_A_TILE, Row, Span, WIDTH, joined, must_merge};
use pgrx::pg_sys::{BYTEAARRAYOID, INT2OID, INT4OID, INT8ARRAYOID, INT8OID, UUIDARRAYOID, UUIDOID};
use uuid::Uuid;

use super::error::EvidenceError;
use super::log::prepared;
use crate::cached::Cached;
use crate::error::Error;
use crate::permit::{Breach, Permit, Purpose};
use crate::pg::memory::Scratch;
use crate::pg::spi::{PreparedStatement, ResultRow};
use crate::pg::{array, datum, parameter};
use crate::storage::{Interference, Storage};

/// Runs one statement that writes a table of the logs. The guards are asked once for it: code of others that used the permit as well is found out.
pub fn admitted<R>(table: &'static str, statement: impl FnOnce() -> R) -> Result<R, Error> {
    let permit = Permit::issue(Purpose::Seal)?;
    let result = statement();
    match permit.admitted() {
        0 | 1 => Ok(result),
        _ => Err(Breach::Surplus { table: table.to_owned() }.into()),
    }
}

struct Statements {
    rows_of_tile: PreparedStatement,
    take_tile: PreparedStatement,
    append: PreparedStatement,
}

thread_local! {
    static STATEMENTS: Cached<Statements> = const { Cached::nothing() };
}

fn statements(storage: &Storage) -> Rc<Statements> {
    const APPEND: [pgrx::pg_sys::Oid; 8] = [
        UUIDARRAYOID,
        pgrx::pg_sys::INT2ARRAYOID,
        INT8ARRAYOID,
        BYTEAARRAYOID,
        BYTEAARRAYOID,
        BYTEAARRAYOID,
        INT8ARRAYOID,
        INT4OID,
    ];
    storage.known_or(&STATEMENTS, || Statements {
        rows_of_tile: prepared!(storage, "rows_of_tile", &[UUIDOID, INT2OID, INT8OID]),
        take_tile: prepared!(storage, "take_tile", &[UUIDOID, INT2OID, INT8OID]),
        append: prepared!(storage, "append", &APPEND),
    })
}

/// What is collected before it is stored.
const MOST_ROWS: usize = 2_000;
const MOST_BYTES: usize = 4 << 20;

/// Stores rows of tiles, many at a time.
pub struct Writer<'s> {
    storage: &'s Storage,
    incarnation: i32,
    rows: Vec<(Uuid, Row)>,
    bytes: usize,
}

impl<'s> Writer<'s> {
    pub fn new(storage: &'s Storage, incarnation: i32) -> Self {
        Writer { storage, incarnation, rows: Vec::new(), bytes: 0 }
    }

    /// Takes a row that a log has gained. `stored`: how many rows its tile has, where that is known. It becomes one with them if they are many.
    pub fn take(&mut self, log: Uuid, row: Row, stored: Option<usize>) -> Result<(), Error> {
        let tile = row.first / WIDTH * WIDTH;
        let row = if row.first == tile { row } else { self.merged(log, tile, row, stored)? };
        self.bytes += row.hashes.len() * Hash::LEN + row.refs.len();
        self.rows.push((log, row));
        if self.rows.len() >= MOST_ROWS || self.bytes >= MOST_BYTES { self.flush() } else { Ok(()) }
    }

    fn merged(&self, log: Uuid, tile: u64, row: Row, stored: Option<usize>) -> Result<Row, Error> {
        let statements = statements(self.storage);
        let memory = Scratch::new();
        memory.run(|| {
            let place = [
                Some(datum::from_uuid(&log)),
                Some(datum::from_int2(row.level as i16)),
                Some(datum::from_int8(tile as i64)),
            ];
            let count = stored.unwrap_or_else(|| {
                let count = |outcome: &crate::pg::spi::Outcome| outcome.column(1).map(datum::read_int8);
                statements.rows_of_tile.run(&place, count).unwrap_or(0) as usize
            });
            if count + 1 < ROWS_OF_A_TILE && !row.end().is_multiple_of(WIDTH) {
                return Ok(row);
            }
            let level = row.level;
            let mut rows = admitted(LOG_TILES, || statements.take_tile.rows(&place, |stored| read(level, &stored)))?;
            rows.push(Some(row));
            let mut rows =
                rows.into_iter().collect::<Option<Vec<Row>>>().ok_or(EvidenceError::LogUnreadable { log })?;
            rows.sort_unstable_by_key(|row| row.first);
            let spans: Vec<Span> =
                rows.iter().map(|row| Span { first: row.first, count: row.hashes.len() as u64 }).collect();
            debug_assert!(must_merge(&spans));
            Ok(joined(rows).ok_or(EvidenceError::LogUnreadable { log })?)
        })
    }

    fn flush(&mut self) -> Result<(), Error> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        if rows.is_empty() {
            return Ok(());
        }
        let memory = Scratch::new();
        memory.run(|| {
            let closes = || rows.iter().map(|(_, row)| row.close.as_ref());
            let is_leaf = |row: &Row| row.level == 0;
            let values = [
                parameter::uuids(rows.iter().map(|(log, _)| *log)).1,
                Some(array::from_int2s(rows.iter().map(|(_, row)| row.level as i16))),
                Some(array::from_int8s(rows.iter().map(|(_, row)| Some(row.first as i64)))),
                Some(array::from_byteas(rows.iter().map(|(_, row)| Some(join(&row.hashes))))),
                Some(array::from_byteas(rows.iter().map(|(_, row)| is_leaf(row).then_some(&row.refs)))),
                Some(array::from_byteas(closes().map(|close| close.map(|close| close.frontier.to_bytes())))),
                Some(array::from_int8s(closes().map(|close| close?.head_index.map(|index| index as i64)))),
                Some(datum::from_int4(self.incarnation)),
            ];
            let append = &statements(self.storage).append;
            let stored = admitted(LOG_TILES, || append.run(&values, |outcome| outcome.processed))?;
            if stored != rows.len() as u64 {
                return Err(Interference::Suppressed { table: LOG_TILES }.into());
            }
            Ok(())
        })
    }

    pub fn finish(mut self) -> Result<(), Error> {
        self.flush()
    }
}

fn read(level: u32, row: &ResultRow) -> Option<Row> {
    let bytes = |number| row.column(number).map(datum::read_bytes);
    let (first, hashes) = (row.int8(1)? as u64, split(bytes(2)?)?);
    Some(Row { level, first, hashes, refs: bytes(3).unwrap_or_default().to_vec(), close: None })
}
