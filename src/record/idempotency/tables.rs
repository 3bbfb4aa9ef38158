//! The two tables of keys.
//!
//! Whoever uses them locks both, as for writing, until the end of the transaction. So they change places while nobody is at work with a key,
//! and all who are at work agree on the current one.

use std::cell::OnceCell;
use std::rc::Rc;

use audit_core::catalogue::{FUNCTIONS_ONLY, IDEMPOTENCY_KEYS, KEYS_INSERT_GUARD};
use audit_core::event::idempotency::{LAST_MARK, time_of};
use audit_core::ids::EventId;
use audit_core::time::Timestamp;
use pgrx::pg_sys::UUIDOID;
use uuid::Uuid;

use crate::cached::Cached;
use crate::direct;
use crate::error::Error;
use crate::pg::datum::{self, Datum};
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::leaf_insert::CompiledLeaf;
use crate::pg::lock::BriefLock;
use crate::pg::record::Record;
use crate::pg::relation::{Relation, RowExclusiveLock};
use crate::pg::role::Acting;
use crate::pg::shape::Named;
use crate::pg::snapshot::Snapshot;
use crate::pg::spi::PreparedStatement;
use crate::storage::{Interference, Storage, StorageError};

static SHAPE: [Named; 2] = [Named::needed("key_hash", UUIDOID), Named::needed("event_id", UUIDOID)];
const KEY_HASH: i16 = 1;
const EVENT_ID: i16 = 2;

const OURS: direct::Triggers = &[(KEYS_INSERT_GUARD, FUNCTIONS_ONLY, Some(true))];

pub enum Found {
    Nothing,
    Event(EventId),
    /// Another transaction that still runs has stored the key.
    Unfinished(u32),
}

/// What a backend remembers of the tables. When they change places, one is truncated, so this is forgotten.
struct Known {
    /// The place of the current table.
    current: usize,
    /// None: by a statement, because something of somebody else is attached to the table.
    leaf: OnceCell<Option<CompiledLeaf>>,
    insert: OnceCell<PreparedStatement>,
}

thread_local! {
    static KNOWN: Cached<Known> = const { Cached::nothing() };
}

/// Both tables, locked.
pub struct Tables {
    storage: Rc<Storage>,
    tables: [Relation; 2],
}

impl Tables {
    pub fn lock(storage: &Rc<Storage>) -> Result<Tables, StorageError> {
        let tables = open(storage, RowExclusiveLock)?;
        // Whoever waited for a lock is told of changes only now; from here on there are none of these tables.
        let storage = if storage.is_stale() { storage.looked_up_again()? } else { Rc::clone(storage) };
        Ok(Tables { storage, tables })
    }

    /// Waits for whoever records with this key, and keeps others out for a moment.
    pub fn lock_key(&self, hash: Uuid) -> BriefLock {
        let bits = hash.as_u128();
        BriefLock::take(self.tables[0].oid(), (bits >> 96) as u32, bits as u16)
    }

    pub fn find(&self, hash: Uuid) -> Result<Found, Error> {
        let current = self.known()?.current;
        for table in [&self.tables[current], &self.tables[1 - current]] {
            let keys = [IndexKey::UuidIs(1, hash)];
            let mut scan = scan(table, &keys, Direction::Ascending, Snapshot::dirty())?;
            if scan.advance() {
                return Ok(match (scan.unfinished_transaction(), scan.uuid(EVENT_ID)) {
                    (Some(other), _) => Found::Unfinished(other),
                    (None, Some(event)) => Found::Event(EventId(event)),
                    (None, None) => Found::Nothing,
                });
            }
        }
        Ok(Found::Nothing)
    }

    pub fn store(&self, hash: Uuid, event: Datum) -> Result<(), Error> {
        let known = self.known()?;
        let table = &self.tables[known.current];
        let hash = datum::from_uuid(&hash);
        let leaf = known.leaf.get_or_init(|| {
            let suits = direct::suits(&self.storage, None, table, OURS, &SHAPE);
            suits.then(|| CompiledLeaf::compile(table, &SHAPE, |_, _| false)).flatten()
        });
        let mut row = Record::empty(&SHAPE);
        row.set(KEY_HASH, Some(hash));
        row.set(EVENT_ID, Some(event));
        match leaf {
            Some(leaf) if leaf.store(table, &row) => Ok(()),
            _ => self.store_by_statement(&known, hash, event),
        }
    }

    fn store_by_statement(&self, known: &Known, hash: Datum, event: Datum) -> Result<(), Error> {
        let table = IDEMPOTENCY_KEYS[known.current];
        let insert = known.insert.get_or_init(|| {
            let table = self.storage.qualified(table);
            PreparedStatement::prepare(
                &format!("INSERT INTO {table} (key_hash, event_id) VALUES ($1, $2)"),
                &[UUIDOID, UUIDOID],
            )
        });
        let _owner = Acting::as_owner(self.storage.owner);
        let _permit = self.storage.writing(table)?;
        match insert.run(&[Some(hash), Some(event)], |outcome| outcome.processed) {
            1 => Ok(()),
            _ => Err(Interference::Suppressed { table }.into()),
        }
    }

    fn known(&self) -> Result<Rc<Known>, Error> {
        if let Some(known) = self.storage.known(&KNOWN) {
            return Ok(known);
        }
        let current = current(&marks_of(&self.tables)?);
        Ok(self.storage.remember(&KNOWN, Known { current, leaf: OnceCell::new(), insert: OnceCell::new() }))
    }
}

/// The table with the newest mark; the first one where there is none.
pub fn current(marks: &[Option<Timestamp>; 2]) -> usize {
    usize::from(marks[1] > marks[0])
}

pub fn open(storage: &Storage, lock: u32) -> Result<[Relation; 2], StorageError> {
    let open = |name: &str| Relation::open(storage.oid(name)?, lock).ok_or_else(|| StorageError::missing(name));
    Ok([open(IDEMPOTENCY_KEYS[0])?, open(IDEMPOTENCY_KEYS[1])?])
}

/// The newest mark of each table, as it is committed or made by this transaction.
pub fn marks_of(tables: &[Relation; 2]) -> Result<[Option<Timestamp>; 2], Error> {
    let newest = |table: &Relation| -> Result<Option<Timestamp>, Error> {
        let keys = [IndexKey::UuidUpTo(1, LAST_MARK)];
        let mut scan = scan(table, &keys, Direction::Descending, Snapshot::latest())?;
        Ok(if scan.advance() { scan.uuid(KEY_HASH).and_then(time_of) } else { None })
    };
    Ok([newest(&tables[0])?, newest(&tables[1])?])
}

fn scan(table: &Relation, keys: &[IndexKey], direction: Direction, snapshot: Snapshot) -> Result<IndexScan, Error> {
    let index = table.primary_key().ok_or_else(|| StorageError::missing(&table.name()))?;
    let table = Relation::open_again(table.oid()).ok_or_else(|| StorageError::missing(&table.name()))?;
    Ok(IndexScan::begin(table, index, &SHAPE, keys, direction, snapshot)?)
}
