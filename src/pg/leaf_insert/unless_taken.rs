//! Stores a row unless its key is taken, and waits for nobody who may be taking it.

use pgrx::pg_sys;

use super::{CompiledLeaf, raw};
use crate::pg::compat;
use crate::pg::record::Record;
use crate::pg::relation::Relation;

mod speculative {
    use pgrx::pg_sys;

    unsafe extern "C-unwind" {
        pub fn GetCurrentTransactionId() -> pg_sys::TransactionId;
        pub fn SpeculativeInsertionLockAcquire(transaction: pg_sys::TransactionId) -> u32;
        pub fn SpeculativeInsertionLockRelease(transaction: pg_sys::TransactionId);
    }
}

impl CompiledLeaf {
    /// As [`CompiledLeaf::store`], and gives the row up where another has its key, or is being stored with it. That is how INSERT ... ON CONFLICT DO
    /// NOTHING stores a row, but for the wait. Whether it was stored.
    pub fn store_unless_taken<const N: usize>(&self, table: &Relation, row: &Record<'_, N>) -> bool {
        let mut is_taken = true;
        self.with_row(table, row, |slot| {
            // SAFETY: within the guard of with_row. The steps of the executor: until it is completed, nobody else waits for this row longer than for its token.
            unsafe {
                self.open_indexes();
                let method = (*table.raw()).rd_tableam;
                if let (Some(insert), Some(complete)) =
                    ((*method).tuple_insert_speculative, (*method).tuple_complete_speculative)
                {
                    let transaction = speculative::GetCurrentTransactionId();
                    let token = speculative::SpeculativeInsertionLockAcquire(transaction);
                    let command = raw::GetCurrentCommandId(true);
                    insert(table.raw(), slot, command, 0, std::ptr::null_mut::<pg_sys::BulkInsertStateData>(), token);
                    is_taken = false;
                    compat::insert_index_tuples(self.result, slot, self.estate, Some(&mut is_taken));
                    complete(table.raw(), slot, token, !is_taken);
                    speculative::SpeculativeInsertionLockRelease(transaction);
                }
                self.close_indexes();
            }
        });
        !is_taken
    }
}
