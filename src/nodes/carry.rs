//! Carries out the rows of the cluster's log on this node: each when it is stored, and those that were missed before anything else.

use std::rc::Rc;

use audit_core::catalogue::CLUSTER_LOG;
use audit_core::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{enable, removal, row};
use crate::access;
use crate::cluster::author::{Author, Behalf};
use crate::cluster::error::ClusterError;
use crate::cluster::{self, Removed, log};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::citus::{self, Shard};
use crate::pg::expected::{Expected, On};
use crate::pg::fired::{Fired, Level, Operation, Timing};
use crate::pg::role::{self, Acting};
use crate::pg::trigger::Trigger;
use crate::pg::{datum, jsonb, parameter, relation, spi};
use crate::storage::Storage;

/// A row of the log.
#[derive(Deserialize)]
struct Logged {
    id: Uuid,
    ordinal: i64,
    verb: String,
    arguments: Value,
    expected: Option<Value>,
    acting_user_id: Option<Uuid>,
    session_role: String,
    outer_role: String,
    at: String,
}

impl Logged {
    fn read(row: &[u8]) -> Result<Logged, ClusterError> {
        serde_json::from_slice(row).map_err(|_| ClusterError::Unreadable { ordinal: 0 })
    }

    /// How many events this node must remove.
    fn expected_here(&self) -> Option<i64> {
        self.expected.as_ref()?.get(citus::group().to_string())?.as_i64()
    }

    fn carry(&self, storage: &Rc<Storage>, is_late: bool) -> Result<(), Error> {
        let _behalf = Behalf::of(Author {
            user: self.acting_user_id,
            session_user: self.session_role.clone(),
            role: self.outer_role.clone(),
        });
        let removed = match self.verb.as_str() {
            enable::VERB => {
                let _owner = Acting::as_owner(storage.owner);
                access::seal_cluster(storage);
                None
            }
            cluster::row::VERB => {
                row::carry(storage, &self.arguments)?;
                None
            }
            cluster::removal::VERB if is_late => removal::carry_again(storage, &self.arguments, self.time()?)?,
            cluster::removal::VERB => Some(removal::carry(storage, &self.arguments, self.time()?)?),
            _ => return Err(ClusterError::Unreadable { ordinal: self.ordinal }.into()),
        };
        self.demand_count(removed.filter(|_| !is_late))?;
        log::mark(storage, self.ordinal, self.id, removed);
        Ok(())
    }

    /// When it was done.
    fn time(&self) -> Result<Timestamp, ClusterError> {
        let time = spi::find_row_with("SELECT $1::timestamptz", &[parameter::text(&self.at)], |row| row.time(1));
        time.ok_or(ClusterError::Unreadable { ordinal: self.ordinal })
    }

    fn demand_count(&self, removed: Option<Removed>) -> Result<(), ClusterError> {
        match removed.map(|removed| removed.count as i64).zip(self.expected_here()) {
            Some((found, expected)) if found != expected => Err(ClusterError::CameInMeanwhile { expected, found }),
            _ => Ok(()),
        }
    }
}

static CARRY_OUT: Expected =
    Expected { on: On::AnyTable, fired: Fired::when(Timing::After, &[Operation::Insert], Level::Row), columns: &[] };

static GUARD: Expected = Expected {
    on: On::AnyTable,
    fired: Fired::when(Timing::Before, &[Operation::Insert, Operation::Update, Operation::Delete], Level::Row)
        .or(Fired::when(Timing::Before, &[Operation::Truncate], Level::Statement)),
    columns: &[],
};

/// `audit_cluster_carry_out()`: AFTER INSERT on the log, on each node that stores the row.
pub fn carry_out(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &CARRY_OUT)?;
    let storage = Storage::of(call)?;
    let table = trigger.table();
    if Shard::of(table).is_none() || relation::owner(table) != Some(storage.owner) {
        return Err(trigger.misplaced().into());
    }
    demand_owner(&storage)?;
    let logged = Logged::read(jsonb::printed(trigger.row_as_jsonb(trigger.new_row())))?;
    if let Some(removed) = log::told_here() {
        log::mark(&storage, logged.ordinal, logged.id, removed);
        return Ok(Answer::Nothing);
    }
    // Citus runs what is done on a shard apart: the shard is read, not its table.
    let shard = relation::qualified_name(table).unwrap_or_default();
    carry_missed(&storage, &shard, logged.ordinal - 1)?;
    // A node that was restored from a backup lacks rows of the log: it has them all before it goes on, or would never miss them.
    log::demand_applied(&storage, logged.ordinal - 1)?;
    logged.carry(&storage, log::is_late())?;
    Ok(Answer::Nothing)
}

/// `audit_cluster_guard()`: the tables of the cluster only grow, and by what the owner writes.
pub fn guard(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &GUARD)?;
    match trigger.operation() {
        Operation::Insert => {
            demand_owner(&*Storage::of(call)?)?;
            Ok(trigger.pass(trigger.new_row()))
        }
        _ => Err(ClusterError::OnlyGrows { table: trigger.table_name() }.into()),
    }
}

