//! Capture: changes of application tables become events by themselves.
//!
//! What is guaranteed: every row that a statement inserts, updates or deletes in a tracked table is one event, in the statement's own
//! transaction, whatever the path (COPY, MERGE, ON CONFLICT, cascades, partitions); TRUNCATE is one. An UPDATE that changes
//! nothing that is recorded is none. If the event cannot be stored, the statement fails: there is no silent gap. A write
//! never fails for what it writes ([`values`]).
//!
//! Who runs what: rows are converted as the user who changes them, so a type's own functions never run with the trail's rights;
//! only the finished event is stored as the owner of the trail.
//!
//! From the inside out: `values` makes jsonb of values, `plan` knows a table's columns and key, `record` makes the
//! event, `trigger` meets the statement; `track` turns capture on and off, `sync`
//! puts the triggers that a table's shape needs, `touched` finds the tables that a command has to do with, `ddl` follows them through ALTER and DROP, `health` tells what is amiss.

pub mod ddl;
pub mod error;
pub mod health;
mod plan;
mod record;
mod replaced;
mod sync;
mod touched;
pub mod track;
pub mod trigger;
mod values;
