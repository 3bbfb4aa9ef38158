//! Tables that Citus replaces: `alter_distributed_table()` and `undistribute_table()` fill a new table, drop the old one, give the new one its name,
//! and then make the triggers of the old one again, one by one, in one transaction. So the tracking that ended with the old table goes on.

use std::cell::RefCell;

use super::sync::fill;
use super::touched::Touched;
use crate::pg::role::Acting;
use crate::pg::transaction::Stretch;
use crate::pg::{parameter, relation, spi};
use crate::storage::Storage;

/// Trackings of this transaction; after a rollback to a savepoint nothing is known of them.
#[derive(Default)]
struct Replaced {
    /// They ended because their table was dropped.
    ended: Vec<String>,
    /// They go on with another table, whose triggers somebody else makes.
    resumed: Vec<String>,
    as_of: Stretch,
}

thread_local! {
    static REPLACED: RefCell<Replaced> = RefCell::default();
}

fn with<T>(work: impl FnOnce(&mut Replaced) -> T) -> T {
    REPLACED.with_borrow_mut(|replaced| {
        if !replaced.as_of.is_now() {
            *replaced = Replaced { as_of: Stretch::now(), ..Replaced::default() };
        }
        work(replaced)
    })
}

/// Notes that the table of these trackings was dropped.
pub fn note_ended(trackings: Vec<String>) {
    with(|replaced| replaced.ended.extend(trackings));
}

/// Goes on with a tracking that ended in this transaction, where one of its triggers is made on a table of the same name.
pub fn resume(storage: &Storage, touched: &[Touched]) {
    let ended = |id: &&String| with(|replaced| replaced.ended.contains(id));
    for table in touched.iter().filter(|touched| touched.command == "CREATE TRIGGER") {
        let Some(name) = relation::qualified_name(table.table) else { continue };
        for id in table.trackings.iter().filter(ended) {
            let _owner = Acting::as_owner(storage.owner);
            let sql = fill(storage, include_str!("../../sql/capture/resume.sql"), &[]);
            if spi::count_with(&sql, &[parameter::text(id), parameter::text(&name)]) > 0 {
                with(|replaced| {
                    replaced.ended.retain(|ended| ended != id);
                    replaced.resumed.push(id.clone());
                });
            }
        }
    }
}

/// Whether the triggers of a tracking are being made by somebody else.
pub fn is_being_replaced(tracking: &str) -> bool {
    with(|replaced| replaced.resumed.iter().any(|id| id == tracking))
}