/// Whoever was given a right on a table of the cluster is no owner, and what its rows say is done as the owner.
fn demand_owner(storage: &Storage) -> Result<(), ClusterError> {
    let user = role::current_user();
    match role::has_rights_of(user, storage.owner) {
        true => Ok(()),
        false => Err(ClusterError::NotTrusted { role: role::name(user), owner: role::name(storage.owner) }),
    }
}

/// Carries out what this node has missed, and registers a node that is new; gives how many rows.
pub fn catch_up(storage: &Rc<Storage>) -> Result<i64, Error> {
    if !cluster::is_enabled(storage) {
        return Ok(0);
    }
    demand_copy(storage)?;
    let before = log::newest_applied(storage);
    while fetch_lost(storage)? > 0 {}
    if log::open_rows(storage) > 0 {
        log::lock(storage);
        carry_missed(storage, &storage.qualified(CLUSTER_LOG), i64::MAX)?;
    }
    enable::register_this_node(storage)?;
    Ok(log::newest_applied(storage) - before)
}

/// Citus copies reference tables to a node that joined when somebody asks for it.
fn demand_copy(storage: &Storage) -> Result<(), Error> {
    let _owner = Acting::as_owner(storage.owner);
    let own = citus::without_copy(storage.oid(CLUSTER_LOG)?).into_iter().find(|node| node.group == citus::group());
    match own.map(|node| citus::copy_reference_tables().map_err(|reason| (node, reason))) {
        Some(Err((node, reason))) => Err(ClusterError::NoAnswer { node: node.name(), reason }.into()),
        _ => Ok(()),
    }
}

/// A node that was restored from a backup has an old copy of the log, too. It takes what is newer from a node that has it; what cannot be asked now has it later.
/// A row that is being committed is on some nodes a moment before it is here: it is waited for, and is no lost one. Gives how many it took: there may be more.
fn fetch_lost(storage: &Storage) -> Result<usize, Error> {
    let _owner = Acting::as_owner(storage.owner);
    let lost =
        storage.fill(include_str!("../../sql/cluster/lost.sql"), &[("newest", log::newest(storage).to_string())]);
    let rows = |(_, answer): (_, Result<String, String>)| serde_json::from_str::<Vec<Value>>(&answer.ok()?).ok();
    let lost = citus::ask(&cluster::node::others(), &lost)
        .into_iter()
        .filter_map(rows)
        .max_by_key(Vec::len)
        .unwrap_or_default();
    let Some(shard) = cluster::own_copy(storage, CLUSTER_LOG).filter(|_| !lost.is_empty()) else { return Ok(0) };
    let _shards = citus::writing_shards();
    let count = lost.len();
    for row in lost {
        let _late = log::late();
        let sql = format!(
            "INSERT INTO {shard} SELECT * FROM pg_catalog.jsonb_populate_record(NULL::{shard}, $1::jsonb) ON CONFLICT DO NOTHING"
        );
        let same = format!(
            "SELECT id = ($1::pg_catalog.jsonb ->> 'id')::uuid FROM {shard} WHERE ordinal = ($1::pg_catalog.jsonb ->> 'ordinal')::int8"
        );
        let row = [parameter::text(&row.to_string())];
        spi::count_with(&sql, &row);
        if spi::find_row_as_committed(&same, &row, |row| row.bool(1)) != Some(true) {
            return Err(ClusterError::Unreadable { ordinal: log::newest(storage) }.into());
        }
    }
    Ok(count)
}

/// Has this node carry out what it missed, in a session of its own: this one may only read, or be undone.
pub fn catch_up_apart(storage: &Storage) -> Result<(), Error> {
    let _owner = Acting::as_owner(storage.owner);
    let own: Vec<_> = citus::nodes().into_iter().filter(|node| node.group == citus::group()).collect();
    let query = format!("SELECT {}()", storage.qualified("audit_cluster_catch_up"));
    for (node, answer) in citus::ask(&own, &query) {
        answer.map_err(|reason| ClusterError::NoAnswer { node: node.name(), reason })?;
    }
    log::demand_all_applied(storage)?;
    Ok(())
}

/// Up to a place in the log. `table`: the log, or the shard of it.
fn carry_missed(storage: &Rc<Storage>, table: &str, last: i64) -> Result<(), Error> {
    let sql = format!(
        "SELECT pg_catalog.to_jsonb(log)::text FROM {table} AS log WHERE ordinal > $1 AND ordinal <= $2 ORDER BY ordinal LIMIT 1"
    );
    let _owner = Acting::as_owner(storage.owner);
    loop {
        let bounds = [parameter::int8(log::newest_applied(storage)), parameter::int8(last)];
        let Some(next) = spi::find_row_as_committed(&sql, &bounds, |row| row.text(1)) else { return Ok(()) };
        Logged::read(next.as_bytes())?.carry(storage, true)?;
    }
}

/// `audit_cluster_catch_up()`.
pub fn catch_up_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    match cluster::is_enabled(&storage) {
        true if log::demand_trusted(&storage).is_ok() => Ok(Answer::Value(datum::from_int8(catch_up(&storage)?))),
        // In a session of the owner, which sends other nodes nothing that this one has set.
        true => {
            let before = log::newest_applied(&storage);
            catch_up_apart(&storage)?;
            Ok(Answer::Value(datum::from_int8(log::newest_applied(&storage) - before)))
        }
        false => Err(ClusterError::NotEnabled.into()),
    }
}
