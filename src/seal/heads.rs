//! The heads in a root log: the root log keeps which workspace and what size each is of, and the root follows from that workspace's log.

use std::rc::Rc;

use audit_evidence::bundle::RootHead;
use audit_evidence::hash::{Hash, split};
use audit_evidence::tree::Frontier;
use pgrx::pg_sys::BYTEAOID;
use uuid::Uuid;

use super::error::EvidenceError;
use super::log::{LeafRow, prepared};
use crate::cached::Cached;
use crate::pg::datum::from_bytes;
use crate::pg::spi::{PreparedStatement, ResultRow};
use crate::storage::Storage;

thread_local! {
    static STATEMENT: Cached<PreparedStatement> = const { Cached::nothing() };
}

/// A head, and as much of its log as its root follows from.
struct Part {
    workspace: Uuid,
    size: u64,
    first: Option<u64>,
    hashes: Vec<u8>,
    /// Behind the part.
    frontier: Option<Vec<u8>>,
    before: Vec<u8>,
}

impl Part {
    fn read(row: ResultRow) -> Option<Part> {
        Some(Part {
            workspace: row.uuid(1)?,
            size: row.int8(2)? as u64,
            first: row.int8(3).map(|first| first as u64),
            hashes: row.bytes(4).unwrap_or_default(),
            frontier: row.bytes(5),
            before: row.bytes(6).unwrap_or_default(),
        })
    }

    fn root(&self) -> Option<Hash> {
        if let Some(frontier) = &self.frontier {
            return Some(Frontier::from_bytes(self.size, frontier)?.root());
        }
        let mut log = Frontier::from_bytes(self.first?, &self.before)?;
        split(&self.hashes)?.into_iter().for_each(|leaf| log.push(leaf));
        (log.size() == self.size).then(|| log.root())
    }
}

/// The heads of a row of a root log, in their order.
pub fn of_row(storage: &Rc<Storage>, row: &LeafRow) -> Result<Vec<RootHead>, EvidenceError> {
    let statement = storage.known_or(&STATEMENT, || prepared!(storage, "head_parts", &[BYTEAOID]));
    let parts = statement.read(&[Some(from_bytes(&row.refs))], Part::read);
    let head = |(part, index): (Option<Part>, u64)| {
        let part = part?;
        Some((part.root(), part.workspace, part.size, index))
    };
    parts
        .into_iter()
        .zip(row.first..)
        .filter_map(head)
        .map(|(root, workspace, size, index)| {
            let root = root.ok_or(EvidenceError::LogUnreadable { log: workspace })?;
            Ok(RootHead { index, workspace, size, root })
        })
        .collect()
}
