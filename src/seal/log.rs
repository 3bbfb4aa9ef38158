//! A log as it is stored: tiles, rows of leaves, and the heads in them. Nothing is written.
//!
//! All is read under the snapshot of the running statement, so a function that asks several questions gets the answers of one moment, also on a standby.

use std::rc::Rc;

use audit_core::bisect::{Span, last_up_to};
use audit_evidence::hash::{Hash, split};
use audit_evidence::tiles::refs::{self, EVENT_REF};
use audit_evidence::tiles::{self, Close, TileNodes, WIDTH};
use audit_evidence::tree::{self, Frontier, Nodes};
use pgrx::pg_sys::{BYTEAOID, INT4OID, INT8OID, UUIDOID};
use uuid::Uuid;

use super::error::EvidenceError;
use crate::cached::Cached;
use crate::pg::datum::{from_bytes, from_int4, from_int8, from_uuid};
use crate::pg::spi::{PreparedStatement, ResultRow};
use crate::storage::Storage;

/// The log of a workspace, or the root log of an incarnation.
#[derive(Clone)]
pub struct Log {
    /// Held, because an export goes on while the catalog changes, and a storage that is stale prepares anew each time.
    statements: Rc<Statements>,
    /// Of a workspace: its id.
    pub id: Uuid,
}

/// A row of leaves as it is stored; whether it is what it ought to be is for others to say.
#[derive(Clone, Debug)]
pub struct LeafRow {
    pub first: u64,
    pub hashes: Vec<u8>,
    pub refs: Vec<u8>,
    pub frontier: Option<Vec<u8>>,
    pub head_index: Option<u64>,
}

/// A head of a workspace's log, in a root log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadPlace {
    /// In the root log.
    pub index: u64,
    /// Of the workspace's log.
    pub size: u64,
}

impl LeafRow {
    /// Of a result with first, hashes, refs, frontier and head_index.
    pub fn read(row: ResultRow) -> Option<LeafRow> {
        Some(LeafRow {
            first: row.int8(1)? as u64,
            hashes: row.bytes(2)?,
            refs: row.bytes(3).unwrap_or_default(),
            frontier: row.bytes(4),
            head_index: row.int8(5).map(|index| index as u64),
        })
    }

    pub fn count(&self) -> u64 {
        (self.hashes.len() / Hash::LEN) as u64
    }

    pub fn end(&self) -> u64 {
        self.first + self.count()
    }

    /// The row as the evidence crate has it: without hashes where its bytes are none, and without a close where its frontier is not one of its size.
    pub fn parse(self) -> tiles::Row {
        let hashes = split(&self.hashes).unwrap_or_default();
        let frontier = Frontier::from_bytes(self.first + hashes.len() as u64, &self.frontier.unwrap_or_default());
        let close = frontier.map(|frontier| Close { frontier, head_index: self.head_index });
        tiles::Row { level: 0, first: self.first, hashes, refs: self.refs, close }
    }

    /// The leaf hashes with the ids of their events.
    pub fn events(&self) -> Option<Vec<(Hash, Uuid)>> {
        let (hashes, ids) = (split(&self.hashes)?, refs::events(&self.refs)?);
        (hashes.len() == ids.len()).then(|| hashes.into_iter().zip(ids).collect())
    }
}

struct Statements {
    tile: PreparedStatement,
    row_start: PreparedStatement,
    row_at: PreparedStatement,
    refs_with: PreparedStatement,
    last_ref: PreparedStatement,
    last_head: PreparedStatement,
    may_hide_heads: PreparedStatement,
}

thread_local! {
    static STATEMENTS: Cached<Statements> = const { Cached::nothing() };
}

macro_rules! prepared {
    ($storage:expr, $name:literal, $types:expr) => {
        PreparedStatement::prepare(&$storage.fill(include_str!(concat!("../../sql/seal/", $name, ".sql")), &[]), $types)
    };
}
pub(super) use prepared;

