//! The triggers and column defaults of the catalogue: finds the missing ones and makes them.

use audit_core::catalogue::{self, EventTrigger, RELATIONS, TrailRelation, TrailTrigger, TriggerState};

use crate::pg::{parameter, quote, spi};
use crate::storage::Storage;

#[derive(Clone, Copy)]
enum Guard {
    Trigger(&'static TrailTrigger),
    /// A column and the function that its default calls.
    Default(&'static str, &'static str),
}

/// A guard that is missing or in a wrong state.
pub struct Missing {
    pub table: String,
    guard: Guard,
}

impl Missing {
    /// The name of the trigger, or of the column that has no default.
    pub fn name(&self) -> &'static str {
        self.guard.name()
    }
}

impl Guard {
    fn name(self) -> &'static str {
        match self {
            Guard::Trigger(trigger) => trigger.name,
            Guard::Default(column, _) => column,
        }
    }

    /// The states of a trigger that are right; a default has none.
    fn states(self) -> &'static str {
        match self {
            Guard::Trigger(trigger) => trigger.state.admitted(),
            Guard::Default(..) => "",
        }
    }

    fn is_on_partitions(self) -> bool {
        matches!(self, Guard::Trigger(trigger) if trigger.is_on_partitions)
    }

    fn make(self, storage: &Storage, table: &str) {
        let table = ("table", storage.qualified(table));
        match self {
            Guard::Trigger(trigger) => {
                let values = [
                    table,
                    ("name", trigger.name.to_owned()),
                    ("fires", trigger.fires.to_owned()),
                    ("level", trigger.level.to_owned()),
                    ("function", trigger.function.to_owned()),
                    ("argument", trigger.argument.map_or_else(String::new, quote::literal)),
                ];
                spi::run(&storage.fill(include_str!("../../sql/guard/trigger.sql"), &values));
                if trigger.state == TriggerState::Always {
                    spi::run(&storage.fill(include_str!("../../sql/guard/trigger_always.sql"), &values));
                }
            }
            Guard::Default(column, function) => {
                let values = [table, ("column", column.to_owned()), ("function", function.to_owned())];
                spi::run(&storage.fill(include_str!("../../sql/guard/default.sql"), &values));
            }
        }
    }
}

/// All guards of the catalogue, each with the relation it is on.
fn all() -> Vec<(&'static TrailRelation, Guard)> {
    let of = |relation: &'static TrailRelation| {
        let defaults = relation.defaults.iter().map(|(column, function)| Guard::Default(column, function));
        defaults.chain(relation.triggers().map(Guard::Trigger)).map(move |guard| (relation, guard))
    };
    RELATIONS.iter().flat_map(of).collect()
}

pub fn missing(storage: &Storage) -> Vec<Missing> {
    let all = all();
    let parameters = [
        parameter::oid(storage.schema),
        parameter::texts(all.iter().map(|(relation, _)| relation.name)),
        parameter::texts(all.iter().map(|(_, guard)| guard.name())),
        parameter::texts(all.iter().map(|(_, guard)| guard.states())),
        parameter::texts(all.iter().map(|(_, guard)| if guard.is_on_partitions() { "true" } else { "false" })),
    ];
    let read = |row: spi::ResultRow| {
        let place = usize::try_from(row.int8(2)? - 1).ok()?;
        Some(Missing { table: row.text(1)?, guard: all.get(place)?.1 })
    };
    spi::rows_with(include_str!("../../sql/guard/missing_guards.sql"), &parameters, read)
        .into_iter()
        .flatten()
        .collect()
}

/// Makes those that are missing; the others are left as they are, without a lock.
pub fn put_in_place(storage: &Storage) {
    for guard in missing(storage) {
        guard.guard.make(storage, &guard.table);
    }
}

/// Makes the triggers that a new partition does not inherit.
pub fn put_on_partition(storage: &Storage, parent: &str, partition: &str) {
    let triggers = catalogue::relation(parent).into_iter().flat_map(TrailRelation::triggers);
    triggers
        .filter(|trigger| trigger.is_on_partitions)
        .for_each(|trigger| Guard::Trigger(trigger).make(storage, partition));
}

pub fn make_event_trigger(storage: &Storage, trigger: &EventTrigger) {
    let values = [
        ("name", trigger.name.to_owned()),
        ("event", trigger.event.to_owned()),
        ("comment", quote::literal(trigger.comment)),
    ];
    spi::run(&storage.fill(include_str!("../../sql/guard/event_trigger.sql"), &values));
}
