//! The DDL guard: three event triggers (ENABLE ALWAYS) refuse what would change, weaken or remove a part of the trail, also for its owner
//! and superusers. What they allow is recorded. Commands that touch no part of the trail cost a few catalog look-ups.
//!
//! `audit_ddl_command_start` checks the parse tree before a command runs. DROP SCHEMA … CASCADE, DROP OWNED and DROP EXTENSION … CASCADE
//! must be refused here, because they drop the event triggers themselves.
//!
//! `audit_ddl_command_end` checks again after the command. Before it, names are looked up without a lock; while the command waits for its
//! own lock, a name may come to mean a table of the trail. Afterwards the object is locked.
//!
//! `audit_sql_drop` compares what was dropped with the names of the trail, whatever the command.
//!
//! The guard ignores what the extension's own maintenance runs (`pg/internal_ddl`), the extension's install and upgrade scripts, and
//! pg_upgrade. A restore is not affected, because pg_dump makes event triggers last. PostgreSQL fires no event triggers for commands on
//! event triggers and for REASSIGN OWNED, and none if a superuser turns them off; `health` finds the consequences.

pub mod health;
mod record;
pub mod trail;

use std::cell::RefCell;
use std::mem::ManuallyDrop;

use audit_core::catalogue::{self, DDL_GUARD, MEMBERSHIP_TRIGGER};
use audit_core::ddl::command::{Action, Ingredient};
use audit_core::ddl::decide::decide;
use audit_core::ddl::reason::{GuardWarning, Reason, Refused};
use audit_core::ddl::subject::Subject;
use audit_core::ddl::verdict::Verdict;
use pgrx::pg_sys::{TEXTARRAYOID, TEXTOID};

use self::record::AllowedCommand;
use self::trail::Trail;
use crate::access;
use crate::error::Error;
use crate::guard::triggers;
use crate::pg::call::{Answer, Call};
use crate::pg::event_trigger::EventTrigger;
use crate::pg::guc::LocalSettings;
use crate::pg::role::Acting;
use crate::pg::spi::PreparedStatement;
use crate::pg::statement::{Object, Statement, Touch};
use crate::pg::{array, catalog, datum, extension, internal_ddl, parameter, raise, role, spi};
use crate::storage::Storage;

/// What is known before a command and lost after it.
#[derive(Default)]
struct Before {
    statement: usize,
    /// What to record about objects that will not be found by their names afterwards.
    records: Vec<AllowedCommand>,
    /// What a CREATE INDEX or CREATE STATISTICS asks for.
    making: Option<Action>,
    /// For a command that renames: the number of tables and views that are present.
    present: usize,
}

thread_local! {
    static BEFORE: RefCell<Before> = RefCell::default();
    static DROPPED_QUERY: RefCell<Option<ManuallyDrop<PreparedStatement>>> = const { RefCell::new(None) };
}

/// The decisions about all that a command touches.
#[derive(Default)]
struct Decisions {
    records: Vec<AllowedCommand>,
    takes_back: bool,
    warns: bool,
}

fn is_exempt() -> bool {
    internal_ddl::is_running() || extension::is_being_installed()
}

/// `audit_ddl_command_start()`, for every DDL command before it runs.
pub fn command_start(call: &Call) -> Result<Answer, Error> {
    let Some(trail) = Trail::of(call.function()).filter(|_| !is_exempt()) else { return Ok(Answer::Nothing) };
    let trigger = EventTrigger::of(call)?;
    let statement = trigger.statement();
    let decisions = decide_all(&trail, trigger.tag(), &statement.touches().unwrap_or_default())?;
    if decisions.warns {
        raise::warn(&GuardWarning::GuardsDropped);
    }
    if statement.drops() || statement.makes() || statement.renames() || statement.publishes() {
        BEFORE.set(Before {
            statement: statement.identity(),
            records: decisions.records,
            making: statement.making(),
            present: if statement.renames() { trail.present().count() } else { 0 },
        });
    }
    Ok(Answer::Nothing)
}