fn statements(storage: &Storage) -> Rc<Statements> {
    storage.known_or(&STATEMENTS, || Statements {
        tile: prepared!(storage, "tile", &[UUIDOID, INT4OID, INT8OID, INT8OID]),
        row_start: prepared!(storage, "row_start", &[UUIDOID, INT8OID]),
        row_at: prepared!(storage, "row_at", &[UUIDOID, INT8OID]),
        refs_with: prepared!(storage, "refs_with", &[UUIDOID, INT8OID, INT8OID, BYTEAOID]),
        last_ref: prepared!(storage, "last_ref", &[UUIDOID, INT8OID, INT8OID, BYTEAOID]),
        last_head: prepared!(storage, "last_head", &[UUIDOID, INT4OID, INT8OID]),
        may_hide_heads: prepared!(storage, "may_hide_heads", &[UUIDOID, INT8OID, INT4OID]),
    })
}

/// A place of a log as a value of SQL; what is beyond every log stays beyond.
fn place(place: u64) -> crate::pg::datum::Datum<'static> {
    from_int8(i64::try_from(place).unwrap_or(i64::MAX))
}

impl Log {
    pub fn of(storage: &Rc<Storage>, id: Uuid) -> Log {
        Log { statements: statements(storage), id }
    }

    fn unreadable(&self) -> EvidenceError {
        EvidenceError::LogUnreadable { log: self.id }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        let arguments = [Some(from_uuid(&self.id)), Some(from_int8(i64::MAX))];
        let start = self.statements.row_start.read_first(&arguments, |row| Some((row.int8(1)?, row.int4(2)?)));
        start.map_or(0, |(first, count)| first as u64 + count as u64)
    }

    /// The hashes of a tile, as far as there are any.
    pub fn tile(&self, level: u32, tile: u64) -> Result<Vec<Hash>, EvidenceError> {
        let first = tile * WIDTH;
        let arguments = [
            Some(from_uuid(&self.id)),
            Some(from_int4(level as i32)),
            Some(place(first)),
            Some(place(first.saturating_add(WIDTH))),
        ];
        let rows = self.statements.tile.read(&arguments, |row| row.bytes(1).unwrap_or_default());
        split(&rows.concat()).ok_or_else(|| self.unreadable())
    }

    /// The roots of its perfect subtrees, for proofs; a proof reads each tile once.
    pub fn nodes(&self) -> impl Nodes<Error = tiles::NoNode<EvidenceError>> + use<> {
        let log = self.clone();
        TileNodes::new(move |level, tile| log.tile(level, tile))
    }

    /// The root at a size that it has reached.
    pub fn root(&self, size: u64) -> Result<Hash, EvidenceError> {
        tree::root(&mut self.nodes(), size).map_err(|problem| self.no_node(problem))
    }

