//! Events that were imported before and are gone since: purged, removed with their workspace, or carried to cold storage. The lists of the deletion log have
//! their ids, so another run passes over them.

use std::collections::{BTreeSet, HashMap, HashSet};

use audit_core::catalogue::DELETION_LOG;
use audit_core::event::id;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::time::Timestamp;
use audit_evidence::deletion::{Listed, read_part};
use uuid::Uuid;

use crate::pg::cursor::Cursor;
use crate::pg::spi::{self, ResultRow};
use crate::pg::{datum, parameter};
use crate::storage::Storage;

/// Ids that are kept of all workspaces: each has its share of them.
const MOST_IDS: usize = 1 << 18;
const FEWEST_IDS: usize = 1 << 5;
const PARTS_AT_A_TIME: u32 = 64;

/// What is gone of workspaces, as the snapshot of a batch sees it.
#[derive(Default)]
pub struct Gone {
    pages: HashMap<WorkspaceId, Page>,
    /// Those that were asked for.
    workspaces: HashSet<WorkspaceId>,
    /// In all pages.
    ids: usize,
    /// How many entries the deletion log had.
    as_of: i64,
}

impl Gone {
    /// Forgets what it knows if anything was deleted since.
    pub fn refresh(&mut self, storage: &Storage) {
        let sql = format!("SELECT count(*) FROM {}", storage.qualified(DELETION_LOG));
        let entries = spi::find_row(&sql, |row| row.int8(1)).unwrap_or(0);
        if self.as_of != entries {
            *self = Gone { as_of: entries, ..Gone::default() };
        }
    }

    /// Whether an imported event is gone. Events are asked for in the order of their times.
    pub fn has(&mut self, storage: &Storage, workspace: WorkspaceId, event: EventId, created_at: Timestamp) -> bool {
        if self.as_of == 0 {
            return false;
        }
        self.workspaces.insert(workspace);
        if !self.pages.get(&workspace).is_some_and(|page| page.reaches(event)) {
            // The first pages were larger, when there were fewer workspaces.
            if self.ids > 2 * MOST_IDS {
                (self.pages, self.ids) = (HashMap::new(), 0);
            }
            let most = (MOST_IDS / self.workspaces.len()).max(FEWEST_IDS);
            let page = Page::read(storage, workspace, created_at, most);
            self.ids += page.ids.len();
            let former = self.pages.insert(workspace, page);
            self.ids -= former.map_or(0, |former| former.ids.len());
        }
        self.pages.get(&workspace).is_some_and(|page| page.ids.contains(&event.0))
    }
}

/// The imported events from a time on, in the order of their ids, as many as are kept; but all of one time, for those are in no order.
#[derive(Default)]
struct Page {
    ids: BTreeSet<Uuid>,
    /// It has no ids from this one on.
    until: Option<Uuid>,
}

impl Page {
    fn read(storage: &Storage, workspace: WorkspaceId, since: Timestamp, most: usize) -> Page {
        let sql = storage.fill(include_str!("../../sql/import/gone.sql"), &[]);
        let read = |row: ResultRow| Some((row.uuid(1)?, row.time(2)));
        let lists = spi::rows_with(&sql, &[parameter::uuid(workspace.0), parameter::time(since)], read);
        let least = id::of_import(since, 0).map_or(Uuid::nil(), |id| id.0);
        let mut page = Page::default();
        for (list, oldest) in lists.into_iter().flatten() {
            if page.ends_before(oldest) {
                break;
            }
            for id in ids_of(storage, list).filter(|id| *id >= least && id::is_of_import(&EventId(*id))) {
                page.add(id, most);
            }
        }
        page
    }

    /// Whether it has nothing of a time or later.
    fn ends_before(&self, oldest: Option<Timestamp>) -> bool {
        self.until.zip(oldest).is_some_and(|(until, oldest)| until <= id::least_of(oldest))
    }

    fn add(&mut self, id: Uuid, most: usize) {
        if !self.reaches(EventId(id)) {
            return;
        }
        self.ids.insert(id);
        if self.ids.len() > most
            && let Some((first, last)) = self.ids.first().zip(self.ids.last())
            && id::least_beside(first) != id::least_beside(last)
        {
            let cut = id::least_beside(last);
            self.ids.split_off(&cut);
            self.until = Some(cut);
        }
    }

    fn reaches(&self, event: EventId) -> bool {
        self.until.is_none_or(|until| event.0 < until)
    }
}

fn ids_of(storage: &Storage, list: Uuid) -> impl Iterator<Item = Uuid> {
    let sql = storage.fill(include_str!("../../sql/seal/verify_list.sql"), &[]);
    let read = |row: ResultRow| row.column(1).map(datum::read_bytes).and_then(read_part).unwrap_or_default();
    let parts = Cursor::open(&sql, &[parameter::uuid(list)]);
    parts.rows(PARTS_AT_A_TIME, read).flatten().map(|Listed { id, .. }| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(time: i64, name: u64) -> EventId {
        id::of_import(Timestamp::from_unix(time), name).unwrap()
    }

    fn page_of(ids: impl IntoIterator<Item = EventId>) -> Page {
        let mut page = Page::default();
        ids.into_iter().for_each(|id| page.add(id.0, 3));
        page
    }

    #[test]
    fn a_page_has_the_least_ids_and_knows_where_it_ends() {
        let ids = [5, 1, 3].map(|time| imported(time, 7));
        assert!(page_of(ids).reaches(imported(9, 0)));
        let page = page_of([5, 1, 3, 2, 4].map(|time| imported(time, 7)));
        assert!(page.ids.iter().copied().eq([1, 2, 3].map(|time| imported(time, 7).0)));
        assert!(page.reaches(imported(3, 9)) && !page.reaches(imported(4, 0)));
    }

    #[test]
    fn lists_of_later_times_than_a_page_has_are_not_read() {
        let time = |milliseconds: i64| Some(Timestamp::from_unix(milliseconds * 1000));
        let page = page_of([1, 2, 3, 4].map(|milliseconds| imported(milliseconds * 1000, 7)));
        assert!(page.ends_before(time(5)) && !page.ends_before(time(3)) && !page.ends_before(None));
        assert!(!page_of([imported(1, 7)]).ends_before(time(5)));
    }

    #[test]
    fn a_page_is_never_cut_within_a_time() {
        let page = page_of((0..9).map(|name| imported(1, name)));
        assert_eq!((page.ids.len(), page.until), (9, None));
        let page = page_of((0..9).map(|name| imported(1 + i64::from(name > 1), name)));
        assert_eq!(page.ids.len(), 2);
        assert!(page.reaches(imported(1, 99)) && !page.reaches(imported(2, 0)));
    }
}
