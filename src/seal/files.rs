//! `audit_log_files()`: a log as files that anybody can keep a copy of (C2SP tlog-tiles).

use std::rc::Rc;

use audit_core::ids::WorkspaceId;
use audit_evidence::bundle::Line;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::hash::join;
use audit_evidence::tiles::{Tile, WIDTH, entries_path};

use super::asked::{demand_staff, may_read};
use super::bound::newest_head;
use super::checkpoint::{self, within};
use super::error::EvidenceError;
use super::heads;
use super::log::Log;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::{from_bytes, from_text};
use crate::pg::row_source::{RowSource, next_row};
use crate::storage::Storage;

/// A file: where it belongs and what is in it.
type File = (String, Vec<u8>);

struct Files {
    storage: Rc<Storage>,
    log: Log,
    /// Of a root log, whose entries are files too.
    origin: Option<String>,
    /// The file that says what the tiles are of; it comes last, so that a copy that is cut off does not claim what it lacks.
    head: Option<File>,
    /// The files that are left: a tile, and whether its entries are meant.
    left: Box<dyn Iterator<Item = (Tile, bool)>>,
}

impl Files {
    fn content(&self, tile: &Tile, is_entries: bool) -> Result<File, EvidenceError> {
        let unreadable = || EvidenceError::LogUnreadable { log: self.log.id };
        if is_entries {
            return Ok((entries_path(tile.place, tile.width), self.entries(tile)?));
        }
        let mut hashes = self.log.tile(tile.level, tile.place)?;
        hashes.truncate(tile.width as usize);
        if hashes.len() as u64 == tile.width { Ok((tile.path(), join(&hashes))) } else { Err(unreadable()) }
    }

    /// The heads of a tile, each with its length in two bytes before it.
    fn entries(&self, tile: &Tile) -> Result<Vec<u8>, EvidenceError> {
        let origin = self.origin.as_deref().unwrap_or_default();
        let unreadable = || EvidenceError::LogUnreadable { log: self.log.id };
        let (mut next, end) = (tile.place * WIDTH, tile.place * WIDTH + tile.width);
        let mut entries = Vec::new();
        while next < end {
            let row = self.log.row_at(next).ok_or_else(unreadable)?;
            for head in heads::of_row(&self.storage, &row)?.iter().filter(|head| (next..end).contains(&head.index)) {
                let entry = Checkpoint::of_workspace(origin, head.workspace, head.size, head.root).to_string();
                let length = u16::try_from(entry.len()).map_err(|_| unreadable())?;
                entries.extend_from_slice(&length.to_be_bytes());
                entries.extend_from_slice(entry.as_bytes());
            }
            next = row.end();
        }
        Ok(entries)
    }
}

impl RowSource for Files {
    type Error = Error;

    fn next(&mut self, call: &Call) -> Result<Option<Answer>, Error> {
        let file = match self.left.next() {
            Some((tile, is_entries)) => Some(self.content(&tile, is_entries)?),
            None => self.head.take(),
        };
        Ok(file.map(|(path, content)| call.record(&[Some(from_text(path.as_bytes())), Some(from_bytes(&content))])))
    }
}

/// The tiles of a log of `size` leaves that were not complete at size `from`, and their entries.
fn tiles(from: u64, size: u64, has_entries: bool) -> Box<dyn Iterator<Item = (Tile, bool)>> {
    let is_new = move |tile: &Tile| tile.width < WIDTH || (tile.place + 1) * WIDTH > from >> (8 * tile.level);
    let hashes = Tile::of_log(size).filter(is_new).map(|tile| (tile, false));
    let entries = Tile::of_level(size, 0).filter(is_new).map(|tile| (tile, true));
    Box::new(hashes.chain(entries.filter(move |_| has_entries)))
}

/// `audit_log_files(p_workspace_id, p_from_size, p_origin)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    next_row(call, || {
        let storage = Storage::of(call)?;
        let (from, origin) = (call.int8(1).unwrap_or(0), call.text(2));
        match call.uuid(0).map(WorkspaceId) {
            None => root_files(&storage, from, origin.as_deref()),
            Some(workspace) => workspace_files(&storage, workspace, from, origin.as_deref()),
        }
    })
}

fn root_files(storage: &Rc<Storage>, from: i64, origin: Option<&str>) -> Result<Files, Error> {
    demand_staff(storage)?;
    let (incarnation, sealed) = checkpoint::incarnation(storage, origin)?;
    let from = within(from, "p_from_size", sealed.size)?;
    let note = incarnation.note(storage, sealed).to_string().into_bytes();
    Ok(Files {
        storage: Rc::clone(storage),
        log: incarnation.log(storage),
        origin: Some(incarnation.origin),
        head: Some(("checkpoint".into(), note)),
        left: tiles(from, sealed.size, true),
    })
}

fn workspace_files(
    storage: &Rc<Storage>,
    workspace: WorkspaceId,
    from: i64,
    origin: Option<&str>,
) -> Result<Files, Error> {
    if origin.is_some() {
        // A workspace has one log, whatever server sealed it.
        checkpoint::incarnation(storage, origin)?;
    }
    let log = Log::of(storage, workspace.0);
    if !may_read(storage, workspace)? {
        let left = Box::new(std::iter::empty());
        return Ok(Files { storage: Rc::clone(storage), log, origin: None, head: None, left });
    }
    let head = newest_head(storage, &log)?;
    let size = head.place.size;
    let from = within(from, "p_from_size", size)?;
    Ok(Files {
        storage: Rc::clone(storage),
        log,
        origin: None,
        head: Some(("head".into(), format!("{}\n", Line::Head(head.line)).into_bytes())),
        left: tiles(from, size, false),
    })
}
