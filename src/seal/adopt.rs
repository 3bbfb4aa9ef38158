//! `CALL audit_adopt_events()`: events that no seal can take get what it takes them by.
//!
//! These are events without key or transaction (recorded under replica role or by a data-only restore), and events that the last seal should hold and the
//! logs lack. They go into the next seal. Those that were erased before cannot prove what they were: they are listed in an entry of the deletion log, which
//! covers them from that seal on. It works through the partitions by their pages and commits as it goes; what moved to another table meanwhile is found
//! in the next round, and the last round finds nothing.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use audit_core::deletion::grounds::ADOPTION;
use audit_core::ids::WorkspaceId;
use audit_core::tally::Tally;
use audit_core::tier::Tier;
use pgrx::pg_sys::Oid;
use serde_json::json;
use uuid::Uuid;

use crate::deletion::list::{List, Writing};
use crate::deletion::log::{self, Entry, Reach};
use crate::error::Error;
use crate::interlock;
use crate::partition::leaves::{self, TableLeaf};
use crate::permit::{Breach, Permit, Purpose};
use crate::pg::call::{Answer, Call};
use crate::pg::parameter::{self, Parameter};
use crate::pg::procedure::{InBlock, Procedure};
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::role::Acting;
use crate::pg::{clock, spi, transaction};
use crate::storage::Storage;
use crate::taken::Collection;

/// Events that one transaction adopts, or a few more.
const STEP: u64 = 10_000;
/// Pages that one statement looks at: some thousands of events at most.
const PAGES: u32 = 64;
const REASON: &str = "came without a key; given one by audit_adopt_events(), to be sealed";

pub const IN_BLOCK: InBlock = InBlock { procedure: "audit_adopt_events", hint: "CALL it by itself." };

/// `CALL audit_adopt_events()`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let procedure = Procedure::begin(call, IN_BLOCK)?;
    let mut round = Round::default();
    loop {
        let is_over = {
            let storage = Storage::of(call)?;
            let _owner = Acting::as_owner(storage.owner);
            round.step(&storage)?
        };
        procedure.commit();
        if is_over {
            return Ok(Answer::Nothing);
        }
    }
}

/// Where a round through all partitions is.
#[derive(Default)]
struct Round {
    /// None before it begins.
    tables: Option<VecDeque<Oid>>,
    /// The first page of the first table that was not looked at.
    page: u32,
    has_found: bool,
}

impl Round {
    /// Adopts what one transaction may. Whether a whole round found nothing.
    fn step(&mut self, storage: &Rc<Storage>) -> Result<bool, Error> {
        interlock::change_events(storage, "adopting events")?;
        let leaves: Vec<TableLeaf> = Tier::ALL.into_iter().flat_map(|tier| leaves::of(storage, tier)).collect();
        let tables = self.tables.get_or_insert_with(|| leaves.iter().map(TableLeaf::oid).collect());
        let mut batch = Batch::begin(storage);
        while batch.count() < STEP
            && let Some(table) = tables.front().copied()
        {
            let found = leaves.iter().find(|leaf| leaf.oid() == table);
            let pages =
                found.and_then(|leaf| Relation::open(leaf.oid(), AccessShareLock)).map_or(0, |table| table.pages());
            match found.filter(|_| self.page < pages) {
                Some(leaf) => {
                    if self.page == 0 && batch.adopt_lacking(leaf)? {
                        continue;
                    }
                    batch.adopt_pages(leaf, self.page)?;
                    self.page += PAGES;
                }
                None => {
                    tables.pop_front();
                    self.page = 0;
                }
            }
        }
        self.has_found |= batch.count() > 0;
        let is_round_over = tables.is_empty();
        batch.log()?;
        Ok(is_round_over && !std::mem::take(self).has_found)
    }
}

/// What one transaction adopted of a workspace.
#[derive(Clone, Copy)]
struct Adopted {
    all: Tally,
    erased: Option<Tally>,
}

impl Adopted {
    fn plus(self, other: Adopted) -> Adopted {
        let erased = [self.erased, other.erased].into_iter().flatten().reduce(Tally::plus);
        Adopted { all: self.all.plus(other.all), erased }
    }
}

