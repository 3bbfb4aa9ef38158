//! What compliant deletion leaves of an event: who did what to which resource and when, and that it was erased.

use audit_core::event::erasure::{changed_columns, is_marked_and_empty};

use super::fingerprint::fingerprint;
use super::row::Columns;

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
