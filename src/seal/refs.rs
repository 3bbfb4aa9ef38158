//! Which events a log holds, by the ids beside its leaves.

use std::collections::HashSet;

use uuid::Uuid;

use crate::pg::cursor::Cursor;
use crate::pg::{datum, parameter};
use crate::storage::Storage;

const ROWS_AT_A_TIME: u32 = 64;

/// Takes away what the log of a workspace holds, as the active snapshot sees it, and gives the log's size. It looks from the newest leaf back to the place
/// `down_to`, and no further than it must: what was recorded lately stands at the end.
pub fn remove_known(storage: &Storage, log: Uuid, wanted: &mut HashSet<Uuid>, down_to: u64) -> u64 {
    if wanted.is_empty() {
        return down_to;
    }
    let sql = storage.fill(include_str!("../../sql/seal/refs.sql"), &[]);
    let cursor = Cursor::open(&sql, &[parameter::uuid(log), parameter::count(down_to)]);
    let mut size = down_to;
    while !wanted.is_empty() {
        let rows = cursor.fetch(ROWS_AT_A_TIME, |row| {
            let refs = row.column(2).map(datum::read_bytes).unwrap_or_default();
            let (ids, _) = refs.as_chunks();
            size = size.max(row.int8(1).unwrap_or(0) as u64 + ids.len() as u64);
            ids.iter().for_each(|id| {
                wanted.remove(&Uuid::from_bytes(*id));
            });
        });
        if rows.len() < ROWS_AT_A_TIME as usize {
            break;
        }
    }
    size
}
