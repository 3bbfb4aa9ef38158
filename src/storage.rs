//! Where the trail is: the tables of this database, found by the schema of the called function, never by the caller's search_path. They are
//! remembered per backend until the catalog changes.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::thread::LocalKey;

use audit_core::catalogue::{ARCHIVE, EVENTS, RELATIONS};
use audit_core::deletion::voucher;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::tier::Tier;
use pgrx::pg_sys::{InvalidOid, Oid};

use crate::cached::Cached;
use crate::error::Error;
use crate::permit::{Permit, Purpose};
use crate::pg::call::Call;
use crate::pg::{callbacks, catalog, citus, quote, relation, spi};

/// Why the trail cannot be worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// A table of the trail is not there, or not with the index that it is read by.
    Missing { relation: String },
    /// Citus keeps a table of the trail in shards. The name is qualified and quoted.
    Split { table: String },
}

impl StorageError {
    pub fn missing(relation: &str) -> StorageError {
        StorageError::Missing { relation: relation.to_owned() }
    }
}

impl IntoReport for StorageError {
    fn report(&self) -> Report {
        match self {
            StorageError::Missing { relation } => {
                Report::new(SqlState::UndefinedTable, format!("the audit trail has no table \"{relation}\""))
                    .hint("Call audit_setup() as the owner of the extension.")
            }
            StorageError::Split { table } => Report::new(
                SqlState::FeatureNotSupported,
                format!("the audit trail cannot work on {table}, which Citus keeps in shards"),
            )
            .detail("Rows in shards would be out of sight of guards, order and reading.")
            .hint(format!(
                "A superuser brings it back to this server, with the event triggers of the trail off: SELECT undistribute_table('{}').",
                table.replace('\'', "''")
            )),
        }
    }
}

