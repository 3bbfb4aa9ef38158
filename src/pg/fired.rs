//! When a trigger fires: for which operations, at which level, before or after them.

use pgrx::pg_sys;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    Insert,
    Update,
    Delete,
    Truncate,
}

impl Operation {
    pub fn word(self) -> &'static str {
        match self {
            Operation::Insert => "INSERT",
            Operation::Update => "UPDATE",
            Operation::Delete => "DELETE",
            Operation::Truncate => "TRUNCATE",
        }
    }
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
    pub fn in_words(self) -> String {
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
