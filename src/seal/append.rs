//! Appends the events of a seal to the logs of their workspaces, and the heads of those logs to the root log.
//!
//! Events come sorted by workspace, so one workspace's log is open at a time. What is held in memory is a tile of each of two logs, a few thousand ids
//! and leaves, and the rows of tiles that are not stored yet.

use std::collections::{HashMap, HashSet};

use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::hash::Hash;
use audit_evidence::tiles::{Appender, HeadRef, Row};
use audit_evidence::tree::Frontier;
use pgrx::pg_sys::UUIDARRAYOID;
use uuid::Uuid;

use super::checkpoint::Incarnation;
use super::error::EvidenceError;
use super::log::prepared;
use super::refs;
use super::write::Writer;
use crate::cached::Cached;
use crate::error::Error;
use crate::pg::spi::PreparedStatement;
use crate::pg::{datum, parameter};
use crate::storage::Storage;

/// Leaves that are kept back until it is known which of them the log holds already.
const MOST_PENDING: usize = 1 << 16;

/// A leaf, and the event it is of.
pub struct Leaf {
    pub workspace: Uuid,
    pub event: Uuid,
    pub hash: Hash,
    /// The log may hold it already: its transaction's number says nothing on this server.
    pub may_be_known: bool,
}

/// What a seal has appended.
pub struct Appended {
    pub events: u64,
    pub heads: u64,
    pub root_size: u64,
    pub root_hash: Hash,
}

/// Where a log ends.
#[derive(Default)]
struct Head {
    frontier: Frontier,
    /// Of the tile to which the next leaf goes.
    stored_rows: usize,
}

/// The log of a workspace while it grows.
struct Open {
    workspace: Uuid,
    appender: Appender,
    stored_rows: Option<usize>,
    /// The size at its head before.
    from: u64,
    pending: Vec<Leaf>,
    has_grown: bool,
}

pub struct Logs<'s> {
    storage: &'s Storage,
    incarnation: &'s Incarnation,
    writer: Writer<'s>,
    root: Appender,
    root_stored_rows: Option<usize>,
    heads: HashMap<Uuid, Head>,
    open: Option<Open>,
    events: u64,
    head_count: u64,
}

impl<'s> Logs<'s> {
    pub fn open(storage: &'s Storage, incarnation: &'s Incarnation) -> Result<Self, Error> {
        let root = heads(storage, &[incarnation.root_log])?.remove(&incarnation.root_log).unwrap_or_default();
        Ok(Logs {
            storage,
            incarnation,
            writer: Writer::new(storage, incarnation.number),
            root: Appender::new(root.frontier),
            root_stored_rows: Some(root.stored_rows),
            heads: HashMap::new(),
            open: None,
            events: 0,
            head_count: 0,
        })
    }

    /// Reads the heads of the workspaces of the leaves that follow.
    pub fn prepare(&mut self, workspaces: impl Iterator<Item = Uuid>) -> Result<(), Error> {
        let open = self.open.as_ref().map(|open| open.workspace);
        let mut wanted: Vec<Uuid> = workspaces.filter(|workspace| Some(*workspace) != open).collect();
        wanted.dedup();
        self.heads = heads(self.storage, &wanted)?;
        Ok(())
    }

    pub fn add(&mut self, leaf: Leaf) -> Result<(), Error> {
        if self.open.as_ref().is_none_or(|open| open.workspace != leaf.workspace) {
            self.close()?;
            let head = self.heads.remove(&leaf.workspace).unwrap_or_default();
            self.open = Some(Open {
                workspace: leaf.workspace,
                from: head.frontier.size(),
                appender: Appender::new(head.frontier),
                stored_rows: Some(head.stored_rows),
                pending: Vec::new(),
                has_grown: false,
            });
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.pending.push(leaf);
        if open.pending.len() >= MOST_PENDING { self.append_pending() } else { Ok(()) }
    }

    /// Appends what is kept back of the open log, but for what it holds already.
    fn append_pending(&mut self) -> Result<(), Error> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let asked: HashSet<Uuid> =
            open.pending.iter().filter(|leaf| leaf.may_be_known).map(|leaf| leaf.event).collect();
        let mut unknown = asked.clone();
        refs::remove_known(self.storage, open.workspace, &mut unknown, 0);
        let mut done = Vec::new();
        for leaf in open.pending.drain(..).filter(|leaf| !leaf.may_be_known || unknown.contains(&leaf.event)) {
            open.appender.push(leaf.hash, leaf.event.as_bytes(), &mut done);
            open.has_grown = true;
            self.events += 1;
            write(&mut self.writer, open.workspace, &mut done, &mut open.stored_rows)?;
        }
        Ok(())
    }

    /// Ends the open log: its head becomes a leaf of the root log.
    fn close(&mut self) -> Result<(), Error> {
        self.append_pending()?;
        let Some(mut open) = self.open.take().filter(|open| open.has_grown) else { return Ok(()) };
        let (size, root) = (open.appender.size(), open.appender.root());
        let mut done = Vec::new();
        open.appender.finish(Some(self.root.size()), &mut done);
        write(&mut self.writer, open.workspace, &mut done, &mut open.stored_rows)?;
        let head = Checkpoint::of_workspace(&self.incarnation.origin, open.workspace, size, root);
        let reference = HeadRef { workspace: open.workspace, size, from: open.from }.to_bytes();
        self.root.push(head.leaf(), &reference, &mut done);
        self.head_count += 1;
        write(&mut self.writer, self.incarnation.root_log, &mut done, &mut self.root_stored_rows)
    }

    /// Stores all that is left.
    pub fn finish(mut self) -> Result<Appended, Error> {
        self.close()?;
        let appended = Appended {
            events: self.events,
            heads: self.head_count,
            root_size: self.root.size(),
            root_hash: self.root.root(),
        };
        let mut done = Vec::new();
        self.root.finish(None, &mut done);
        write(&mut self.writer, self.incarnation.root_log, &mut done, &mut self.root_stored_rows)?;
        self.writer.finish()?;
        Ok(appended)
    }
}

/// Hands over the rows of a log. How many rows a tile has is known of the first tile of leaves only; those that follow are new.
fn write(writer: &mut Writer, log: Uuid, done: &mut Vec<Row>, stored_rows: &mut Option<usize>) -> Result<(), Error> {
    for row in done.drain(..) {
        let stored = if row.level == 0 { stored_rows.take() } else { None };
        writer.take(log, row, stored)?;
    }
    Ok(())
}

thread_local! {
    static HEADS: Cached<PreparedStatement> = const { Cached::nothing() };
}

fn heads(storage: &Storage, logs: &[Uuid]) -> Result<HashMap<Uuid, Head>, Error> {
    if logs.is_empty() {
        return Ok(HashMap::new());
    }
    let statement = storage.known_or(&HEADS, || prepared!(storage, "heads", &[UUIDARRAYOID]));
    let found = statement.rows(&[parameter::uuids(logs.iter().copied()).1], |row| {
        let log = row.uuid(1).unwrap_or_default();
        let head = || {
            let frontier = Frontier::from_bytes(row.int8(2)? as u64, row.column(3).map(datum::read_bytes)?)?;
            Some(Head { frontier, stored_rows: row.int8(4)? as usize })
        };
        head().map(|head| (log, head)).ok_or(EvidenceError::LogUnreadable { log })
    });
    Ok(found.into_iter().collect::<Result<_, _>>()?)
}
