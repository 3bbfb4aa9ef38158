//! What adoption does to an event that no seal could take as it is: it gets the mark of the adopting transaction, and a key if it has none.

use audit_core::event::column::{Column, PAYLOAD};
use audit_evidence::leaf::{LeafMaker, Secret};

use super::fingerprint::fingerprint;
use super::leaf::LeafText;
use super::row::Columns;
use crate::pg::datum::{self, Datum};

/// Whether `new` is `old` with this mark, and nothing else.
pub fn is_adoption(old: &Columns, new: &Columns, mark: i64) -> bool {
    new.value(Column::SealXid).map(datum::read_int8) == Some(mark)
        && fingerprint(&without_mark(old)) == fingerprint(&without_mark(new))
}

fn without_mark<'a>(columns: &Columns<'a>) -> Columns<'a> {
    let mut stays = columns.clone();
    stays.set(Column::SealXid, None);
    stays
}

/// Whether the event is erased, going by its marks and its payload.
pub fn is_erased(row: &Columns) -> bool {
    !row.is_null(Column::DeletedAt) && PAYLOAD.iter().all(|column| row.is_null(*column))
}

/// The key that an event without one gets. That of an erased event is what is left of a key whose payload was empty.
pub fn new_key(row: &Columns, secret: Secret) -> Datum<'static> {
    match is_erased(row) {
        true => datum::from_bytes(&LeafMaker::new().erased_key(&LeafText::new().of_columns(row), &secret)),
        false => datum::from_bytes(&secret),
    }
}
