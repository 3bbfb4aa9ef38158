//! Moves due events of one partition, workspace by workspace, in batches. Memory does not grow with their number, and each batch reads only
//! its own events.

use audit_core::archive_due::Workspace;
use audit_core::event::column::Column;
use audit_core::ids::EventId;
use audit_core::tally::Tallies;
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::{INT8OID, TIMESTAMPTZOID, UUIDOID};
use uuid::Uuid;

use crate::conservation;
use crate::error::Error;
use crate::partition::leaves::TableLeaf;
use crate::permit::{Breach, Permit, Purpose};
use crate::pg::guc::LocalSettings;
use crate::pg::spi::PreparedStatement;
use crate::pg::{datum, lock, raise};
use crate::storage::Storage;

/// Events that move in one statement.
const BATCH: u64 = 10_000;
const PROGRESS_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

/// How far a run has come. It reports by notices if it takes long.
pub struct Progress {
    last_notice: std::time::Instant,
    moved: u64,
    /// How many events may move in all.
    limit: u64,
}

impl Progress {
    pub fn begin(limit: u64) -> Progress {
        Progress { last_notice: std::time::Instant::now(), moved: 0, limit }
    }

    /// How many events may still move.
    fn left(&self) -> u64 {
        self.limit.saturating_sub(self.moved)
    }

    fn add(&mut self, events: u64, from: &str) {
        self.moved += events;
        if self.last_notice.elapsed() >= PROGRESS_EVERY {
            self.last_notice = std::time::Instant::now();
            raise::notice(format!("{} events archived so far, now from {from}", self.moved));
        }
    }
}

/// Why the moving stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progressed {
    ThroughAll,
    UpToLimit,
    /// Somebody else has locked the partition, its partition in the archive or an event. Nothing was moved.
    InUse,
}

/// Moves what is due of these workspaces, until the run has reached its limit.
pub fn move_due(
    storage: &Storage,
    leaf: &TableLeaf,
    workspaces: &[Workspace],
    now: Timestamp,
    progress: &mut Progress,
    moved: &mut Tallies,
) -> Result<Progressed, Error> {
    let due: Vec<_> = workspaces.iter().filter(|workspace| workspace.archive_before > leaf.lower()).collect();
    if due.is_empty() {
        return Ok(Progressed::ThroughAll);
    }
    let before = progress.moved;
    let mut of_leaf = Tallies::default();
    let mut progressed = Ok(Progressed::InUse);
    if !lock::try_briefly(|| progressed = move_each(storage, leaf, &due, now, progress, &mut of_leaf)) {
        progress.moved = before;
        return Ok(Progressed::InUse);
    }
    moved.merge(of_leaf);
    progressed
}

fn move_each(
    storage: &Storage,
    leaf: &TableLeaf,
    due: &[&Workspace],
    now: Timestamp,
    progress: &mut Progress,
    moved: &mut Tallies,
) -> Result<Progressed, Error> {
    let mover = Mover::of(storage, leaf, now);
    for workspace in due {
        let mut from = Some((Timestamp::PAST, EventId(Uuid::nil())));
        while let Some(start) = from {
            if progress.left() == 0 {
                return Ok(Progressed::UpToLimit);
            }
            let size = BATCH.min(progress.left());
            let end = mover.batch_end(workspace, start, size);
            let batch = mover.batch(workspace, start.0, end)?;
            progress.add(batch.total(), &leaf.name);
            moved.merge(batch);
            from = end;
        }
    }
    Ok(Progressed::ThroughAll)
}

struct Mover<'a> {
    storage: &'a Storage,
    leaf: &'a TableLeaf,
    now: Timestamp,
    end: PreparedStatement,
    batch: PreparedStatement,
    // Statistics of a table that is being emptied mislead the planner: the key is always right here.
    _by_key: LocalSettings,
}

impl<'a> Mover<'a> {
    fn of(storage: &'a Storage, leaf: &'a TableLeaf, now: Timestamp) -> Mover<'a> {
        let by_key = LocalSettings::new();
        by_key.set(c"enable_seqscan", c"off");
        by_key.set(c"enable_bitmapscan", c"off");
        let values = [("leaf", leaf.name.clone()), ("columns", Column::list(""))];
        let end = storage.fill(include_str!("../../sql/archive/batch_end.sql"), &values);
        let batch = storage.fill(include_str!("../../sql/archive/move.sql"), &values);
        Mover {
            storage,
            leaf,
            now,
            end: PreparedStatement::prepare(&end, &[UUIDOID, TIMESTAMPTZOID, UUIDOID, TIMESTAMPTZOID, INT8OID]),
            batch: PreparedStatement::prepare(
                &batch,
                &[UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID, TIMESTAMPTZOID],
            ),
            _by_key: by_key,
        }
    }

    /// The place behind the batch, or None when the batch is the last one.
    fn batch_end(
        &self,
        workspace: &Workspace,
        (from, id): (Timestamp, EventId),
        size: u64,
    ) -> Option<(Timestamp, EventId)> {
        let parameters = [
            Some(datum::from_uuid(&workspace.id.0)),
            Some(datum::from_time(from)),
            Some(datum::from_uuid(&id.0)),
            Some(datum::from_time(workspace.archive_before)),
            Some(datum::from_int8(size as i64)),
        ];
        self.end.run(&parameters, |outcome| {
            Some((datum::read_time(outcome.column(1)?), EventId(datum::read_uuid(outcome.column(2)?))))
        })
    }

    fn batch(
        &self,
        workspace: &Workspace,
        from: Timestamp,
        end: Option<(Timestamp, EventId)>,
    ) -> Result<Tallies, Error> {
        let (before, id) = end.unwrap_or((workspace.archive_before, EventId(Uuid::nil())));
        let parameters = [
            Some(datum::from_uuid(&workspace.id.0)),
            Some(datum::from_time(from)),
            Some(datum::from_time(before)),
            Some(datum::from_uuid(&id.0)),
            Some(datum::from_time(self.now)),
        ];
        let permit = Permit::issue(Purpose::Archive { table: self.leaf.oid() })?;
        let stored = self.batch.run(&parameters, |outcome| outcome.processed);
        let left = permit.admitted();
        drop(permit);
        let moved = conservation::settle(self.storage, Tier::Hot)?;
        match left == stored && moved.total() == stored {
            true => Ok(moved),
            false => Err(Breach::Surplus { table: self.leaf.name.clone() }.into()),
        }
    }
}
