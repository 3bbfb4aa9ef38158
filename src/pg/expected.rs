//! What a trigger function of ours is made for: on which tables, fired when, over which columns.
//!
//! Whoever may use the functions can hang them on any table, at any level and time, and Postgres asks for none of it. So each function
//! declares what it expects, and [`super::trigger::Trigger::of`] answers everything else with an error before a row is looked at.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::CStr;

use audit_core::catalogue::RELATIONS;
use pgrx::pg_sys::{self, Oid};

use super::misuse::Misuse;
use super::shape::{Named, Places};
use super::trigger::Operation;
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

/// What a relation is to a function.
#[derive(Clone)]
pub struct Found {
    /// The place of the table in the catalogue; of a partition, that of the table it is a part of.
    pub table: usize,
    pub columns: Places,
}

impl Found {
    pub const ANY: Found = Found { table: 0, columns: Places::InOrder };
}

#[derive(Clone, Copy)]
pub enum Level {
    Row,
    Statement,
}

#[derive(Clone, Copy)]
pub enum Timing {
    Before,
    After,
    InsteadOf,
}

/// A set of events of triggers. Postgres tells operation, level and timing in five bits; one bit here for each of their values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fired(u32);

impl Fired {
    pub const fn when(timing: Timing, operations: &[Operation], level: Level) -> Fired {
        let timing = match timing {
            Timing::Before => pg_sys::TRIGGER_EVENT_BEFORE,
            Timing::After => pg_sys::TRIGGER_EVENT_AFTER,
            Timing::InsteadOf => pg_sys::TRIGGER_EVENT_INSTEAD,
        };
        let level = match level {
            Level::Row => pg_sys::TRIGGER_EVENT_ROW,
            Level::Statement => 0,
        };
        let (mut set, mut next) = (0, 0);
        while next < operations.len() {
            let operation = match operations[next] {
                Operation::Insert => pg_sys::TRIGGER_EVENT_INSERT,
                Operation::Update => pg_sys::TRIGGER_EVENT_UPDATE,
                Operation::Delete => pg_sys::TRIGGER_EVENT_DELETE,
                Operation::Truncate => pg_sys::TRIGGER_EVENT_TRUNCATE,
            };
            set |= 1 << (timing | level | operation);
            next += 1;
        }
        Fired(set)
    }

    pub const fn or(self, other: Fired) -> Fired {
        Fired(self.0 | other.0)
    }

    /// `event`: as Postgres gives it, with further bits.
    pub const fn includes(self, event: u32) -> bool {
        const BITS: u32 = pg_sys::TRIGGER_EVENT_OPMASK | pg_sys::TRIGGER_EVENT_ROW | pg_sys::TRIGGER_EVENT_TIMINGMASK;
        self.0 >> (event & BITS) & 1 == 1
    }

    /// As CREATE TRIGGER says it.
    fn in_words(self) -> String {
        let timings = [(Timing::Before, "BEFORE"), (Timing::After, "AFTER"), (Timing::InsteadOf, "INSTEAD OF")];
        let levels = [(Level::Row, "ROW"), (Level::Statement, "STATEMENT")];
        let operations = [Operation::Insert, Operation::Update, Operation::Delete, Operation::Truncate];
        let mut words = Vec::new();
        for (timing, timing_word) in timings {
            for (level, level_word) in levels {
                let included: Vec<&str> = operations
                    .into_iter()
                    .filter(|operation| self.0 & Fired::when(timing, &[*operation], level).0 != 0)
                    .map(Operation::word)
                    .collect();
                if !included.is_empty() {
                    words.push(format!("{timing_word} {} FOR EACH {level_word}", included.join(" OR ")));
                }
            }
        }
        words.join(", ")
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const GUARD: Fired = Fired::when(Timing::Before, &[Operation::Update, Operation::Delete], Level::Row)
        .or(Fired::when(Timing::Before, &[Operation::Truncate], Level::Statement));

    #[test]
    fn an_event_is_included_by_operation_level_and_timing() {
        const DEFERRABLE: u32 = 0x20;
        let before_row = pg_sys::TRIGGER_EVENT_BEFORE | pg_sys::TRIGGER_EVENT_ROW;
        assert!(GUARD.includes(before_row | pg_sys::TRIGGER_EVENT_UPDATE));
        assert!(GUARD.includes(before_row | pg_sys::TRIGGER_EVENT_DELETE | DEFERRABLE));
        assert!(GUARD.includes(pg_sys::TRIGGER_EVENT_BEFORE | pg_sys::TRIGGER_EVENT_TRUNCATE));
        assert!(!GUARD.includes(before_row | pg_sys::TRIGGER_EVENT_INSERT), "another operation");
        assert!(!GUARD.includes(pg_sys::TRIGGER_EVENT_BEFORE | pg_sys::TRIGGER_EVENT_UPDATE), "another level");
        assert!(!GUARD.includes(pg_sys::TRIGGER_EVENT_ROW | pg_sys::TRIGGER_EVENT_UPDATE), "another time");
        assert!(
            !GUARD.includes(pg_sys::TRIGGER_EVENT_INSTEAD | pg_sys::TRIGGER_EVENT_ROW | pg_sys::TRIGGER_EVENT_UPDATE)
        );
    }

    #[test]
    fn it_is_told_as_create_trigger_says_it() {
        assert_eq!(GUARD.in_words(), "BEFORE UPDATE OR DELETE FOR EACH ROW, BEFORE TRUNCATE FOR EACH STATEMENT");
        let instead = Fired::when(Timing::InsteadOf, &[Operation::Insert], Level::Row);
        assert_eq!(instead.in_words(), "INSTEAD OF INSERT FOR EACH ROW");
    }
}
