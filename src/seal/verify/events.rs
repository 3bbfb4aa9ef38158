//! The rows of events, of both tables, as records to be sorted.

use audit_core::time::Timestamp;
use audit_evidence::deletion::Operation;
use audit_evidence::leaf::LeafMaker;
use audit_evidence::verify::stored::{Expected, RowRecord, Voucher, row_record, vouches_record};
use audit_evidence::verify::{Marks, leaf_of};
use audit_evidence::window::Snapshot;

use super::arguments::Asked;
use crate::event::leaf::{self, LeafText};
use crate::pg::cursor::Cursor;
use crate::pg::datum::read_bytes;
use crate::pg::memory::Scratch;
use crate::pg::sorter::Sorter;
use crate::pg::spi::ResultRow;
use crate::pg::{parameter, printed, spi};
use crate::seal::incarnation;
use crate::storage::Storage;

/// Events may be large.
const AT_ONCE: u32 = 100;
/// The first of the columns that a leaf is made of.
const LEAF: i32 = 12;

/// What the last seal saw.
pub struct LastSeal {
    pub seen_at: Timestamp,
    pub expected: Option<Expected>,
}

pub fn last_seal(storage: &Storage) -> Option<LastSeal> {
    let sql = storage.fill(include_str!("../../../sql/seal/verify_last.sql"), &[]);
    let read = |row: ResultRow| {
        let snapshot = Snapshot::parse(&row.text(1)?);
        let waiting = row.text(2)?.split(' ').filter_map(|xid| xid.parse().ok()).collect();
        let began_at = row.time(4).map(Timestamp::microseconds);
        let expected = snapshot.map(|snapshot| Expected::new(snapshot, waiting, began_at));
        Some(LastSeal { seen_at: row.time(3)?, expected })
    };
    spi::read_first_with(&sql, &[], read)
}

pub fn read(storage: &Storage, asked: &Asked, records: &mut Sorter) {
    // Numbers of another server say nothing about what was sealed.
    let expected = last_seal(storage).and_then(|last| last.expected).filter(|_| incarnation::is_of_server(storage));
    let columns = [("columns", leaf::list(""))];
    let sql = storage.fill(include_str!("../../../sql/seal/verify_events.sql"), &columns);
    let cursor = Cursor::open(&sql, &[parameter::uuid(asked.workspace)]);
    let mut reader = Reader { expected, maker: LeafMaker::new(), text: LeafText::new(), scratch: Scratch::new() };
    while !cursor.fetch(AT_ONCE, |row| reader.row(&row, records)).is_empty() {}
}

struct Reader {
    expected: Option<Expected>,
    maker: LeafMaker,
    text: LeafText,
    scratch: Scratch,
}

impl Reader {
    fn row(&mut self, row: &ResultRow, records: &mut Sorter) {
        let (Some(workspace), Some(id)) = (row.uuid(1), row.uuid(2)) else { return };
        let created_at = row.time(3).map_or(i64::MIN, Timestamp::microseconds);
        let (key, seal_xid) = (row.column(4), row.int8(5));
        let values = self.text.of_row(row, LEAF);
        let leaf = leaf_of(&mut self.maker, &values, key.map(read_bytes)).map_err(String::from);
        let is_expected = key.and(seal_xid);
        let is_expected =
            is_expected.map(|xid| self.expected.as_ref().is_some_and(|expected| expected.holds(xid, created_at)));
        let is_own_time = seal_xid.is_some_and(|xid| xid > 0);
        let record = RowRecord {
            leaf,
            marks: self.scratch.run(|| marks(row)),
            is_expected,
            recorded_at: is_own_time.then_some(created_at),
            voucher: voucher(row),
        };
        if record.voucher.is_some() {
            records.push(&vouches_record(workspace, id));
        }
        records.push(&row_record(workspace, id, &record));
    }
}

fn marks(row: &ResultRow) -> Marks {
    let [deleted_at, deleted_by_user_id, deletion_reason] =
        [6, 7, 8].map(|column| row.column(column).map(printed::text));
    if deleted_at.is_none() && deleted_by_user_id.is_none() && deletion_reason.is_none() {
        return Marks::None;
    }
    Marks::Some { deleted_at, deleted_by_user_id, deletion_reason }
}

fn voucher(row: &ResultRow) -> Option<Voucher> {
    let action = row.column(9).map(read_bytes)?;
    if !action.starts_with(b"AUDIT_") {
        return None;
    }
    let action_type = row.text(9).filter(|action| Operation::is_vouching(action))?;
    let resource_id = row.uuid(11).map(|id| id.to_string());
    Some(Voucher { action_type: Some(action_type), resource_type: row.text(10), resource_id })
}
