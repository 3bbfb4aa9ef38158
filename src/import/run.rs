//! What is known of an import: its row in `audit_imports`, and its events in the nil workspace.

use audit_core::catalogue::IMPORTS;
use audit_core::import::refusal::ImportError;
use audit_core::month::Month;
use audit_core::partition_plan::Wish;
use audit_core::tally::Tally;
use audit_core::time::Timestamp;
use pgrx::pg_sys::JSONBOID;
use serde_json::{Value, json};
use std::rc::Rc;

use super::source::Source;
use super::stop::Stop;
use crate::error::Error;
use crate::event::resource::resource_id;
use crate::partition::maintain::ensure_months;
use crate::pg::backend::Session;
use crate::pg::parameter::Parameter;
use crate::pg::role::Acting;
use crate::pg::{clock, jsonb, parameter, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::{Interference, Storage};

/// One run of an import.
pub struct Run {
    pub name: String,
    /// A former run has imported something.
    pub is_repeated: bool,
}

/// What a batch did.
#[derive(Default)]
pub struct Done {
    pub imported: Option<Tally>,
    pub skipped: u64,
}

impl Run {
    /// Makes its row and its event.
    pub fn begin(storage: &Rc<Storage>, name: String, source: &Source) -> Result<Run, Error> {
        let _owner = Acting::as_owner(storage.owner);
        let former = Former::of(storage, &name);
        let [session, began] = own_session();
        let values = [
            parameter::text(&name),
            parameter::text(&source.name),
            (JSONBOID, Some(jsonb::from_serde(&source.mapping))),
            session,
            began,
        ];
        let permit = storage.writing(IMPORTS)?;
        let begin = storage.fill(include_str!("../../sql/import/begin.sql"), &[]);
        let is_begun = spi::count_with(&begin, &values) == 1;
        drop(permit);
        if !is_begun {
            return Err(match Former::of(storage, &name) {
                Some(Former { source, .. }) => ImportError::OtherSource { name, source }.into(),
                None => Interference::Suppressed { table: IMPORTS }.into(),
            });
        }
        let run = Run { name, is_repeated: former.as_ref().is_some_and(|former| former.has_imported) };
        let mut details = json!({ "mapping": source.mapping });
        if let Some(former) = former {
            details["after"] = Value::from(former.state());
        }
        run.tell(storage, "AUDIT_IMPORT_STARTED", details, source)?;
        Ok(run)
    }

    /// Keeps another run of the same import out until the end of the transaction.
    pub fn lock(&self, storage: &Storage) {
        let lock = storage.fill(include_str!("../../sql/import/lock.sql"), &[]);
        spi::count_with(&lock, &[parameter::text(&self.name)]);
    }

    pub fn count(&self, storage: &Storage, done: &Done) -> Result<(), Error> {
        let values = [
            parameter::text(&self.name),
            parameter::count(done.imported.map_or(0, |imported| imported.count)),
            parameter::count(done.skipped),
            parameter::time(done.imported.map(|imported| imported.oldest)),
            parameter::time(done.imported.map(|imported| imported.newest)),
        ];
        let _permit = storage.writing(IMPORTS)?;
        spi::count_with(&storage.fill(include_str!("../../sql/import/count.sql"), &[]), &values);
        Ok(())
    }

    pub fn finish(&self, storage: &Rc<Storage>, source: &Source) -> Result<(), Error> {
        let _owner = Acting::as_owner(storage.owner);
        let counts = self.counts_at_end(storage)?;
        self.tell(storage, "AUDIT_IMPORT_FINISHED", counts, source)
    }

    /// An error ended the run, and what it was about is undone.
    pub fn fail(&self, storage: &Storage, why: &Stop) -> Result<(), Error> {
        let _owner = Acting::as_owner(storage.owner);
        let _permit = storage.writing(IMPORTS)?;
        let [session, began] = own_session();
        let values = [parameter::text(&self.name), session, began, parameter::text(&why.told())];
        spi::count_with(&storage.fill(include_str!("../../sql/import/fail.sql"), &[]), &values);
        Ok(())
    }

    fn counts_at_end(&self, storage: &Storage) -> Result<Value, Error> {
        let _permit = storage.writing(IMPORTS)?;
        let [session, began] = own_session();
        let values = [parameter::text(&self.name), session, began];
        let finish = storage.fill(include_str!("../../sql/import/finish.sql"), &[]);
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let counts = spi::find_row_with(&finish, &values, |row| {
            Some(json!({
                "imported_count": row.int8(1)?,
                "skipped_count": row.int8(2)?,
                "oldest_event_at": time(row.time(3)),
                "newest_event_at": time(row.time(4)),
            }))
        });
        Ok(counts.ok_or(Interference::Suppressed { table: IMPORTS })?)
    }

    fn tell(&self, storage: &Rc<Storage>, action: &str, mut details: Value, source: &Source) -> Result<(), Error> {
        details["name"] = Value::from(self.name.as_str());
        details["source"] = Value::from(source.name.as_str());
        let event = SystemEvent {
            action_type: action,
            resource_type: IMPORTS,
            resource_id: Some(resource_id(storage, IMPORTS, &self.name)),
            workspace_id: None,
            old_values: None,
            new_values: Some(jsonb::from_serde(&details)),
        };
        system_event::record(storage, &event)
    }
}

/// The run before.
struct Former {
    source: String,
    state: String,
    session: Session,
    has_imported: bool,
}

impl Former {
    fn of(storage: &Storage, name: &str) -> Option<Former> {
        let former = storage.fill(include_str!("../../sql/import/former.sql"), &[]);
        spi::find_row_with(&former, &[parameter::text(name)], |row| {
            let session = Session { pid: row.int4(3)?, started_at: row.time(4)? };
            Some(Former { source: row.text(1)?, state: row.text(2)?, session, has_imported: row.bool(5)? })
        })
    }

    /// How it ended. One whose session has gone, or goes on with another run, was interrupted.
    fn state(&self) -> &str {
        let is_under_way = self.session != Session::own() && self.session.is_alive();
        match &self.state[..] {
            "running" if !is_under_way => "interrupted",
            state => state,
        }
    }
}

fn own_session() -> [Parameter<'static>; 2] {
    let Session { pid, started_at } = Session::own();
    [parameter::int4(pid), parameter::time(started_at)]
}

/// Each month of the source that is not in the future gets its partitions, so that nothing is moved later.
pub fn make_months(storage: &Storage, months: Vec<Month>) -> Result<(), Error> {
    let now = clock::now();
    let past: Vec<Month> = months.into_iter().filter(|month| month.start() <= now).collect();
    if let (Some(first), Some(last)) = (past.iter().min().copied(), past.iter().max().copied()) {
        ensure_months(storage, &Wish { anyway: past, strays: first..=last })?;
    }
    Ok(())
}