/// `audit_ddl_command_end()`, for every DDL command that has run.
pub fn command_end(call: &Call) -> Result<Answer, Error> {
    let Some(trail) = Trail::of(call.function()).filter(|_| !is_exempt()) else { return Ok(Answer::Nothing) };
    let trigger = EventTrigger::of(call)?;
    let (statement, tag) = (trigger.statement(), trigger.tag());
    let decisions = if statement.drops() {
        // Its names may mean something else by now; audit_sql_drop has seen what was dropped.
        Decisions { records: before(statement).records, ..Decisions::default() }
    } else if statement.renames() {
        let before = before(statement);
        refuse_if_missing(&trail, tag, before.present)?;
        Decisions { records: before.records, ..Decisions::default() }
    } else if statement.makes() {
        let records = decide_all(&trail, tag, &making(statement))?.records;
        Decisions { records: made(tag, records)?, ..Decisions::default() }
    } else if statement.publishes() {
        let published = before(statement).records;
        let publishes = decide_all(&trail, tag, &touches_afterwards(statement))?.records;
        Decisions { records: if publishes.is_empty() { published } else { publishes }, ..Decisions::default() }
    } else {
        decide_all(&trail, tag, &touches_afterwards(statement))?
    };
    if decisions.takes_back {
        take_back(call);
    }
    if !decisions.records.is_empty() {
        let storage = Storage::of(call)?;
        for record in &decisions.records {
            record.write(&storage, tag)?;
        }
    }
    Ok(Answer::Nothing)
}

/// `audit_sql_drop()`, for every command that dropped something: refuses it if a part of the trail was dropped.
pub fn sql_drop(call: &Call) -> Result<Answer, Error> {
    let Some(trail) = Trail::of(call.function()).filter(|_| !is_exempt()) else { return Ok(Answer::Nothing) };
    let tag = EventTrigger::of(call)?.tag();
    let Some(schema) = catalog::schema_name(trail.schema) else { return Ok(Answer::Nothing) };
    let names: Vec<Option<&str>> = catalogue::names().into_iter().chain(catalogue::indexes()).map(Some).collect();
    let text = |text: &str| Some(datum::from_text(text.as_bytes()));
    let pattern = catalogue::partition_pattern();
    let of_cluster = trail::of_cluster().iter().map(|name| Some(*name));
    let arguments = [
        text(&schema),
        Some(array::from_texts(names)),
        text(&pattern),
        text(MEMBERSHIP_TRIGGER),
        Some(array::from_texts(of_cluster)),
    ];
    let lost = DROPPED_QUERY.with_borrow_mut(|query| {
        query
            .get_or_insert_with(|| {
                ManuallyDrop::new(PreparedStatement::prepare(
                    include_str!("../../../sql/guard/dropped.sql"),
                    &[TEXTOID, TEXTARRAYOID, TEXTOID, TEXTOID, TEXTARRAYOID],
                ))
            })
            .run(&arguments, |outcome| outcome.column(1).map(datum::read_text))
    });
    match lost {
        None => Ok(Answer::Nothing),
        Some(object) => {
            let what = format!("{object} belongs to the audit trail");
            Err(Refused { command: tag, what, reason: Reason::Drop }.into())
        }
    }
}

fn decide_all(trail: &Trail, tag: &'static str, touches: &[Touch]) -> Result<Decisions, Refused> {
    let mut decisions = Decisions::default();
    for Touch { object, action } in touches {
        let Some(subject) = trail.subject(object) else { continue };
        match decide(&subject, action, role::is_superuser()) {
            Verdict::Pass => {}
            Verdict::Record(event) => decisions.records.push(AllowedCommand { event, subject, action: action.clone() }),
            Verdict::TakeBack => decisions.takes_back = true,
            Verdict::Warn => decisions.warns = true,
            Verdict::Refuse(why) => return Err(refused(tag, subject, why)),
        }
    }
    Ok(decisions)
}

