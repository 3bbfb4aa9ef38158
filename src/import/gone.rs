//! Events that were imported before and are gone since: purged, removed with their workspace, or carried to cold storage. The lists of the deletion log have
//! their ids, so another run passes over them.

use std::collections::{BTreeSet, HashMap};

use audit_core::event::id;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::time::Timestamp;
use audit_evidence::deletion::{Listed, read_part};
use uuid::Uuid;

use crate::pg::cursor::Cursor;
use crate::pg::spi::ResultRow;
use crate::pg::{datum, parameter};
use crate::storage::Storage;

/// Ids that are kept of the first workspace; the more workspaces there are, the fewer of each.
const MOST_IDS: usize = 1 << 16;
const FEWEST_IDS: usize = 1 << 8;
const PARTS_AT_A_TIME: u32 = 64;

/// What is gone of a workspace, as the snapshot of the batch sees it.
#[derive(Default)]
pub struct Gone(HashMap<WorkspaceId, Page>);

impl Gone {
    /// Whether an imported event is gone. Events are asked for in the order of their times.
    pub fn has(&mut self, storage: &Storage, workspace: WorkspaceId, event: EventId, created_at: Timestamp) -> bool {
        let most = (MOST_IDS / (self.0.len() + 1)).max(FEWEST_IDS);
        let page = self.0.entry(workspace).or_insert_with(|| Page::read(storage, workspace, created_at, most));
        if !page.reaches(event) {
            *page = Page::read(storage, workspace, created_at, most);
        }
        page.ids.contains(&event.0)
    }
}

/// The imported events from a time on, in the order of their ids, as many as are kept.
struct Page {
    ids: BTreeSet<Uuid>,
    has_all: bool,
}

impl Page {
    fn read(storage: &Storage, workspace: WorkspaceId, since: Timestamp, most: usize) -> Page {
        let sql = storage.fill(include_str!("../../sql/import/gone.sql"), &[]);
        let parts = Cursor::open(&sql, &[parameter::uuid(workspace.0), parameter::time(since)]);
        let mut page = Page { ids: BTreeSet::new(), has_all: true };
        let least = id::least_of(since);
        let read = |row: ResultRow| row.column(1).map(datum::read_bytes).and_then(read_part).unwrap_or_default();
        for Listed { id, .. } in parts.rows(PARTS_AT_A_TIME, read).flatten() {
            if id >= least && id::is_of_import(&EventId(id)) {
                page.add(id, most);
            }
        }
        page
    }

    fn add(&mut self, id: Uuid, most: usize) {
        self.ids.insert(id);
        if self.ids.len() > most {
            self.ids.pop_last();
            self.has_all = false;
        }
    }

    fn reaches(&self, event: EventId) -> bool {
        self.has_all || self.ids.last().is_some_and(|last| event.0 <= *last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_least_ids_and_knows_where_it_ends() {
        let id = Uuid::from_u128;
        let mut page = Page { ids: BTreeSet::new(), has_all: true };
        [5, 1, 3].map(|n| page.add(id(n), 3));
        assert!(page.reaches(EventId(id(9))));
        page.add(id(2), 3);
        assert!(page.ids.iter().copied().eq([1, 2, 3].map(id)));
        assert!(page.reaches(EventId(id(3))) && !page.reaches(EventId(id(4))));
    }
}
