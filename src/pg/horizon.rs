//! Whether deleted rows are too old for anybody to see.

use pgrx::pg_sys;

use super::relation::Relation;

/// Whether what a transaction deleted from the ordinary tables of this database can be seen by nobody any more: no running or prepared
/// transaction, replication slot or standby is older. `table` is one of them: PostgreSQL asks for one that has rows of its own.
pub fn is_past_for_all(transaction: u32, table: &Relation) -> bool {
    // SAFETY: the relation is open; transaction ids are compared as Postgres does.
    unsafe {
        debug_assert!(table.is_plain_table());
        let horizon = pg_sys::GetOldestNonRemovableTransactionId(table.raw());
        pg_sys::TransactionIdPrecedes(transaction.into(), horizon)
    }
}

/// Whether a snapshot of this backend can see what the transaction deleted.
pub fn is_seen_by_us(transaction: u32) -> bool {
    // SAFETY: a backend that runs a statement has its entry in the array of processes, and is the only one that changes its own xmin.
    unsafe { pg_sys::TransactionIdPrecedesOrEquals((*pg_sys::MyProc).xmin, transaction.into()) }
}
