//! Stores an event without a statement: the usual route of `insert_audit_event()`.
//!
//! The rules are those of the table's trigger; then the row goes straight into the partition of its month. This route is taken only while
//! the table and the partition have no trigger, rule or policy but ours, and our own trigger is enabled. Otherwise [`store`] returns None,
//! and the ordinary statement runs everything that is attached to the table.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use audit_core::catalogue::{EVENTS, MEMBERSHIP_TRIGGER, MONTH_CONSTRAINT, ORDER_TRIGGER};
use audit_core::event::column::Column;
use audit_core::event::constraint::Constraint;
use audit_core::event::stamp::Stamp;
use audit_core::time::Timestamp;
use pgrx::pg_sys::Oid;

use super::context::Context;
use super::draft::Draft;
use super::{rules, seal, stamp};
use crate::cached::Cached;
use crate::direct::{Triggers, suits};
use crate::error::Error;
use crate::event::row::{Columns, SHAPE};
use crate::membership;
use crate::pg::callbacks::LockEpoch;
use crate::pg::datum::Datum;
use crate::pg::leaf_insert::{CompiledLeaf, refuse_where_nothing_may_be_written};
use crate::pg::partitions::{self, Partitions};
use crate::pg::relation::{Relation, RowExclusiveLock};
use crate::pg::{callbacks, checks, datum};
use crate::storage::{Storage, StorageError};

/// Partitions remembered per backend; then it starts anew.
const REMEMBERED: usize = 32;
/// How often to start over if the catalog changes while locks are waited for.
const ATTEMPTS: usize = 100;

const OURS: Triggers = &[(ORDER_TRIGGER, ORDER_TRIGGER, Some(true)), (MEMBERSHIP_TRIGGER, MEMBERSHIP_TRIGGER, None)];

/// The route by which events get into one partition.
pub enum Route {
    FastPath {
        leaf: CompiledLeaf,
        checks_membership: bool,
    },
    /// By the ordinary statement, because the table has a trigger, rule, policy, column or kind of index of somebody else.
    Statement,
}

impl Route {
    fn is_locked(&self) -> bool {
        matches!(self, Route::FastPath { leaf, .. } if leaf.is_locked())
    }
}

/// What is known of the tables that events are stored in.
#[derive(Default)]
struct Known {
    /// Since when `audit_events` is locked by this transaction.
    locked: Cell<LockEpoch>,
    /// The partition that was found last.
    partition: Cell<Option<partitions::Leaf>>,
    routes: RefCell<HashMap<Oid, Rc<Route>>>,
}

thread_local! {
    static KNOWN: Cached<Known> = const { Cached::nothing() };
}

/// Stores the event and gives its id; None when it must go by the ordinary statement.
pub fn store(draft: &Draft, storage: &Rc<Storage>, context: Context) -> Result<Option<Datum<'static>>, Error> {
    refuse_where_nothing_may_be_written();
    let columns = draft.columns();
    match target_of(draft, &columns, storage, context)? {
        Some((target, stamp)) => target.insert(draft, columns, stamp, context, CompiledLeaf::store),
        None => Ok(None),
    }
}

/// The partition that an event goes to. Table and partition are locked, so the catalog cannot change for them.
pub struct Target {
    pub storage: Rc<Storage>,
    pub table: Relation,
    pub route: Rc<Route>,
    pub partition: partitions::Leaf,
}

impl Target {
    /// Completes and checks the event, lets `store` store it, and returns its id. None if
    /// it must go by the ordinary statement.
    pub fn insert(
        &self,
        draft: &Draft,
        mut columns: Columns,
        (created_at, id): Stamp,
        context: Context,
        store: impl FnOnce(&CompiledLeaf, &Relation, &Columns) -> bool,
    ) -> Result<Option<Datum<'static>>, Error> {
        let Route::FastPath { leaf, checks_membership } = &*self.route else { return Ok(None) };
        columns.set(Column::CreatedAt, Some(datum::from_time(created_at)));
        let id = datum::from_uuid(&id.0);
        columns.set(Column::Id, Some(id));
        let server_time = draft.created_at.is_none();
        if !context.is_system {
            rules::check_caller(&columns).map_err(|error| context.about_element(error))?;
        }
        prepare(&self.storage, &mut columns, created_at, server_time, *checks_membership && !context.is_system)
            .map_err(|error| context.about_element(error))?;
        for (column, value) in seal::values(server_time, created_at)? {
            columns.set(column, Some(value));
        }
        Ok(store(leaf, &self.table, &columns).then_some(id))
    }
}

