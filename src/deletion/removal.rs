//! What erasure, purge and release to cold storage have in common: rows of one partition after another are removed under a permit, listed and
//! logged.

use std::rc::Rc;

use audit_core::ids::WorkspaceId;
use audit_core::month::Month;
use audit_core::tally::Tally;
use audit_core::time::Timestamp;
use audit_evidence::deletion::Listed;

use super::log::{self, Entry};
use super::{Done, MonthlyTallies, list};
use crate::error::Error;
use crate::permit::{Breach, Permit, Purpose};
use crate::pg::spi::{self, Parameter};
use crate::seal::cold::Places;
use crate::storage::Storage;
use crate::taken::Collection;

/// A removal under way: what it took so far.
pub struct Removal<'a> {
    months: MonthlyTallies,
    /// None: the list is known.
    list: Option<list::Writing<'a>>,
    /// Where each must be in the log of its workspace, as it was sealed; None: that is not asked.
    places: Option<Places>,
}

impl<'a> Removal<'a> {
    pub fn begin(storage: &'a Storage) -> Removal<'a> {
        Removal { list: Some(list::Writing::begin(storage)), ..Removal::of_list() }
    }

    /// Of events that are in a list already.
    pub fn of_list() -> Removal<'a> {
        Removal { months: MonthlyTallies::new(), list: None, places: None }
    }

    /// Of events that leave as they were sealed, if anything was.
    pub fn begin_as_sealed(storage: &'a Rc<Storage>, workspace: WorkspaceId) -> Removal<'a> {
        Removal { places: Places::of(storage, workspace), ..Removal::begin(storage) }
    }

    /// How many events it took so far.
    pub fn total(&self) -> u64 {
        self.months.values().map(|tally| tally.count).sum()
    }

    /// Runs a statement that removes rows of one partition under a permit. It says how many, month by month; the guards say which.
    pub fn run(&mut self, purpose: Purpose, leaf: &str, sql: &str, parameters: &[Parameter]) -> Result<(), Error> {
        let permit = Permit::issue(purpose)?;
        let collection = Collection::begin();
        let found = spi::rows_with(sql, parameters, |row| {
            let month = Month::new(row.int4(1)?, row.int4(2)?)?;
            Some((month, Tally { count: row.int8(3)? as u64, oldest: row.time(4)?, newest: row.time(5)? }))
        });
        let admitted = permit.admitted();
        drop(permit);
        let (mut removed, mut listed) = (0, 0);
        for (month, tally) in found.into_iter().flatten() {
            removed += tally.count;
            self.count(month, tally);
        }
        for (_, event) in collection.in_order() {
            listed += 1;
            if let Some(places) = &mut self.places {
                places.demand(&event)?;
            }
            self.list(event)?;
        }
        match (admitted, listed) == (removed, removed) {
            true => Ok(()),
            false => Err(Breach::Surplus { table: leaf.to_owned() }.into()),
        }
    }

    /// Counts events that were in no table.
    pub fn count(&mut self, month: Month, tally: Tally) {
        self.months.entry(month).and_modify(|sum| *sum = sum.plus(tally)).or_insert(tally);
    }

    /// The months that it took events of.
    pub fn months(&self) -> Vec<Month> {
        self.months.keys().copied().collect()
    }

    /// The time of the newest event that it took.
    pub fn newest(&self) -> Option<Timestamp> {
        self.months.values().map(|tally| tally.newest).max()
    }

    /// Lists an event that was in no table.
    pub fn list(&mut self, event: Listed) -> Result<(), Error> {
        self.list.as_mut().map_or(Ok(()), |list| list.add(event))
    }

    /// What it took, month by month.
    pub fn tallies(&self) -> &MonthlyTallies {
        &self.months
    }

    pub fn log(self, storage: &Rc<Storage>, entry: Entry) -> Result<Done, Error> {
        let list = self.list.map_or(Ok(None), list::Writing::finish)?;
        log::removal(storage, Entry { list, ..entry }, &self.months)
    }
}
