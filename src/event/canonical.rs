//! The canonical row of an event: the bytes that cold storage is trusted by (crate `audit_cold_row`), and the event that such bytes tell of.

use audit_cold_row::Row;
use audit_core::event::column::Column;
use audit_evidence::hash::Hash;

use super::row::{Columns, SHAPE, oid_of};
use crate::pg::datum::read_int8;
use crate::pg::memory::Scratch;
use crate::pg::receive::receive;
use crate::pg::send::{Sender, with_length};

/// Writes one row after another. Memory is kept from each to the next.
pub struct CanonicalRows {
    sender: Sender,
    making: Scratch,
}

impl CanonicalRows {
    /// Ends with the memory context that is current now, at the latest.
    pub fn new() -> CanonicalRows {
        CanonicalRows { sender: Sender::new(), making: Scratch::new() }
    }

    /// Appends the bytes that `COPY (SELECT …) TO (FORMAT binary)` writes for the event to a client in UTF-8.
    pub fn write(&mut self, columns: &Columns, out: &mut Vec<u8>) {
        out.extend_from_slice(&(Column::COUNT as i16).to_be_bytes());
        let CanonicalRows { sender, making } = self;
        making.run(|| {
            for column in Column::ALL {
                match columns.value(column) {
                    None => out.extend_from_slice(&(-1_i32).to_be_bytes()),
                    Some(value) => with_length(out, |out| sender.send(value, out)),
                }
            }
        });
    }
}

/// The digests of rows as the database stores them.
pub struct StoredRows {
    canonical: CanonicalRows,
    row: Vec<u8>,
}

/// Fields that may be written in two ways: an array says whether it has room for NULLs, and what is stored has it only where it has NULLs.
const ARRAYS: [audit_cold_row::Column; 2] = [audit_cold_row::Column::ChangedFields, audit_cold_row::Column::Tags];

impl StoredRows {
    /// Ends with the memory context that is current now, at the latest.
    pub fn new() -> StoredRows {
        StoredRows { canonical: CanonicalRows::new(), row: Vec::new() }
    }

    /// Of an event, as [`CanonicalRows`] writes it.
    pub fn digest_of(&mut self, columns: &Columns) -> [u8; 32] {
        self.row.clear();
        self.canonical.write(columns, &mut self.row);
        Hash::of(&self.row).0
    }

    /// Of an event that was made of this row and may have another `seal_xid`. What is the same in both is not written anew.
    pub fn digest(&mut self, row: Row, columns: &Columns) -> [u8; 32] {
        let is_one_way = |array: &[u8]| array.get(4..8) == Some(&[0; 4]);
        let is_unlike = |column| row.get(column).is_some_and(|array| !is_one_way(array));
        if !self.canonical.sender.is_utf8() || ARRAYS.into_iter().any(is_unlike) {
            return self.digest_of(columns);
        }
        let mark = columns.value(Column::SealXid).map(|mark| read_int8(mark).to_be_bytes());
        let mut row = row;
        row.set(audit_cold_row::Column::SealXid, mark.as_ref().map(|mark| &mark[..]));
        self.row.clear();
        row.write(&mut self.row);
        Hash::of(&self.row).0
    }
}

/// The event of a canonical row, in the current memory context; None if a field is no value of its column.
pub fn columns(row: &Row) -> Option<Columns<'static>> {
    let mut columns = Columns::empty(&SHAPE);
    for (column, place) in Column::ALL.into_iter().zip(audit_cold_row::Column::ALL) {
        if let Some(field) = row.get(place) {
            columns.set(column, Some(receive(oid_of(column.data_type()), field)?));
        }
    }
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_columns_of_an_event_in_their_order() {
        for (column, place) in Column::ALL.into_iter().zip(audit_cold_row::Column::ALL) {
            assert_eq!(column.number(), place as i16 + 1);
            assert_eq!(format!("{column:?}"), format!("{place:?}"));
        }
        assert_eq!(Column::COUNT, audit_cold_row::COLUMNS);
    }
}