/// Somebody else's code is in the way of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interference {
    /// A trigger or rule suppressed it.
    Suppressed { table: &'static str },
    /// A trigger or rule stored it with other values.
    Altered { table: &'static str },
    /// Another row of the table is being stored by this very session, or its partitions are being changed again and again.
    Busy { table: &'static str },
}

impl IntoReport for Interference {
    fn report(&self) -> Report {
        let by_trigger = |how: &str, table: &str| {
            Report::new(SqlState::RestrictViolation, format!("the row was {how} by a trigger or rule on {table}"))
                .hint("Remove the foreign trigger or rule; nothing was recorded.")
        };
        match self {
            Interference::Suppressed { table } => by_trigger("suppressed", table),
            Interference::Altered { table } => by_trigger("altered", table),
            Interference::Busy { table } => {
                Report::new(SqlState::RestrictViolation, format!("a row of {table} cannot be stored at this moment"))
                    .hint("Try again. If it goes on, a CHECK or index on the table calls a function that records events, or DDL changes the table all the time; nothing was recorded.")
            }
        }
    }
}

pub struct Storage {
    pub schema: Oid,
    /// Quoted for use in SQL.
    pub schema_name: String,
    pub events: Oid,
    pub archive: Oid,
    /// The OIDs of the catalogue's relations, in its order; None for a missing one.
    relations: Vec<Option<Oid>>,
    pub owner: Oid,
    /// Functions that were found to be of this schema.
    functions: RefCell<Vec<Oid>>,
    /// Of the catalog, when this was looked up. No two look-ups have the same.
    generation: u64,
}

thread_local! {
    /// Never dropped at process exit: by then Postgres' memory, which it points into, is gone.
    static STORAGE: RefCell<Option<ManuallyDrop<Rc<Storage>>>> = const { RefCell::new(None) };
}

impl Storage {
    /// The storage that belongs to the function being called.
    pub fn of(call: &Call) -> Result<Rc<Storage>, StorageError> {
        Storage::of_function(call.function())
    }

    fn of_function(function: Oid) -> Result<Rc<Storage>, StorageError> {
        let remembered = STORAGE.with_borrow(|storage| {
            storage.as_ref().filter(|s| !s.is_stale() && s.in_schema_of(function)).map(|s| Rc::clone(s))
        });
        match remembered {
            Some(storage) => Ok(storage),
            None => Storage::look_up(function),
        }
    }

    fn in_schema_of(&self, function: Oid) -> bool {
        self.functions.borrow().contains(&function) || {
            let found = relation::schema_of_function(function).is_some_and(|(schema, _)| schema == self.schema);
            if found {
                self.functions.borrow_mut().push(function);
            }
            found
        }
    }

    fn look_up(function: Oid) -> Result<Rc<Storage>, StorageError> {
        let missing = StorageError::missing;
        let (schema, name) = relation::schema_of_function(function).ok_or_else(|| missing(EVENTS))?;
        let find = || RELATIONS.iter().map(|ours| relation::find(schema, ours.name)).collect::<Vec<_>>();
        let present = find();
        oid_of(&present, EVENTS).ok_or_else(|| missing(EVENTS))?;
        let is_stored = RELATIONS.iter().map(|ours| !ours.is_view());
        let stored: Vec<Oid> =
            present.into_iter().zip(is_stored).filter(|(_, is_stored)| *is_stored).filter_map(|(oid, _)| oid).collect();
        callbacks::watch(&stored);
        // A change from here on makes what is found out now stale at once.
        let generation = callbacks::catalog_generation();
        refuse_if_split(&stored, &name)?;
        let relations = find();
        if let Some((ours, _)) = RELATIONS.iter().zip(&relations).find(|(ours, oid)| ours.is_essential && oid.is_none())
        {
            return Err(missing(ours.name));
        }
        let oid = |table: &str| oid_of(&relations, table).ok_or_else(|| missing(table));
        let (events, archive) = (oid(EVENTS)?, oid(ARCHIVE)?);
        let storage = Rc::new(Storage {
            schema,
            schema_name: quote::identifier(&name),
            events,
            archive,
            relations,
            owner: relation::owner(events).ok_or_else(|| missing(EVENTS))?,
            functions: RefCell::new(vec![function]),
            generation,
        });
        STORAGE.with_borrow_mut(|remembered| {
            if let Some(old) = remembered.replace(ManuallyDrop::new(Rc::clone(&storage))) {
                drop(ManuallyDrop::into_inner(old));
            }
        });
        Ok(storage)
    }

    /// Whether the catalog has changed since this was looked up.
    pub fn is_stale(&self) -> bool {
        self.generation != callbacks::catalog_generation()
    }

    /// A current storage, if this one is stale.
    pub fn looked_up_again(&self) -> Result<Rc<Storage>, StorageError> {
        Storage::of_function(self.functions.borrow()[0])
    }

    /// What a concept remembers of this trail.
    pub fn known<T>(&self, cache: &'static LocalKey<Cached<T>>) -> Option<Rc<T>> {
        cache.with(|cached| cached.of(self.generation))
    }

    pub fn remember<T>(&self, cache: &'static LocalKey<Cached<T>>, value: T) -> Rc<T> {
        cache.with(|cached| cached.keep(self.generation, value))
    }

    /// What a concept remembers of this trail, worked out now if it is the first time.
    pub fn known_or<T>(&self, cache: &'static LocalKey<Cached<T>>, work_out: impl FnOnce() -> T) -> Rc<T> {
        self.known(cache).unwrap_or_else(|| self.remember(cache, work_out()))
    }

    pub fn table(&self, tier: Tier) -> Oid {
        match tier {
            Tier::Hot => self.events,
            Tier::Archive => self.archive,
        }
    }

    /// A relation that nothing can be recorded without: it was found.
    pub fn essential(&self, name: &str) -> Oid {
        let found = oid_of(&self.relations, name);
        debug_assert!(found.is_some(), "the catalogue does not say that {name} is essential");
        found.unwrap_or(InvalidOid)
    }

    /// A relation of the catalogue. One that was not there may have been made since: it was not watched.
    pub fn oid(&self, name: &str) -> Result<Oid, StorageError> {
        let found = oid_of(&self.relations, name).or_else(|| relation::find(self.schema, name));
        found.ok_or_else(|| StorageError::missing(name))
    }

    /// A permit to write rows of a table that only functions write.
    pub fn writing(&self, table: &str) -> Result<Permit, Error> {
        Ok(Permit::issue(Purpose::Configure { table: self.oid(table)? })?)
    }

    /// Fills a statement of `sql/` with the schema and other texts that are quoted already.
    pub fn fill(&self, template: &str, values: &[(&str, String)]) -> String {
        let ours = [("extschema", self.schema_name.clone()), ("vouches", voucher::IN_SQL.to_owned())];
        spi::fill(template, &[values, &ours].concat())
    }

    /// A name of ours, qualified and quoted.
    pub fn qualified(&self, name: &str) -> String {
        format!("{}.{}", self.schema_name, quote::identifier(name))
    }
}

/// Where the catalogue has a relation of this name, among what was found of it.
fn oid_of(found: &[Option<Oid>], name: &str) -> Option<Oid> {
    RELATIONS.iter().position(|ours| ours.name == name).and_then(|place| found[place])
}

/// Guards, order and reading work on the tables of this server: rows in shards of Citus would be out of their sight. Asked whenever storage is looked
/// up, which Citus brings about when it distributes a table; without Citus there is nothing to ask.
fn refuse_if_split(tables: &[Oid], schema: &str) -> Result<(), StorageError> {
    let is_ours = |table: &Oid| {
        tables.contains(table) || catalog::partition_parent(*table).is_some_and(|parent| tables.contains(&parent))
    };
    match citus::distributed_tables().into_iter().find(is_ours).and_then(catalog::name_of) {
        Some(name) => {
            Err(StorageError::Split { table: format!("{}.{}", quote::identifier(schema), quote::identifier(&name)) })
        }
        None => Ok(()),
    }
}
