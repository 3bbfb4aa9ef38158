//! What the leaf of an event is made of: its fifteen columns as PostgreSQL prints them ([`crate::pg::printed`]).
//!
//! Sealing, erasing, purging, exporting and verifying all read an event through here, so they cannot differ.

use std::ops::Range;

use audit_core::event::column::Column;
use audit_evidence::field::{Field, Values};
use audit_evidence::hash::Hash;
use audit_evidence::leaf::{LeafMaker, SealKey};

use super::row::Columns;
use crate::pg::datum::Datum;
use crate::pg::memory::Scratch;
use crate::pg::printed;
use crate::pg::spi::ResultRow;

/// The columns that a leaf binds, in the order of [`Field::ALL`].
pub const COLUMNS: [Column; Field::COUNT] = {
    let mut columns = [Column::Id; Field::COUNT];
    let mut next = 0;
    while next < Field::COUNT {
        columns[next] = Column::ALL[next];
        next += 1;
    }
    columns
};

/// The names of these columns as a statement lists them, each behind `prefix`.
pub fn list(prefix: &str) -> String {
    COLUMNS.map(|column| format!("{prefix}{}", column.name())).join(", ")
}

/// The texts of one event after another. Memory is kept from each to the next.
pub struct LeafText {
    text: String,
    places: [Option<Range<usize>>; Field::COUNT],
    printing: Scratch,
}

impl LeafText {
    /// Ends with the memory context that is current now, at the latest.
    pub fn new() -> LeafText {
        LeafText { text: String::new(), places: [const { None }; Field::COUNT], printing: Scratch::new() }
    }

    /// Of a row that a trigger or a scan was given.
    pub fn of_columns(&mut self, columns: &Columns) -> Values<'_> {
        self.of(|field| columns.value(COLUMNS[field]))
    }

    /// Of a row of a result, which has [`list`] from this column on, numbered from 1.
    pub fn of_row(&mut self, row: &ResultRow, first: i32) -> Values<'_> {
        self.of(|field| row.column(first + field as i32))
    }

    fn of<'a>(&mut self, value: impl Fn(usize) -> Option<Datum<'a>>) -> Values<'_> {
        let LeafText { text, places, printing } = self;
        text.clear();
        printing.run(|| {
            for (field, place) in places.iter_mut().enumerate() {
                let start = text.len();
                *place = value(field).map(|value| {
                    printed::print(value, &mut |piece| push(text, piece));
                    start..text.len()
                });
            }
        });
        Values(std::array::from_fn(|field| places[field].clone().map(|place| &text[place])))
    }
}

/// The leaves of one row after another.
pub struct Leaves {
    text: LeafText,
    maker: LeafMaker,
}

impl Leaves {
    /// Ends with the memory context that is current now, at the latest.
    pub fn new() -> Leaves {
        Leaves { text: LeafText::new(), maker: LeafMaker::new() }
    }

    /// None for a row that cannot be sealed as it is: without key, or with a payload beside the key of an erased one.
    pub fn of(&mut self, columns: &Columns) -> Option<Hash> {
        let key = SealKey::from_bytes(columns.bytes(Column::SealKey)?)?;
        self.maker.leaf(&self.text.of_columns(columns), &key).ok()
    }

    /// What the key of a live event becomes when it is erased, and its leaf, which stays; None where it has no such key.
    pub fn erased(&mut self, old: &Columns) -> Option<([u8; 48], Hash)> {
        let key = old.bytes(Column::SealKey)?.try_into().ok()?;
        let mut values = self.text.of_columns(old);
        let erased = self.maker.erased_key(&values, &key);
        values.0[Field::KEPT..].fill(None);
        let leaf = self.maker.leaf(&values, &SealKey::from_bytes(&erased)?).ok()?;
        Some((erased, leaf))
    }
}

/// Evidence is of UTF-8, and only a database of that encoding is sealed. In another, an event can still be erased.
fn push(text: &mut String, piece: &[u8]) {
    match std::str::from_utf8(piece) {
        Ok(piece) => text.push_str(piece),
        Err(_) => text.push_str(&String::from_utf8_lossy(piece)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::event::column::PAYLOAD;

    #[test]
    fn fields_are_columns_of_the_same_names() {
        assert!(COLUMNS.iter().zip(Field::ALL).all(|(column, field)| column.name() == field.name()));
        assert!(COLUMNS.iter().zip(Field::ALL).all(|(column, field)| PAYLOAD.contains(column) == field.is_payload()));
    }
}
