//! Whether the extension citus has distributed a table.

use pgrx::pg_sys::{self, Oid};

use super::{catalog, relation, scan};

/// Tables that Citus keeps in shards, or copies to other nodes; none without Citus.
pub fn distributed_tables() -> Vec<Oid> {
    if !catalog::has_extension("citus") {
        return Vec::new();
    }
    let Some(catalog) = relation::find(pg_sys::PG_CATALOG_NAMESPACE.into(), "pg_dist_partition") else {
        return Vec::new();
    };
    let Some(table) = relation::column_number(catalog, "logicalrelid") else { return Vec::new() };
    scan::all(catalog, |entry| entry.oid(table))
}
