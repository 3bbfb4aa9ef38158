//! The root log of an incarnation beside its seals.

use std::rc::Rc;

use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::hash::Hash;
use audit_evidence::tiles::WIDTH;
use audit_evidence::verify::Report;
use audit_evidence::verify::stored::{RootLog, Seal, SealedHead};

use super::arguments::Asked;
use super::logs::{ROWS_AT_ONCE, read_row};
use crate::error::Error;
use crate::pg::cursor::Cursor;
use crate::pg::parameter;
use crate::pg::sorter::Sorter;
use crate::pg::spi::ResultRow;
use crate::seal::checkpoint::Incarnation;
use crate::storage::Storage;

/// Hands the heads in it to `heads`.
pub fn verify(
    storage: &Rc<Storage>,
    asked: &Asked,
    incarnation: &Incarnation,
    heads: &mut Sorter,
    report: &mut Report,
) -> Result<(), Error> {
    if asked.has_keys()
        && let Some(signed) = incarnation.newest_signed(storage, 0).or_else(|| incarnation.newest(storage))
    {
        // Its root is that of a seal, which is compared with the log below.
        let checkpoint = Checkpoint { origin: incarnation.origin.clone(), size: signed.size, root: signed.root };
        asked.trust.judge_note(&incarnation.note(storage, signed), &checkpoint, Vec::new(), report);
    }
    let sql = storage.fill(include_str!("../../../sql/seal/verify_seals.sql"), &[]);
    let mut seals = Cursor::open(&sql, &[parameter::int4(incarnation.number)]).rows(ROWS_AT_ONCE, read_seal).flatten();
    let mut next_seal = || seals.next();
    let log = incarnation.log(storage);
    let tile = |level: u32, first: u64| log.tile(level, first / WIDTH);
    let mut root = RootLog::new(incarnation.number, &incarnation.origin, &asked.trust, &mut next_seal);
    let sql = storage.fill(include_str!("../../../sql/seal/verify_root.sql"), &[]);
    let rows = Cursor::open(&sql, &[parameter::uuid(incarnation.root_log)]).rows(ROWS_AT_ONCE, read_row);
    for row in rows.flatten() {
        let mut keep = |head: SealedHead| {
            if asked.workspace.is_none_or(|workspace| workspace == head.workspace) {
                heads.push(&head.to_bytes());
            }
        };
        root.row(&row, &mut next_seal, &mut keep, tile, report)?;
    }
    root.finish(&mut next_seal, tile, report)?;
    Ok(())
}

fn read_seal(row: ResultRow) -> Option<Seal> {
    Some(Seal {
        seal: row.int8(1)?,
        sealed_at: row.time(2)?.microseconds(),
        head_count: row.int8(3)? as u64,
        root_size: row.int8(4)? as u64,
        root: Hash::from_slice(&row.bytes(5)?),
    })
}
