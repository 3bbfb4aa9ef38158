//! Stores the events of one call together: each page of the table is written once for all events on it, and the indexes are opened once.
//!
//! Otherwise nothing differs. Each event gets its time and is checked when it is added, in order. An event with a caller-supplied time is
//! compared with stored events, so all waiting events are stored before it is added. The same is done before an event that must be stored
//! by the ordinary statement.

use std::rc::Rc;

use audit_core::catalogue::EVENTS;

use super::context::Context;
use super::draft::Draft;
use super::fast_path::{self, Route, Target};
use super::idempotency::{self, Claim};
use super::{stamp, store};
use crate::error::Error;
use crate::pg::datum::Datum;
use crate::pg::leaf_insert::{Pending, refuse_where_nothing_may_be_written};
use crate::storage::{Interference, Storage};

pub struct Batch {
    target: Option<Target>,
    rows: Pending,
}

/// Runs `work` with a batch, and stores what is in it.
pub fn store_together<R>(work: impl FnOnce(&mut Batch) -> Result<R, Error>) -> Result<R, Error> {
    let mut batch = Batch { target: None, rows: Pending::new() };
    let result = work(&mut batch)?;
    batch.store()?;
    Ok(result)
}

impl Batch {
    /// Adds an event, which is stored at the end of the batch at the latest. Returns its id in the memory context of the caller.
    pub fn add(&mut self, draft: &Draft, storage: &Rc<Storage>, context: Context) -> Result<Datum<'static>, Error> {
        if draft.created_at.is_none()
            && let Some(id) = self.try_add(draft, storage, context)?
        {
            return Ok(id);
        }
        self.store()?;
        store::event(draft, storage, context)
    }

    /// Adds an event that has an idempotency key, or finds that the key has recorded it. `given` is what the caller gave of it.
    pub fn add_with_key(
        &mut self,
        key: Datum,
        given: &Draft,
        draft: &Draft,
        storage: &Rc<Storage>,
        context: Context,
    ) -> Result<Datum<'static>, Error> {
        match idempotency::claim(storage, draft, key).map_err(|error| context.about_element(error))? {
            None => self.add(draft, storage, context),
            Some(Claim::Known(known)) => {
                // It may be an event of this very batch.
                self.store()?;
                known.answer(given, storage, context)
            }
            Some(Claim::New(key)) => {
                let id = self.add(draft, storage, context)?;
                key.store(id)?;
                Ok(id)
            }
        }
    }

    fn try_add(
        &mut self,
        draft: &Draft,
        storage: &Rc<Storage>,
        context: Context,
    ) -> Result<Option<Datum<'static>>, Error> {
        refuse_where_nothing_may_be_written();
        let columns = draft.columns();
        let drawn = stamp::stamp(None)?;
        let still_serves = |target: &Target| !target.storage.is_stale() && target.partition.surely_holds(drawn.0);
        let stamp = if self.target.as_ref().is_some_and(still_serves) {
            drawn
        } else {
            self.store()?;
            self.rows.forget_slots();
            match fast_path::target_of(draft, &columns, storage, context)? {
                Some((target, stamp)) => {
                    self.target = Some(target);
                    stamp
                }
                None => return Ok(None),
            }
        };
        let Some(target) = &self.target else { return Ok(None) };
        target.insert(draft, columns, stamp, context, |leaf, table, row| self.rows.add(leaf, table, row))
    }

    /// Stores the waiting events.
    fn store(&mut self) -> Result<(), Interference> {
        match &self.target {
            Some(Target { table, route, .. }) if !self.rows.is_empty() => match &**route {
                Route::FastPath { leaf, .. } if self.rows.store(leaf, table) => Ok(()),
                // No row waits where none could be added.
                _ => Err(Interference::Busy { table: EVENTS }),
            },
            _ => Ok(()),
        }
    }
}
