//! `audit_scrub()`: removes the bytes that a deletion leaves behind. An erased or removed row is dead, but its old version
//! stays in the page, and VACUUM frees the room without overwriting it. So the partitions of the months concerned, in
//! both tables (events may have changed sides since), are rewritten with their indexes and TOAST tables. An erasure concerns the months of
//! the files of cold storage, too: their events have left the same bytes behind when they were released.
//!
//! PostgreSQL keeps samples of columns for its planner, in a catalog: those of payload are turned off from the beginning, but an expression in an index is
//! sampled, and so was a column of which somebody turned them on. They are turned off and removed too.
//!
//! A rewrite carries along what any transaction can still see, so the deletion must be older than all of them; and it locks
//! partitions against readers and writers for its length. It asks for all of them at once, before it rewrites the first.

use std::time::{Duration, Instant};

use audit_core::argument::Argument;
use audit_core::catalogue::{DELETION_LOG, DELETION_SCRUBS};
use audit_core::event::column::ERASABLE;
use audit_core::ids::WorkspaceId;
use audit_core::month::Month;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::tier::Tier;
use serde_json::json;
use uuid::Uuid;

use super::entry_argument;
use super::log::COLD;
use crate::error::Error;
use crate::interlock::{self, Contention};
use crate::partition::leaves::{self, TableLeaf};
use crate::partition::{ddl, maintain};
use crate::pg::call::{Answer, Call};
use crate::pg::internal_ddl::InternalDdl;
use crate::pg::misuse::Misuse;
use crate::pg::partitions::Leaf;
use crate::pg::relation::{self, AccessShareLock, Relation};
use crate::pg::{catalog, datum, horizon, jsonb, lock, parameter, quote, role, spi, subtransaction};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::Storage;

/// How long a scrub waits for those who can still see the deleted rows: as long as for a turn.
const PATIENCE: Duration = lock::TURN;
const PAUSE_MS: u64 = 50;

/// Why what a deletion left behind cannot be removed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrubError {
    /// Somebody can still see the deleted rows.
    StillSeen,
    /// A statement or cursor of this very session reads what is to be rewritten.
    ReadHere,
}

impl IntoReport for ScrubError {
    fn report(&self) -> Report {
        match self {
            ScrubError::StillSeen => Report::new(
                SqlState::RaiseException,
                "the deleted rows can still be seen by an older transaction",
            )
            .hint(
                "Try again when it is over. pg_stat_activity shows what is old by backend_xmin and backend_xid, in whichever database; pg_prepared_xacts and pg_replication_slots do, too. \
                 The deletion itself must be committed.",
            ),
            ScrubError::ReadHere => {
                Report::new(SqlState::RaiseException, "this session is reading the partitions to be scrubbed")
                    .hint("Call audit_scrub() by itself: close the cursors, and take the id from audit_deletion_log.")
            }
        }
    }
}

/// `audit_scrub(p_deletion_log_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let entry = entry_argument(call, 0)?;
    let (workspace, transaction) = find(&storage, entry).ok_or_else(|| unknown(entry))?;
    // Before the turn is taken, so that nobody else waits for it meanwhile.
    if !is_unseen_soon(&storage, transaction) {
        return Err(ScrubError::StillSeen.into());
    }
    interlock::move_events(&storage, "scrubbing")?;
    let months = months(&storage, entry);
    let concerned: Vec<TableLeaf> = Tier::ALL
        .into_iter()
        .flat_map(|tier| leaves::of(&storage, tier))
        .filter(|leaf| match leaf.partition {
            Leaf::Month(part) => Month::of(part.lower).is_some_and(|month| months.contains(&month)),
            Leaf::Default(_) => true,
        })
        .filter(was_used)
        .collect();
    if concerned.iter().any(|leaf| relation::is_in_use(leaf.oid())) {
        return Err(ScrubError::ReadHere.into());
    }
    let names = || concerned.iter().map(|leaf| leaf.name.as_str());
    // Autovacuum works in TOAST tables by themselves, and a rewrite would wait for it while everybody waits for the rewrite.
    let with_toast = |leaf: &TableLeaf| [Some(leaf.oid()), relation::toast_of(leaf.oid())].into_iter().flatten();
    let parents = Tier::ALL.map(|tier| storage.table(tier));
    if !maintain::keep_autovacuum_out(parents.into_iter().chain(concerned.iter().flat_map(with_toast)))
        || !lock::with_patience(|| stop_sampling(&storage))
        || !lock::with_patience(|| names().for_each(maintain::lock_exclusively))
    {
        return Err(Contention::Lock { what: "scrubbing" }.into());
    }
    for leaf in &concerned {
        rewrite(leaf)?;
    }
    forget_samples(&storage, &concerned);
    let names: Vec<String> = concerned.into_iter().map(|leaf| leaf.name).collect();
    record(&storage, entry, workspace, &names)?;
    interlock::end_soon(&storage);
    Ok(Answer::Nothing)
}

/// Nothing was removed under this id.
fn unknown(entry: Uuid) -> Argument {
    Argument::new("p_deletion_log_id")
        .problem(format!("{entry} is no erasure, purge or release to cold storage"))
        .hint("SELECT id FROM audit_deletion_log WHERE is_irrevocable OR kind = 'cold' shows them.")
}

