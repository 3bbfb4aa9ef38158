//! Locks that maintenance of partitions takes.

use audit_core::tier::Tier;
use pgrx::pg_sys::Oid;

use crate::interlock::{self, Contention};
use crate::pg::lock::Patience;
use crate::pg::{lock, relation, spi};
use crate::storage::Storage;

/// Until the end of the transaction no other run makes partitions.
pub fn exclude_other_runs(storage: &Storage) -> Result<(), Contention> {
    let alone = lock::with_patience(|| {
        interlock::move_events_with_others(storage);
        for tier in Tier::ALL {
            spi::run(&format!("LOCK TABLE ONLY {} IN SHARE UPDATE EXCLUSIVE MODE", storage.qualified(tier.table())));
        }
    });
    match alone {
        true => Ok(()),
        false => Err(Contention::Lock { what: "partition maintenance" }),
    }
}

/// Locks one table, by its quoted name, and no partition of it.
pub fn lock_exclusively(table: &str) {
    spi::run(&format!("LOCK TABLE ONLY {table} IN ACCESS EXCLUSIVE MODE"));
}

/// Keeps autovacuum out of tables until the end of the transaction, without standing in anybody else's way. It runs where much was erased or archived, and
/// would outlast every attempt at a stronger lock, since it makes room only for those who wait longer than we let others wait. Whether it could be had.
pub fn keep_autovacuum_out(tables: impl Iterator<Item = Oid>) -> bool {
    lock::keep_vacuum_out(&tables.collect::<Vec<Oid>>(), &Patience::with_autovacuum())
}

/// Both default partitions.
pub fn defaults(storage: &Storage) -> impl Iterator<Item = Oid> {
    Tier::ALL.into_iter().filter_map(|tier| relation::find(storage.schema, &tier.default_partition()))
}
