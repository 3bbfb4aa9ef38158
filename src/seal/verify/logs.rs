//! The logs of workspaces beside the heads of them in root logs.

use std::rc::Rc;

use audit_evidence::tiles::refs::{self, EVENT_REF};
use audit_evidence::tiles::{Row, WIDTH};
use audit_evidence::verify::stored::{HeadsOf, PlaceRecord, StoredLog, Upper, describe, place_record};
use audit_evidence::verify::{Code, Finding, Report};
use uuid::Uuid;

use super::arguments::{Asked, Depth};
use super::heads::{self, Heads};
use crate::error::Error;
use crate::pg::cursor::Cursor;
use crate::pg::parameter;
use crate::pg::sorter::Sorter;
use crate::pg::spi::ResultRow;
use crate::seal::log::{LeafRow, Log};
use crate::storage::Storage;

/// A row has up to a tile of hashes, 20 kilobytes.
pub const ROWS_AT_ONCE: u32 = 50;

/// A row of leaves, whatever it holds.
pub fn read_row(row: ResultRow) -> Option<Row> {
    LeafRow::read(row).map(LeafRow::parse)
}

/// Puts each place into `records`, if rows are verified too.
pub fn verify(
    storage: &Rc<Storage>,
    asked: &Asked,
    heads: &mut Heads,
    records: &mut Sorter,
    report: &mut Report,
) -> Result<(), Error> {
    let sql = storage.fill(include_str!("../../../sql/seal/verify_logs.sql"), &[]);
    let read = |row: ResultRow| row.uuid(7).zip(read_row(row));
    let mut rows = Cursor::open(&sql, &[parameter::uuid(asked.workspace)]).rows(ROWS_AT_ONCE, read).flatten();
    let mut next = rows.next();
    let mut without_log = asked.workspaces_with_heads();
    loop {
        let of_row = next.as_ref().map(|(workspace, _)| *workspace);
        let Some(workspace) = of_row.into_iter().chain(heads.workspace()).min() else { break };
        without_log.remove(&workspace);
        let origins = |incarnation| asked.origin(incarnation);
        let first = heads.take_of(workspace);
        let mut log = LogOfWorkspace {
            workspace,
            log: StoredLog::new(EVENT_REF),
            upper: Upper::default(),
            heads: HeadsOf::new(workspace, &origins, asked.heads_of(workspace).cloned(), first),
            tiles: Log::of(storage, workspace),
            records: (asked.depth == Depth::Rows).then_some(&mut *records),
        };
        log.heads.reached(&log.log, || heads.take_of(workspace), report);
        while let Some((_, row)) = next.take_if(|(of, _)| *of == workspace) {
            log.row(&row, heads, report)?;
            next = rows.next();
        }
        log.finish(heads, report)?;
    }
    without_log.into_iter().for_each(|workspace| report.add(heads::without_log_of(workspace)));
    Ok(())
}

struct LogOfWorkspace<'a> {
    workspace: Uuid,
    log: StoredLog,
    upper: Upper,
    heads: HeadsOf<'a>,
    tiles: Log,
    records: Option<&'a mut Sorter>,
}

impl LogOfWorkspace<'_> {
    fn row(&mut self, row: &Row, sealed: &mut Heads, report: &mut Report) -> Result<(), Error> {
        let Self { workspace, log, upper, heads, tiles, records } = self;
        let workspace = *workspace;
        let events = refs::events(&row.refs).unwrap_or_default();
        let mut uppers = Vec::new();
        let verdict = log.row(
            row,
            |log, at| {
                let (seal_start, sealed_at) = heads.seal_of_next();
                if let (Some(records), Some(event)) = (records.as_deref_mut(), events.get(at)) {
                    let place =
                        PlaceRecord { index: row.first + at as u64, leaf: row.hashes[at], seal_start, sealed_at };
                    records.push(&place_record(workspace, *event, &place));
                }
                heads.reached(log, || sealed.take_of(workspace), report);
            },
            |level, _, hash| uppers.push((level, hash)),
        );
        if let Err(bad) = verdict {
            let detail = format!("a row of leaves {}", describe(bad));
            report.add(Finding::new(Code::TileMismatch, detail).of(Some(workspace)).at(row.first));
            heads.reached(log, || sealed.take_of(workspace), report);
        }
        for (level, hash) in uppers {
            let differs = upper.push(level, hash, |level, first| tiles.tile(level, first / WIDTH))?;
            if log.is_whole() {
                tell_of_upper(workspace, differs, report);
            }
        }
        Ok(())
    }

    fn finish(mut self, sealed: &mut Heads, report: &mut Report) -> Result<(), Error> {
        if self.log.is_whole() {
            let differs = self.upper.finish(|level, first| self.tiles.tile(level, first / WIDTH))?;
            tell_of_upper(self.workspace, differs, report);
        }
        self.heads.finish(self.log.size(), || sealed.take_of(self.workspace), report);
        Ok(())
    }
}

fn tell_of_upper(workspace: Uuid, differs: Option<(u32, u64)>, report: &mut Report) {
    if let Some((level, first)) = differs {
        let detail = format!("another tile of level {level} than the leaves below it make, at place {first}");
        report.add(Finding::new(Code::TileMismatch, detail).of(Some(workspace)));
    }
}
