//! Stores imported events: the rules of every event but the order and membership, and ids that mark them.
//!
//! They go straight into the partitions of their months, many at a time, and never by a statement. Where the fast path is not open, nothing is imported.

use std::rc::Rc;

use audit_core::catalogue::EVENTS;
use audit_core::event::column::Column;
use audit_core::ids::EventId;
use audit_core::import::refusal::ImportError;
use audit_core::time::Timestamp;

use super::context::Context;
use super::draft::Draft;
use super::fast_path::{self, Route, Target};
use super::{rules, seal};
use crate::error::Error;
use crate::event::row::Columns;
use crate::pg::datum;
use crate::pg::leaf_insert::{Pending, refuse_where_nothing_may_be_written};
use crate::policy::default_row;
use crate::storage::{Interference, Storage};

/// Events that are imported together.
pub struct Importing {
    target: Option<Target>,
    rows: Pending,
}

impl Importing {
    /// Ends with the memory context that is current now, at the latest.
    pub fn begin() -> Importing {
        refuse_where_nothing_may_be_written();
        Importing { target: None, rows: Pending::new() }
    }

    /// Stores the events that wait, if they are many, or the next one is of another partition.
    pub fn make_room(&mut self, created_at: Timestamp) -> Result<(), Interference> {
        let is_next_here = self.target.as_ref().is_some_and(|target| serves(target, created_at));
        match is_next_here && !self.rows.are_many() {
            true => Ok(()),
            false => self.store(),
        }
    }

    /// Adds an event, for which there is room; it is stored by [`Importing::store`] at the latest.
    pub fn add(
        &mut self,
        draft: &Draft,
        id: EventId,
        created_at: Timestamp,
        storage: &Rc<Storage>,
    ) -> Result<(), Error> {
        let mut columns = draft.columns();
        columns.set(Column::Id, Some(datum::from_uuid(&id.0)));
        rules::check_caller(&columns)?;
        rules::check_constraints(&columns, created_at, false)?;
        if !self.target.as_ref().is_some_and(|target| serves(target, created_at)) {
            self.store()?;
            self.rows.forget_slots();
            let found = fast_path::target_of(draft, &columns, storage, Context::SYSTEM)?;
            self.target = Some(found.ok_or(Interference::Busy { table: EVENTS })?.0);
        }
        let Some(target) = &self.target else { return Err(Interference::Busy { table: EVENTS }.into()) };
        let Route::FastPath { leaf, .. } = &*target.route else {
            return Err(ImportError::ForeignParts { table: target.table.name() }.into());
        };
        complete(&mut columns, created_at, storage)?;
        match self.rows.wait(leaf, &target.table, &columns) {
            true => Ok(()),
            false => Err(Interference::Busy { table: EVENTS }.into()),
        }
    }

    /// Stores the events that wait.
    pub fn store(&mut self) -> Result<(), Interference> {
        match &self.target {
            Some(Target { table, route, .. }) if !self.rows.is_empty() => match &**route {
                Route::FastPath { leaf, .. } if self.rows.store(leaf, table) => Ok(()),
                _ => Err(Interference::Busy { table: EVENTS }),
            },
            _ => Ok(()),
        }
    }
}

fn serves(target: &Target, created_at: Timestamp) -> bool {
    !target.storage.is_stale() && target.partition.surely_holds(created_at)
}

/// What the server says of the event.
fn complete(columns: &mut Columns, created_at: Timestamp, storage: &Storage) -> Result<(), Error> {
    if let Some(workspace) = columns.workspace() {
        default_row::ensure(storage, workspace);
    }
    if let Some(fields) = rules::changed_fields(columns) {
        columns.set(Column::ChangedFields, Some(fields));
    }
    // Its time is not the server's, so the sealer finds it by its mark.
    for (column, value) in seal::values(false, created_at)? {
        columns.set(column, Some(value));
    }
    Ok(())
}