/// The workspace of a deletion, and the transaction that did it. What went to cold storage has left its bytes like any other.
fn find(storage: &Storage, entry: Uuid) -> Option<(WorkspaceId, u32)> {
    let sql = format!(
        "SELECT workspace_id, xmin::text::int8 FROM {} WHERE id = $1 AND (is_irrevocable OR kind = '{COLD}')",
        storage.qualified(DELETION_LOG)
    );
    let read = |row: spi::ResultRow| Some((WorkspaceId(row.uuid(1)?), row.int8(2)? as u32));
    spi::find_row_with(&sql, &[parameter::uuid(entry)], read)
}

/// Whether nobody can see what the transaction deleted, within [`PATIENCE`]. Autovacuum's ANALYZE of any table holds a snapshot for a moment, and
/// so does a short query of anybody; neither should fail a scrub. What this statement's own snapshot can see, it can see to its end.
fn is_unseen_soon(storage: &Storage, transaction: u32) -> bool {
    let begun = Instant::now();
    while !is_seen_by_nobody(storage, transaction) {
        if horizon::is_seen_by_us(transaction) || begun.elapsed() > PATIENCE {
            return false;
        }
        subtransaction::sleep_interruptibly(PAUSE_MS);
    }
    true
}

fn is_seen_by_nobody(storage: &Storage, transaction: u32) -> bool {
    relation::find(storage.schema, DELETION_LOG)
        .and_then(|log| Relation::open(log, AccessShareLock))
        .is_some_and(|log| horizon::is_past_for_all(transaction, &log))
}

/// Whether its files hold anything. A table that VACUUM has cut down to nothing still has pages of indexes and TOAST.
fn was_used(leaf: &TableLeaf) -> bool {
    spi::count_with(include_str!("../../sql/deletion/was_used.sql"), &[parameter::oid(leaf.oid())]) > 0
}

fn months(storage: &Storage, entry: Uuid) -> Vec<Month> {
    let sql = storage.fill(include_str!("../../sql/deletion/months.sql"), &[]);
    spi::rows_with(&sql, &[parameter::uuid(entry)], |row| Month::new(row.int4(1)?, row.int4(2)?))
        .into_iter()
        .flatten()
        .collect()
}

/// CLUSTER is the one command that rewrites a table within a transaction and keeps what older snapshots see.
fn rewrite(leaf: &TableLeaf) -> Result<(), Misuse> {
    let key = Relation::open(leaf.oid(), AccessShareLock)
        .and_then(|table| table.primary_key())
        .and_then(relation::describe)
        .ok_or_else(|| Misuse::OtherColumns { table: leaf.name.clone() })?
        .1;
    let key = quote::identifier(&key);
    let _internal = InternalDdl::begin();
    spi::run(&format!("CLUSTER {} USING {key}", leaf.name));
    // It would be a mark in the catalog that nobody asked for.
    spi::run(&format!("ALTER TABLE {} SET WITHOUT CLUSTER", leaf.name));
    Ok(())
}

/// No ANALYZE takes samples of payload from now on.
fn stop_sampling(storage: &Storage) {
    let _internal = InternalDdl::begin();
    for tier in Tier::ALL.into_iter().filter(|tier| ddl::is_sampled(storage, *tier)) {
        ddl::keep_out_of_statistics(storage, tier.table());
    }
}

/// Of payload, in these partitions and in the statistics over all partitions. ANALYZE is locked out.
fn forget_samples(storage: &Storage, concerned: &[TableLeaf]) {
    let _internal = InternalDdl::begin();
    let parents = Tier::ALL.map(|tier| storage.table(tier));
    let tables: Vec<String> = parents
        .into_iter()
        .chain(concerned.iter().map(|leaf| leaf.oid()))
        .map(|oid| oid.to_u32().to_string())
        .collect();
    let tables = format!("ARRAY[{}]::pg_catalog.oid[]", tables.join(", "));
    let sql = storage.fill(include_str!("../../sql/deletion/samples.sql"), &[("tables", tables)]);
    let columns = ERASABLE.map(|column| column.name());
    let found =
        spi::rows_with(&sql, &[parameter::texts(columns)], |row| (row.text(1), row.oid(2), row.int4(3), row.text(4)));
    for (kind, oid, column, index) in found {
        match (kind.as_deref(), oid, column) {
            (Some("object"), Some(object), _) => catalog::forget_statistics_object(object),
            (Some(_), Some(relation), Some(column)) => {
                if let Some(index) = index {
                    spi::run(&format!("ALTER INDEX {index} ALTER COLUMN {column} SET STATISTICS 0"));
                }
                catalog::forget_samples(relation, column as i16);
            }
            _ => {}
        }
    }
}

fn record(storage: &std::rc::Rc<Storage>, entry: Uuid, workspace: WorkspaceId, tables: &[String]) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO {} (deletion_log_id, scrubbed_by_role, partitions) VALUES ($1, $2, $3)",
        storage.qualified(DELETION_SCRUBS)
    );
    let permit = storage.writing(DELETION_SCRUBS)?;
    spi::count_with(
        &sql,
        &[parameter::uuid(entry), parameter::text(&role::name(role::session_user())), parameter::texts(tables)],
    );
    drop(permit);
    system_event::record(
        storage,
        &SystemEvent {
            action_type: "AUDIT_DELETION_SCRUBBED",
            resource_type: DELETION_LOG,
            resource_id: Some(entry),
            workspace_id: Some(datum::from_uuid(&workspace.0)),
            old_values: None,
            new_values: Some(jsonb::from_serde(&json!({ "partitions": tables }))),
        },
    )
}