    /// The path of a leaf in the log at a size that it has reached.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, EvidenceError> {
        tree::inclusion(&mut self.nodes(), index, size).map_err(|problem| self.no_node(problem))
    }

    /// What shows that the log at size `new` continues the one at size `old`.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, EvidenceError> {
        tree::consistency(&mut self.nodes(), old, new).map_err(|problem| self.no_node(problem))
    }

    fn no_node(&self, problem: tiles::NoNode<EvidenceError>) -> EvidenceError {
        match problem {
            tiles::NoNode::Fetch(error) => error,
            tiles::NoNode::Missing { .. } => self.unreadable(),
        }
    }

    /// The roots of the perfect subtrees before a place.
    pub fn prefix(&self, size: u64) -> Result<Vec<Hash>, EvidenceError> {
        let (mut nodes, mut roots, mut first) = (self.nodes(), Vec::new(), 0);
        for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
            roots.push(nodes.node(level, first >> level).map_err(|problem| self.no_node(problem))?);
            first += 1 << level;
        }
        Ok(roots)
    }

    /// The row of leaves that covers a place.
    pub fn row_at(&self, index: u64) -> Option<LeafRow> {
        let arguments = [Some(from_uuid(&self.id)), Some(place(index))];
        let row = self.statements.row_at.read_first(&arguments, LeafRow::read);
        row.filter(|row| row.end() > index)
    }

    /// Where an event stands: near the row that its id leads to, if it was sealed with its neighbours, and otherwise further and further from there.
    pub fn find(&self, event: Uuid) -> Option<u64> {
        let size = self.size();
        let row_start = |index| {
            let arguments = [Some(from_uuid(&self.id)), Some(place(index))];
            let read = |row: ResultRow| {
                let first = row.int8(1)? as u64;
                Some(Span { first, end: first + row.int4(2)? as u64, key: row.bytes(3)? })
            };
            self.statements.row_start.read_first(&arguments, read)
        };
        let near = last_up_to(size, row_start, |first: &Vec<u8>| first[..] <= event.as_bytes()[..]);
        let near = near.map_or(0, |row| row.first);
        let (mut low, mut high, mut reach) = (near, near, WIDTH);
        while low > 0 || high < size {
            let (further_low, further_high) = (low.saturating_sub(reach), high.saturating_add(reach).min(size));
            let found =
                self.find_between(high, further_high, event).or_else(|| self.find_between(further_low, low, event));
            if found.is_some() {
                return found;
            }
            (low, high, reach) = (further_low, further_high, reach * 4);
        }
        None
    }

    /// Among the rows that begin between two places.
    fn find_between(&self, first: u64, end: u64, event: Uuid) -> Option<u64> {
        let arguments =
            [Some(from_uuid(&self.id)), Some(place(first)), Some(place(end)), Some(from_bytes(event.as_bytes()))];
        let rows = self.statements.refs_with.read(&arguments, |row| Some((row.int8(1)? as u64, row.bytes(2)?)));
        let at = |(first, refs): (u64, Vec<u8>)| {
            let place = refs.chunks(EVENT_REF).position(|id| id == event.as_bytes())?;
            Some(first + place as u64)
        };
        rows.into_iter().flatten().find_map(at)
    }

    /// The newest head of this workspace's log among the first `size` leaves of an incarnation's root log.
    ///
    /// The rows of the log tell, unless several were made one: then the root log itself is read, from there backwards.
    pub fn head_within(&self, incarnation: i32, root: &Log, size: u64) -> Option<HeadPlace> {
        let arguments = [Some(from_uuid(&self.id)), Some(from_int4(incarnation)), Some(place(size))];
        let read = |row: ResultRow| Some(HeadPlace { size: row.int8(1)? as u64, index: row.int8(2)? as u64 });
        let told = self.statements.last_head.read_first(&arguments, read);
        let arguments =
            [Some(from_uuid(&self.id)), Some(place(told.map_or(0, |head| head.size))), Some(from_int4(incarnation))];
        let hides = self.statements.may_hide_heads.read_first(&arguments, |row| row.bool(1));
        if hides != Some(true) {
            return told;
        }
        root.last_head_of(self.id, told.map_or(0, |head| head.index + 1), size).or(told)
    }

    /// Of a root log: the last head of a workspace between two places.
    fn last_head_of(&self, workspace: Uuid, first: u64, end: u64) -> Option<HeadPlace> {
        let mut end = end;
        while first < end {
            let arguments = [
                Some(from_uuid(&self.id)),
                Some(place(first)),
                Some(place(end)),
                Some(from_bytes(workspace.as_bytes())),
            ];
            let read = |row: ResultRow| Some((row.int8(1)? as u64, row.bytes(2)?));
            let (start, refs) = self.statements.last_ref.read_first(&arguments, read)?;
            let heads = refs::heads(&refs)?.into_iter().zip(start..);
            let of_it =
                heads.filter(|(head, index)| head.workspace == workspace && (first..end).contains(index)).last();
            if let Some((head, index)) = of_it {
                return Some(HeadPlace { index, size: head.size });
            }
            end = start;
        }
        None
    }
}