struct Batch<'a> {
    storage: &'a Rc<Storage>,
    mark: i64,
    adopted: BTreeMap<Uuid, Adopted>,
    erased: Collection,
}

impl<'a> Batch<'a> {
    fn begin(storage: &'a Rc<Storage>) -> Batch<'a> {
        // Its rows are not found by their time, so the mark is negative.
        let mark = -(transaction::full_id() as i64);
        Batch { storage, mark, adopted: BTreeMap::new(), erased: Collection::begin() }
    }

    fn count(&self) -> u64 {
        self.adopted.values().map(|adopted| adopted.all.count).sum()
    }

    /// Events that the logs lack, up to a step of them. Whether there were any.
    fn adopt_lacking(&mut self, leaf: &TableLeaf) -> Result<bool, Error> {
        let sql = self.storage.fill(include_str!("../../sql/seal/lacking.sql"), &[("leaf", leaf.name.clone())]);
        let lacking: Vec<Uuid> =
            spi::rows_with(&sql, &[parameter::count(STEP)], |row| row.uuid(1)).into_iter().flatten().collect();
        let again = [parameter::int8(self.mark), parameter::uuids(lacking.iter().copied())];
        match lacking.is_empty() {
            true => Ok(false),
            false => self.run(include_str!("../../sql/seal/adopt_again.sql"), leaf, &again).map(|()| true),
        }
    }

    /// Events without key or transaction, of some pages.
    fn adopt_pages(&mut self, leaf: &TableLeaf, page: u32) -> Result<(), Error> {
        let place = |page: u32| parameter::text(&format!("({page},0)"));
        let pages = [parameter::int8(self.mark), place(page), place(page.saturating_add(PAGES))];
        self.run(include_str!("../../sql/seal/adopt.sql"), leaf, &pages)
    }

    fn run(&mut self, sql: &str, leaf: &TableLeaf, parameters: &[Parameter]) -> Result<(), Error> {
        let sql = self.storage.fill(sql, &[("leaf", leaf.name.clone())]);
        let permit = Permit::issue(Purpose::Adopt { mark: self.mark })?;
        let tally = |row: &spi::ResultRow, first: i32| {
            Some(Tally { count: row.int8(first)? as u64, oldest: row.time(first + 1)?, newest: row.time(first + 2)? })
        };
        let found = spi::rows_with(&sql, parameters, |row| {
            Some((row.uuid(1)?, Adopted { all: tally(&row, 2)?, erased: tally(&row, 5) }))
        });
        let mut count = 0;
        for (workspace, adopted) in found.into_iter().flatten() {
            count += adopted.all.count;
            self.adopted.entry(workspace).and_modify(|sum| *sum = sum.plus(adopted)).or_insert(adopted);
        }
        match permit.admitted() == count {
            true => Ok(()),
            false => Err(Breach::Surplus { table: leaf.name.clone() }.into()),
        }
    }

    /// One entry and one event for each workspace.
    fn log(self) -> Result<(), Error> {
        let Batch { storage, adopted, erased, .. } = self;
        let mut erased = erased.in_order().peekable();
        for (workspace, adopted) in adopted {
            let workspace = WorkspaceId(workspace);
            let mut list = Writing::begin(storage);
            while let Some((_, event)) = erased.next_if(|(of, _)| *of == workspace) {
                list.add(event)?;
            }
            tell(storage, workspace, adopted, list.finish()?)?;
        }
        Ok(())
    }
}

fn tell(storage: &Rc<Storage>, workspace: WorkspaceId, adopted: Adopted, list: Option<List>) -> Result<(), Error> {
    let entry = Entry {
        at: clock::now(),
        workspace,
        subject: None,
        authority: ADOPTION.to_owned(),
        reason: REASON.to_owned(),
        ticket: None,
        tally: adopted.erased,
        is_irrevocable: false,
        list,
        kind: None,
        reach: Reach::default(),
        by: None,
    };
    let details = json!({
        "authority": ADOPTION,
        "adopted_count": adopted.all.count,
        "erased_count": adopted.erased.map_or(0, |erased| erased.count),
        "oldest_event_at": adopted.all.oldest.to_string(),
        "newest_event_at": adopted.all.newest.to_string(),
    });
    let content = log::write(storage, &entry)?;
    log::vouch(storage, &content, workspace, &details)
}
