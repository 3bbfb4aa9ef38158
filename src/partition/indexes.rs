//! `audit_index()` and `audit_unindex()`: optional indexes that make some searches faster. Maintenance builds them for months that end later.
//!
//! They belong to partitions, not to the tables, so months ahead are made without them, and a month takes its own along when it changes tables.

use std::collections::HashMap;

use audit_core::catalogue::INDEXES;
use audit_core::index_kind::{IndexKind, MonthOf};
use audit_core::tier::Tier;
use pgrx::pg_sys::Oid;

use super::leaves::{self, TableLeaf};
use super::locks::{exclude_other_runs, keep_autovacuum_out, lock_exclusively};
use crate::error::Error;
use crate::interlock::Contention;
use crate::pg::call::{Answer, Call};
use crate::pg::internal_ddl::InternalDdl;
use crate::pg::partitions::Leaf;
use crate::pg::rows::Rows;
use crate::pg::{clock, datum, lock, parameter, quote, raise, relation, spi};
use crate::storage::Storage;

/// `audit_index(p_kind, p_live)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let kind = IndexKind::parse(call.text(0).as_deref())?;
    let is_live = call.bool(1).unwrap_or(false);
    exclude_other_runs(&storage)?;
    want(&storage, kind, Wish { is_wanted: true, is_live });
    let _internal = InternalDdl::begin();
    let Survey { lacking, in_place } = Survey::of(&storage, kind, is_live);
    let state = if build(&storage, kind, &lacking) { "built" } else { "waiting" };
    for (leaves, state) in [(in_place, "in place"), (lacking, state)] {
        for leaf in leaves {
            let name = relation::describe(leaf.oid()).map(|(_, name, _)| name).unwrap_or_default();
            rows.push(&[Some(datum::from_text(name.as_bytes())), Some(datum::from_text(state.as_bytes()))]);
        }
    }
    Ok(Answer::Nothing)
}

/// `audit_unindex(p_kind)`.
pub fn unindex_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let kind = IndexKind::parse(call.text(0).as_deref())?;
    exclude_other_runs(&storage)?;
    want(&storage, kind, Wish { is_wanted: false, is_live: false });
    let _internal = InternalDdl::begin();
    let names = existing(&storage, kind);
    let tables: Vec<String> =
        names.keys().filter_map(|table| Some(storage.qualified(&relation::describe(*table)?.1))).collect();
    let is_dropped = keep_autovacuum_out(names.keys().copied())
        && lock::with_patience(|| {
            tables.iter().for_each(|table| lock_exclusively(table));
            names.values().for_each(|index| spi::run(&format!("DROP INDEX {}", storage.qualified(index))));
        });
    match is_dropped {
        true => Ok(Answer::Nothing),
        false => Err(Contention::Lock { what: "dropping indexes" }.into()),
    }
}

/// What is to be kept of a kind.
#[derive(Clone, Copy)]
struct Wish {
    is_wanted: bool,
    is_live: bool,
}

/// Its trigger records the change.
fn want(storage: &Storage, kind: IndexKind, wish: Wish) {
    // What was never wanted needs no row that says so.
    let sql = format!(
        "INSERT INTO {table} AS wanted (kind, is_wanted, is_live) \
         SELECT $1, $2, $3 WHERE $2 OR EXISTS (SELECT FROM {table} AS former WHERE former.kind = $1) \
         ON CONFLICT (kind) DO UPDATE SET is_wanted = excluded.is_wanted, is_live = excluded.is_live \
         WHERE (wanted.is_wanted, wanted.is_live) IS DISTINCT FROM (excluded.is_wanted, excluded.is_live)",
        table = storage.qualified(INDEXES)
    );
    spi::count_with(
        &sql,
        &[parameter::text(kind.name()), parameter::bool(wish.is_wanted), parameter::bool(wish.is_live)],
    );
}

/// Builds what is wanted and lacks. Whether anything was built. The table is missing until the extension is updated.
pub fn build_wanted(storage: &Storage) -> bool {
    if relation::find(storage.schema, INDEXES).is_none() {
        return false;
    }
    let sql = format!("SELECT kind, is_live FROM {} WHERE is_wanted", storage.qualified(INDEXES));
    let wanted = spi::rows(&sql, |row| (IndexKind::parse(row.text(1).as_deref()).ok(), row.bool(2) == Some(true)));
    let _internal = InternalDdl::begin();
    let mut is_built = false;
    for (kind, is_live) in wanted {
        let Some(kind) = kind else { continue };
        let lacking = Survey::of(storage, kind, is_live).lacking;
        is_built |= build(storage, kind, &lacking) && !lacking.is_empty();
    }
    is_built
}

/// The months that get an index of a kind.
struct Survey {
    lacking: Vec<TableLeaf>,
    in_place: Vec<TableLeaf>,
}

impl Survey {
    fn of(storage: &Storage, kind: IndexKind, is_live: bool) -> Survey {
        let (existing, now) = (existing(storage, kind), clock::now());
        let months = Tier::ALL.into_iter().flat_map(|tier| {
            leaves::of(storage, tier).into_iter().filter(move |leaf| {
                let month = MonthOf { tier, upper: leaf.partition.upper(), is_empty: leaf.is_empty() };
                matches!(leaf.partition, Leaf::Month(_)) && month.gets_index(now, is_live)
            })
        });
        let (in_place, lacking) = months.partition(|leaf| existing.contains_key(&leaf.oid()));
        Survey { lacking, in_place }
    }
}

/// The indexes that were built here, by their partitions.
fn existing(storage: &Storage, kind: IndexKind) -> HashMap<Oid, String> {
    let prefix = kind.prefix();
    let parameters = [parameter::oid(storage.events), parameter::oid(storage.archive), parameter::text(&prefix)];
    let read = |row: spi::ResultRow| Some((row.oid(2)?, row.text(1)?));
    spi::rows_with(include_str!("../../sql/partition/indexes.sql"), &parameters, read).into_iter().flatten().collect()
}

/// Builds them, all or none; none, with a warning, when the locks cannot be had. All locks are taken at once, and before anything is built.
fn build(storage: &Storage, kind: IndexKind, months: &[TableLeaf]) -> bool {
    if months.is_empty() {
        return true;
    }
    let is_locked = keep_autovacuum_out(months.iter().map(TableLeaf::oid))
        && lock::with_patience(|| {
            months.iter().for_each(|leaf| spi::run(&format!("LOCK TABLE ONLY {} IN SHARE MODE", leaf.name)));
        });
    if !is_locked {
        raise::warn(&Contention::Lock { what: "building indexes" });
        return false;
    }
    for leaf in months {
        let name = free_name(storage, kind, leaf.oid());
        spi::run(&format!("CREATE INDEX {} ON {} {}", quote::identifier(&name), leaf.name, kind.definition()));
    }
    true
}

/// A dump that was restored may have brought the name of another table's index.
fn free_name(storage: &Storage, kind: IndexKind, table: Oid) -> String {
    let mut number = u64::from(table.to_u32());
    loop {
        let name = format!("{}{number}", kind.prefix());
        if relation::find(storage.schema, &name).is_none() {
            return name;
        }
        number += 1;
    }
}
