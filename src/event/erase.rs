//! What compliant deletion leaves of an event: who did what to which resource and when, and that it was erased.

use audit_core::event::column::Column;
use audit_core::event::erasure::{changed_columns, is_marked_and_empty};
use audit_evidence::leaf::LeafMaker;

use super::fingerprint::fingerprint;
use super::leaf::LeafText;
use super::row::Columns;
use crate::pg::datum::{self, Datum};

/// Whether `new` is `old` erased, and nothing else: a live event becomes one that is marked and holds no payload.
pub fn is_erasure(old: &Columns, new: &Columns) -> bool {
    is_marked_and_empty(|column| old.is_null(column), |column| new.is_null(column))
        && fingerprint(&without_changed(old)) == fingerprint(&without_changed(new))
}

fn without_changed<'a>(columns: &Columns<'a>) -> Columns<'a> {
    let mut stays = columns.clone();
    changed_columns().for_each(|column| stays.set(column, None));
    stays
}

/// What the key of a live event becomes when it is erased; None where it has no key.
pub fn erased_key(old: &Columns) -> Option<Datum<'static>> {
    let key = old.bytes(Column::SealKey)?.try_into().ok()?;
    let erased = LeafMaker::new().erased_key(&LeafText::new().of_columns(old), &key);
    Some(datum::from_bytes(&erased))
}
