//! Purge: archived events past `warm_archive_days` are removed for good, one workspace at a time.

use pgrx::pg_sys::{Datum, TIMESTAMPTZOID, UUIDARRAYOID, UUIDOID};
use uuid::Uuid;

use super::authorise::{self, Authorised, Grounds};
use super::log::{self, Entry};
use crate::conservation::Tally;
use crate::error::Error;
use crate::partition::Table;
use crate::pg::call::{Answer, Call};
use crate::pg::door::{Deed, Door};
use crate::pg::partitions::Partitions;
use crate::pg::relation::{self, AccessShareLock, Relation};
use crate::pg::{datum, spi};
use crate::storage::Storage;

/// `purge_expired_audit_events(p_workspace_id, p_authority, p_approval_ticket_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let workspace = call.datum(0).ok_or_else(|| Error::Argument {
        name: "p_workspace_id",
        problem: "must not be null".to_owned(),
        hint: "Events are purged workspace by workspace.".to_owned(),
    })?;
    let grounds = Grounds::parse(call.text(1), call.text(2))?;
    let authorised = authorise::purge(&storage, workspace, grounds)?;
    let (count, entry) = execute(&storage, authorised)?;
    Ok(call.record(&[Some(Datum::from(count as i64)), entry.map(|id| datum::from_uuid(&id))]))
}

/// Removes the events and gives their number and the entry of the log.
fn execute(storage: &Storage, authorised: Authorised) -> Result<(u64, Option<Uuid>), Error> {
    let mut sum: Option<Tally> = None;
    for leaf in archived_before(storage, authorised.before()) {
        if let Some(tally) = purge_leaf(storage, &leaf, &authorised)? {
            sum = Some(sum.map_or(tally, |sum| sum.plus(tally)));
        }
    }
    let entry = Entry {
        workspace: authorised.workspace(),
        authority: authorised.grounds().authority(),
        ticket: Some(authorised.grounds().ticket()),
        reason: Some("older than warm_archive_days; removed from the archive"),
        tally: sum,
        is_irrevocable: true,
        ..Entry::default()
    };
    Ok((sum.map_or(0, |sum| sum.count), log::write(storage, &entry)))
}

/// The partitions of the archive that can hold events before a time, by their quoted names.
fn archived_before(storage: &Storage, before: i64) -> Vec<String> {
    let Some(parent) = Relation::open(storage.table(Table::Archive), AccessShareLock) else { return Vec::new() };
    let partitions = Partitions::of(&parent);
    let months = partitions.newest_first().filter(|leaf| leaf.lower < before).map(|leaf| leaf.oid);
    let mut leaves: Vec<_> = months.chain(partitions.default()).collect();
    leaves.reverse();
    leaves.into_iter().filter_map(|oid| relation::describe(oid).map(|(_, name, _)| storage.qualified(&name))).collect()
}

fn purge_leaf(storage: &Storage, leaf: &str, authorised: &Authorised) -> Result<Option<Tally>, Error> {
    let workspace = authorised.workspace();
    let door = Door::open(Deed::Purge { workspace, before: authorised.before() })?;
    let sql = storage.fill(include_str!("../../sql/archive/purge.sql"), &[("leaf", leaf.to_owned())]);
    let values = [
        (UUIDOID, Some(datum::from_uuid(&workspace))),
        (TIMESTAMPTZOID, Some(Datum::from(authorised.before()))),
        (UUIDARRAYOID, Some(datum::from_uuids(authorised.held_users()))),
    ];
    let purged = spi::rows_with(&sql, &values, |row| {
        let count = row.int8(1).unwrap_or(0) as u64;
        (count, row.time(2).zip(row.time(3)).map(|(oldest, newest)| Tally { count, oldest, newest }))
    });
    let (count, tally) = purged.into_iter().next().unwrap_or((0, None));
    match door.let_through() == count {
        true => Ok(tally),
        false => Err(Error::UncountedDeletes { table: leaf.to_owned() }),
    }
}
