//! Removal of events: erasure of a person's payload, and purge of archived events past their period.
//!
//! [`authorise`] decides and makes the proof. [`erase`] and [`purge`] demand the proof, change rows under a [`crate::permit`], and write
//! the [`log`] and the [`list`] of what they took. [`request`] is the procedure in which somebody else approves; [`audit_core::deletion::request_state`] decides its states.
//! [`scrub`] removes the bytes that PostgreSQL leaves behind. [`certificate`] tells what was done.

pub mod authorise;
pub mod backing;
pub mod certificate;
pub mod erase;
pub mod list;
pub mod log;
pub mod purge;
pub mod request;
pub mod scrub;

use std::collections::BTreeMap;
use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::month::Month;
use audit_core::tally::Tally;
use uuid::Uuid;

use self::log::Entry;
use crate::error::Error;
use crate::permit::{Breach, Permit, Purpose};
use crate::pg::call::{Answer, Call};
use crate::pg::datum;
use crate::pg::spi::{self, Parameter};
use crate::storage::Storage;
use crate::taken::Collection;

/// What was removed, month by month.
pub type MonthlyTallies = BTreeMap<Month, Tally>;

/// A deletion that was carried out: how many events, and its entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    pub count: u64,
    pub entry: Uuid,
}

impl Done {
    /// As the record (deleted_count, deletion_log_id).
    pub fn answer(&self, call: &Call) -> Answer {
        call.record(&[Some(datum::from_int8(self.count as i64)), Some(datum::from_uuid(&self.entry))])
    }
}

/// A removal under way: what it took so far.
struct Removal<'a> {
    months: MonthlyTallies,
    list: list::Writing<'a>,
}

impl<'a> Removal<'a> {
    fn begin(storage: &'a Storage) -> Removal<'a> {
        Removal { months: MonthlyTallies::new(), list: list::Writing::begin(storage) }
    }

    /// Runs a statement that removes rows of one partition under a permit. It says how many, month by month; the guards say which.
    fn run(&mut self, purpose: Purpose, leaf: &str, sql: &str, parameters: &[Parameter]) -> Result<(), Error> {
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
            self.months.entry(month).and_modify(|sum| *sum = sum.plus(tally)).or_insert(tally);
        }
        for (_, event) in collection.in_order() {
            listed += 1;
            self.list.add(event)?;
        }
        match (admitted, listed) == (removed, removed) {
            true => Ok(()),
            false => Err(Breach::Surplus { table: leaf.to_owned() }.into()),
        }
    }

    fn log(self, storage: &Rc<Storage>, entry: Entry) -> Result<Done, Error> {
        let list = self.list.finish()?;
        log::removal(storage, Entry { list, ..entry }, &self.months)
    }
}

/// An argument that must be given.
fn required(call: &Call, argument: usize, name: &'static str) -> Result<Uuid, Argument> {
    call.uuid(argument).ok_or(
        Argument::new(name)
            .problem("must not be null")
            .hint("Deletion is done workspace by workspace, and for one person or all that is past its period."),
    )
}