fn refused(command: &'static str, subject: Subject, reason: Reason) -> Refused {
    Refused { command, what: subject.in_words(), reason }
}

/// What the statement touched, with its names resolved again; for a statement that is not searched, what it altered.
fn touches_afterwards(statement: Statement) -> Vec<Touch> {
    if let Some(touches) = statement.touches() {
        return touches;
    }
    let Some(action) = statement.does_to_all() else { return Vec::new() };
    let read = |row: spi::ResultRow| {
        let object = row.oid(1)?;
        let object = if row.bool(2)? { Object::Relation(object) } else { Object::Function(object) };
        Some(Touch { object, action: action.clone() })
    };
    spi::rows(include_str!("../../../sql/guard/altered.sql"), read).into_iter().flatten().collect()
}

/// Refuses the renaming of a table of the trail: then one relation less is present than before.
fn refuse_if_missing(trail: &Trail, tag: &'static str, before: usize) -> Result<(), Refused> {
    match trail.present().count() < before {
        true => Err(Refused { command: tag, what: "this belongs to the audit trail".to_owned(), reason: Reason::Name }),
        false => Ok(()),
    }
}

/// CREATE INDEX or CREATE STATISTICS, with the table that its name stands for now and what it said before it ran.
fn making(statement: Statement) -> Vec<Touch> {
    let unknown = || Action::CreateStatistics(vec![Ingredient::Other]);
    let action = before(statement).making.unwrap_or_else(unknown);
    let touches = statement.touches().unwrap_or_default();
    touches.into_iter().map(|touch| Touch { action: action.clone(), ..touch }).collect()
}

/// Whether the command made something, and of what; nothing when there was one of this name.
fn made(tag: &'static str, records: Vec<AllowedCommand>) -> Result<Vec<AllowedCommand>, Refused> {
    if records.is_empty() {
        return Ok(records);
    }
    let uses_foreign_code = spi::rows(include_str!("../../../sql/guard/made.sql"), |row| row.bool(1));
    match (uses_foreign_code.first(), records.first()) {
        (None, _) => Ok(Vec::new()),
        (Some(Some(true)), Some(record)) => Err(refused(tag, record.subject.clone(), Reason::ForeignOperator)),
        _ => Ok(records),
    }
}

/// What GRANT … ON ALL … IN SCHEMA gave on the trail beyond the access levels. It must not fail for the sake of the other tables,
/// though there may be no trail: event triggers can have come from a dump without its tables.
fn take_back(call: &Call) {
    let Ok(storage) = Storage::of(call) else { return };
    let _owner = Acting::as_owner(storage.owner);
    if access::apply(&storage) > 0 {
        raise::warn(&GuardWarning::RightsTakenBack);
    }
}

/// What was remembered of this very statement.
fn before(statement: Statement) -> Before {
    let before = BEFORE.take();
    if before.statement == statement.identity() { before } else { Before::default() }
}

/// The event triggers, made anew unless they are just as they should be; called by audit_setup().
pub fn put_in_place(storage: &Storage) {
    let parameters = [
        parameter::oid(storage.schema),
        parameter::texts(DDL_GUARD.iter().map(|trigger| trigger.name)),
        parameter::texts(DDL_GUARD.iter().map(|trigger| trigger.event)),
    ];
    let in_place = include_str!("../../../sql/guard/event_triggers_in_place.sql");
    if spi::rows_with(in_place, &parameters, |_| ()).len() == DDL_GUARD.len() {
        return;
    }
    let settings = LocalSettings::new();
    settings.set(c"client_min_messages", c"warning");
    for trigger in &DDL_GUARD {
        spi::run(&format!("DROP EVENT TRIGGER IF EXISTS {}", trigger.name));
        triggers::make_event_trigger(storage, trigger);
    }
}
