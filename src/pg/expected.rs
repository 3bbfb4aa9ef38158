//! What a trigger function expects: on which tables it is called, when, and which columns they have.
//!
//! Whoever may use a function can attach it to any table, at any level and time; PostgreSQL does not check that. So each function declares
//! what it expects, and [`super::trigger::Trigger::of`] raises an error for anything else before a row is read.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::CStr;

use audit_core::catalogue::RELATIONS;
use pgrx::pg_sys::{self, Oid};

use super::fired::Fired;
use super::misuse::Misuse;
use super::shape::{Named, Places};
use super::{callbacks, catalog, partitions, relation};

pub struct Expected {
    pub on: On,
    pub fired: Fired,
    pub columns: &'static [Named],
}

/// Tables of the trail, in the schema of the function: those on which the catalogue has a trigger that calls a function of this name.
pub enum On {
    Tables(&'static str),
    /// And their partitions, whatever the names of those.
    Trees(&'static str),
    AnyTable,
}

/// The result of looking up the relation of a trigger.
#[derive(Clone)]
pub struct Found {
    /// The place of the table in the catalogue; of a partition, that of the table it is a part of.
    pub table: usize,
    pub columns: Places,
}

impl Found {
    pub const ANY: Found = Found { table: 0, columns: Places::InOrder };
}

impl Expected {
    /// What is wrong with a trigger that calls `function` for something else.
    pub fn misplaced(&self, function: Oid, table: String) -> Misuse {
        let tables = match self.on {
            On::Tables(function) | On::Trees(function) => {
                let tables = RELATIONS.iter().filter(|relation| relation.calls(function));
                tables.map(|relation| relation.name).collect::<Vec<_>>().join(", ")
            }
            On::AnyTable => "a table that audit_track_table() tracks".to_owned(),
        };
        Misuse::MisplacedTrigger {
            function: catalog::function_name(function).unwrap_or_default(),
            table,
            expected: format!("{} on {tables}", self.fired.in_words()),
        }
    }

    /// The table that the relation is, or is a partition of. Looked up once per catalog generation.
    pub fn find(&self, relation: &pg_sys::RelationData, function: Oid) -> Result<Found, Misuse> {
        let (On::Tables(name_of_function) | On::Trees(name_of_function)) = self.on else { return Ok(Found::ANY) };
        let generation = callbacks::catalog_generation();
        let key = (relation.rd_id, function);
        let known = KNOWN
            .with_borrow(|known| (known.generation == generation).then(|| known.found.get(&key).cloned()).flatten());
        if let Some(found) = known {
            return Ok(found);
        }
        let name = || name(relation).to_string_lossy().into_owned();
        let table =
            self.look_up(relation, function, name_of_function).ok_or_else(|| self.misplaced(function, name()))?;
        // SAFETY: the description belongs to the open relation.
        let columns = unsafe { Places::find(self.columns, relation.rd_att) };
        let found = Found { table, columns: columns.ok_or_else(|| Misuse::OtherColumns { table: name() })? };
        callbacks::watch_also(relation.rd_id);
        KNOWN.with_borrow_mut(|known| {
            if known.generation != generation || known.found.len() >= REMEMBERED {
                *known = Known { generation, found: HashMap::new() };
            }
            known.found.insert(key, found.clone());
        });
        Ok(found)
    }

    fn look_up(&self, relation: &pg_sys::RelationData, function: Oid, named: &str) -> Option<usize> {
        // SAFETY: the relation is open.
        let (schema, is_partition) = unsafe { ((*relation.rd_rel).relnamespace, (*relation.rd_rel).relispartition) };
        let is_of_tree = matches!(self.on, On::Trees(_)) && is_partition;
        let (schema, name) = match is_of_tree {
            false => (schema, name(relation).to_str().ok()?.to_owned()),
            true => partitions::root(relation.rd_id)?,
        };
        let is_ours = relation::schema_of_function(function).is_some_and(|(ours, _)| ours == schema);
        RELATIONS.iter().position(|table| is_ours && table.name == name && table.calls(named))
    }
}

fn name(relation: &pg_sys::RelationData) -> &CStr {
    // SAFETY: the relation is open; names end with a zero.
    unsafe { CStr::from_ptr((*relation.rd_rel).relname.data.as_ptr()) }
}

/// Triggers remembered per backend; then it starts anew.
const REMEMBERED: usize = 1024;

#[derive(Default)]
struct Known {
    /// By relation and function.
    found: HashMap<(Oid, Oid), Found>,
    generation: u64,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}