/// The target of an event and its stamp, which is drawn after all locks have been waited for. None if it must go by the ordinary statement.
pub fn target_of(
    draft: &Draft,
    columns: &Columns,
    storage: &Rc<Storage>,
    context: Context,
) -> Result<Option<(Target, Stamp)>, Error> {
    let mut storage = Rc::clone(storage);
    let mut stamped = None;
    for _ in 0..ATTEMPTS {
        let known = storage.known_or(&KNOWN, Known::default);
        known.lock_events(&storage)?;
        if storage.is_stale() {
            storage = storage.looked_up_again()?;
            continue;
        }
        let stamp = match stamped {
            Some(stamp) => stamp,
            None => *stamped.insert(draw(draft, columns).map_err(|error| context.about_element(error))?),
        };
        let Some(partition) = known.partition_of(&storage, stamp.0)? else { return Ok(None) };
        let oid = partition.oid();
        let route = known.routes.borrow().get(&oid).map(Rc::clone);
        let is_locked = route.as_deref().is_some_and(Route::is_locked);
        let table = if is_locked { Relation::open_again(oid) } else { Relation::open(oid, RowExclusiveLock) };
        let Some(table) = table else {
            callbacks::forget_catalog();
            continue;
        };
        // Both locks are held: from here on the catalog stands still for these two tables.
        if storage.is_stale() {
            continue;
        }
        let route = match route {
            Some(route) => route,
            None => known.remember(oid, route_into(&storage, &table, oid)?),
        };
        return Ok(Some((Target { storage, table, route, partition }, stamp)));
    }
    Ok(None)
}

fn draw(draft: &Draft, columns: &Columns) -> Result<Stamp, Error> {
    // A caller's time in the far future breaks the named constraint rather than the range of ids.
    if let Some(time) = draft.created_at {
        rules::check_constraints(columns, time, false)?;
    }
    Ok(stamp::stamp(draft.created_at)?)
}

fn no_events() -> StorageError {
    StorageError::missing(EVENTS)
}

impl Known {
    /// Once per transaction, as an INSERT would.
    fn lock_events(&self, storage: &Storage) -> Result<(), StorageError> {
        if self.locked.get() != callbacks::lock_epoch() {
            Relation::open(storage.events, RowExclusiveLock).ok_or_else(no_events)?;
            self.locked.set(callbacks::lock_epoch());
        }
        Ok(())
    }

    /// The partition of a time.
    fn partition_of(&self, storage: &Storage, created_at: Timestamp) -> Result<Option<partitions::Leaf>, StorageError> {
        let remembered = self.partition.get().filter(|partition| partition.surely_holds(created_at));
        if remembered.is_some() {
            return Ok(remembered);
        }
        let events = Relation::open_again(storage.events).ok_or_else(no_events)?;
        let found = Partitions::of(&events).holding(created_at);
        self.partition.set(found);
        Ok(found)
    }

    fn remember(&self, partition: Oid, route: Route) -> Rc<Route> {
        let route = Rc::new(route);
        let mut routes = self.routes.borrow_mut();
        if routes.len() >= REMEMBERED {
            routes.clear();
        }
        routes.insert(partition, Rc::clone(&route));
        route
    }
}

fn prepare(
    storage: &Storage,
    columns: &mut Columns,
    created_at: Timestamp,
    server_time: bool,
    checks_membership: bool,
) -> Result<(), Error> {
    rules::check_constraints(columns, created_at, server_time)?;
    rules::check_order(storage, columns, created_at, server_time)?;
    if let Some(fields) = rules::changed_fields(columns) {
        columns.set(Column::ChangedFields, Some(fields));
    }
    if checks_membership {
        membership::check_row(storage, columns)?;
    }
    Ok(())
}

fn route_into(storage: &Storage, table: &Relation, oid: Oid) -> Result<Route, StorageError> {
    // What was found out holds until this partition changes.
    callbacks::watch_also(oid);
    let events = Relation::open_again(storage.events).ok_or_else(no_events)?;
    Ok(match compile(storage, &events, table, OURS) {
        Some(leaf) => Route::FastPath { leaf, checks_membership: table.trigger_is_enabled(MEMBERSHIP_TRIGGER) },
        None => Route::Statement,
    })
}

/// The named constraints and the bounds need no evaluation where they say what is decided here: by [`rules`], and by the search for the partition. Whoever
/// stores events in the leaf has both decided before.
pub fn compile(storage: &Storage, parent: &Relation, table: &Relation, ours: Triggers) -> Option<CompiledLeaf> {
    if !suits(storage, Some(parent), table, ours, &SHAPE) {
        return None;
    }
    let bounds = checks::of_bounds(table);
    CompiledLeaf::compile(table, &SHAPE, |name, expression| {
        let is_decided = Constraint::is_decided_here(name, expression)
            || (name == MONTH_CONSTRAINT && bounds.as_deref() == Some(expression));
        if !is_decided {
            pgrx::debug1!("audit_ext evaluates CHECK {name} before it stores an event");
        }
        is_decided
    })
}
