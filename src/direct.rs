//! Whether rows may go straight into a table of ours, without a statement: nothing of somebody else would be skipped.

use std::cell::OnceCell;
use std::mem::ManuallyDrop;

use pgrx::pg_sys::{OIDOID, Oid};

use crate::pg::datum;
use crate::pg::relation::Relation;
use crate::pg::shape::Named;
use crate::pg::spi::PreparedStatement;
use crate::storage::Storage;

/// Triggers of ours that fire on INSERT, their functions, and whether they must be enabled.
pub type Triggers = &'static [(&'static str, &'static str, Option<bool>)];

thread_local! {
    /// About catalogs alone, so it outlives every [`Storage`].
    static FOREIGN_EXPRESSIONS: OnceCell<ManuallyDrop<PreparedStatement>> = const { OnceCell::new() };
}

/// Whether a CHECK or an index calls functions that somebody can replace after they were compiled here.
fn uses_code_of_others(table: Oid) -> bool {
    FOREIGN_EXPRESSIONS.with(|kept| {
        kept.get_or_init(|| {
            let sql = include_str!("../sql/record/foreign_expressions.sql");
            ManuallyDrop::new(PreparedStatement::prepare(sql, &[OIDOID]))
        })
        .run(&[Some(datum::from_oid(table))], |outcome| outcome.processed > 0)
    })
}

/// Whether rows go straight into a table: they have all its columns, and nothing of somebody else is attached to it or to its parent.
pub fn suits(
    storage: &Storage,
    parent: Option<&Relation>,
    table: &Relation,
    ours: Triggers,
    shape: &'static [Named],
) -> bool {
    let is_ours = |table: &Relation| table.has_only_our_triggers(ours, storage.schema) && table.columns_are(shape);
    parent.is_none_or(is_ours) && is_ours(table) && table.is_plain_table() && !uses_code_of_others(table.oid())
}
