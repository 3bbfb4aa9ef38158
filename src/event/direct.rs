//! An event stored without a statement: the hot path of `insert_audit_event()`.
//!
//! The same rules as in the table's trigger, then the row goes straight into the partition of its month. Taken only while
//! nobody but us has a trigger, rule or policy on the table or the partition and our own order trigger is enabled;
//! otherwise [`store`] says so and the ordinary statement is used, with everything that hangs on it.

use std::cell::OnceCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use pgrx::pg_sys::{Datum, OIDOID, Oid};

use super::insert::Draft;
use super::{Column, Columns, bulk, own, rules, stamp};
use crate::error::Error;
use crate::membership;
use crate::pg::callbacks;
use crate::pg::datum;
use crate::pg::leaf_insert::{Leaf, refuse_where_nothing_may_be_written};
use crate::pg::partitions::Partitions;
use crate::pg::relation::{Relation, RowExclusiveLock};
use crate::pg::spi::Statement;
use crate::storage::{EVENTS, Storage};

/// Partitions remembered per backend; then it starts anew.
const REMEMBERED: usize = 32;
/// The catalog may move while locks are waited for, but not for ever.
const ATTEMPTS: usize = 100;

const ORDER: &str = "audit_events_before_insert";
/// Our triggers that fire on INSERT, and whether they must be enabled.
const OURS: [(&str, Option<bool>); 2] = [(ORDER, Some(true)), (membership::TRIGGER, None)];

/// How events get into one partition.
pub enum Way {
    Direct {
        leaf: Leaf,
        checks_membership: bool,
    },
    /// Somebody else's trigger, rule, policy, columns or kind of index: by the ordinary statement.
    Statement,
}

impl Way {
    fn is_locked(&self) -> bool {
        matches!(self, Way::Direct { leaf, .. } if leaf.is_locked())
    }
}

/// Stores the event and gives its id; None when it must go by the ordinary statement.
pub fn store(draft: &Draft, storage: &Rc<Storage>) -> Result<Option<Datum>, Error> {
    refuse_where_nothing_may_be_written();
    let server_time = draft.created_at.is_none();
    let mut columns = draft.columns();
    let missing = || Error::StorageMissing { relation: EVENTS.to_owned() };
    let mut storage = Rc::clone(storage);
    let mut stamped = None;
    for _ in 0..ATTEMPTS {
        let is_locked = storage.events_locked.get() == callbacks::lock_epoch();
        let events = if is_locked {
            Relation::open_again(storage.events)
        } else {
            Relation::open(storage.events, RowExclusiveLock)
        }
        .ok_or_else(missing)?;
        storage.events_locked.set(callbacks::lock_epoch());
        if storage.is_stale() {
            drop(events);
            storage = storage.looked_up_again()?;
            continue;
        }
        if stamped.is_none() {
            // A caller's time in the far future breaks the named constraint rather than the range of ids.
            if let Some(time) = draft.created_at {
                rules::check_constraints(&columns, time, server_time).map_err(bulk::with_element)?;
            }
            stamped = Some(stamp::stamp(draft.created_at).map_err(bulk::with_element)?);
        }
        let Some((created_at, id)) = stamped else { return Ok(None) };
        let Some(leaf) = Partitions::of(&events).holding(created_at) else { return Ok(None) };
        let known = storage.leaves.borrow().get(&leaf.oid).map(Rc::clone);
        let is_locked = known.as_deref().is_some_and(Way::is_locked);
        let table = if is_locked { Relation::open_again(leaf.oid) } else { Relation::open(leaf.oid, RowExclusiveLock) };
        let Some(table) = table else {
            callbacks::forget_catalog();
            continue;
        };
        // Both locks are held: from here on the catalog stands still for these two tables.
        if storage.is_stale() {
            continue;
        }
        let way = known.unwrap_or_else(|| way_into(&storage, &events, &table, leaf.oid));
        let Way::Direct { leaf, checks_membership } = &*way else { return Ok(None) };
        columns[Column::CreatedAt.index()] = Some(Datum::from(created_at));
        columns[Column::Id.index()] = Some(datum::from_uuid(&id));
        let exempt = own::take_exemption();
        prepare(&storage, &mut columns, created_at, server_time, *checks_membership && !exempt)
            .map_err(bulk::with_element)?;
        if leaf.store(&table, &columns) {
            return Ok(columns[Column::Id.index()]);
        }
        // The statement that stores it instead asks again.
        own::give_back_exemption(exempt);
        return Ok(None);
    }
    Ok(None)
}

fn prepare(
    storage: &Storage,
    columns: &mut Columns,
    created_at: i64,
    server_time: bool,
    checks_membership: bool,
) -> Result<(), Error> {
    rules::check_constraints(columns, created_at, server_time)?;
    rules::check_order(storage, columns, created_at, server_time)?;
    if let Some(fields) = rules::changed_fields(columns) {
        columns[Column::ChangedFields.index()] = Some(fields);
    }
    if checks_membership { membership::check_row(storage, columns) } else { Ok(()) }
}

thread_local! {
    /// About catalogs alone, so it outlives every [`Storage`].
    static FOREIGN_EXPRESSIONS: OnceCell<ManuallyDrop<Statement>> = const { OnceCell::new() };
}

/// Whether a CHECK or an index calls code that somebody can replace under what is compiled and kept here.
fn uses_code_of_others(table: Oid) -> bool {
    FOREIGN_EXPRESSIONS.with(|kept| {
        kept.get_or_init(|| {
            let sql = include_str!("../../sql/event/foreign_expressions.sql");
            ManuallyDrop::new(Statement::prepare(sql, &[OIDOID]))
        })
        .run(&[Some(Datum::from(table))], |outcome| outcome.processed > 0)
    })
}

fn way_into(storage: &Storage, events: &Relation, table: &Relation, oid: Oid) -> Rc<Way> {
    // What was found out holds until this partition changes.
    callbacks::watch_also(oid);
    let columns = Column::ALL.map(|column| (column.name(), column.kind()));
    let suits = events.has_only_our_triggers(&OURS, storage.schema)
        && table.has_only_our_triggers(&OURS, storage.schema)
        && table.is_plain_table()
        && [events, table].iter().all(|relation| relation.columns_are(&columns))
        && !uses_code_of_others(oid);
    let leaf = suits.then(|| Leaf::compile(table)).flatten();
    let way = Rc::new(leaf.map_or(Way::Statement, |leaf| Way::Direct {
        leaf,
        checks_membership: table.trigger_is_enabled(membership::TRIGGER),
    }));
    let mut leaves = storage.leaves.borrow_mut();
    if leaves.len() >= REMEMBERED {
        leaves.clear();
    }
    leaves.insert(oid, Rc::clone(&way));
    way
}
