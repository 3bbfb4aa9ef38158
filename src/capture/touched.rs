//! Finds the tracked tables that a command has to do with. It reads the catalogs without SQL, so that commands on other tables cost next to
//! nothing, however many tables are tracked.

use std::cell::RefCell;
use std::ffi::CString;
use std::mem::ManuallyDrop;

use audit_core::catalogue::{self, TRACKING, TRACKING_INDEX};
use pgrx::pg_sys::{Oid, RelationRelationId, TriggerRelationId};

use super::sync;
use crate::pg::call::Call;
use crate::pg::event_trigger::EventTrigger;
use crate::pg::relation::{self, RelationKind};
use crate::pg::scan::{self, ScanKey};
use crate::pg::spi::{PreparedStatement, ResultRow};
use crate::pg::{callbacks, catalog};

/// Commands that can alter a table, its triggers or its place in a tree.
const FOLLOWED: [&str; 7] = [
    "ALTER TABLE",
    "CREATE TABLE",
    "CREATE SCHEMA",
    "CREATE TRIGGER",
    "ALTER TRIGGER",
    "ALTER TYPE",
    // It renames tables too.
    "ALTER INDEX",
];

/// A table that is captured, or has captured ones above or below it.
pub struct Touched {
    pub table: Oid,
    pub command: String,
    /// What the command did it to: the table, a column, a trigger.
    pub object: String,
    /// Parts that went although the command named something else.
    pub dropped: Vec<String>,
    /// The trackings concerned.
    pub trackings: Vec<String>,
}

/// A table that lost parts.
pub struct Loss {
    pub table: Oid,
    /// What was dropped, as Postgres calls it.
    pub parts: Vec<String>,
}

/// Something that was dropped.
struct Gone {
    kind: String,
    schema: String,
    table: String,
    part: String,
    identity: String,
    for_its_own_sake: bool,
}

/// What a command took away.
#[derive(Default)]
pub struct Drops {
    /// Tables by schema and name that were dropped.
    pub tables: Vec<(String, String)>,
    /// Tables by schema and name that lost a capture trigger, dropped ones among them.
    pub uncaptured: Vec<(String, String)>,
    pub losses: Vec<Loss>,
}

/// What was lost to the command whose parse tree this is, for the end of that command.
struct Noted {
    statement: usize,
    /// After a rollback the tree may be another's.
    as_of: u64,
    losses: Vec<Loss>,
}

thread_local! {
    static TOUCHED_QUERY: RefCell<Option<ManuallyDrop<PreparedStatement>>> = const { RefCell::new(None) };
    static GONE_QUERY: RefCell<Option<ManuallyDrop<PreparedStatement>>> = const { RefCell::new(None) };
    static NOTED: RefCell<Vec<Noted>> = const { RefCell::new(Vec::new()) };
}

fn ask<T>(
    query: &'static std::thread::LocalKey<RefCell<Option<ManuallyDrop<PreparedStatement>>>>,
    sql: &str,
    read: impl FnMut(ResultRow) -> T,
) -> Vec<T> {
    query.with_borrow_mut(|query| {
        query.get_or_insert_with(|| ManuallyDrop::new(PreparedStatement::prepare(sql, &[]))).rows(&[], read)
    })
}

/// Called at the end of a command: all that it did to tables which have to do with tracked ones.
pub fn by(command: &EventTrigger, call: &Call) -> Vec<Touched> {
    let losses = take_notes(command.statement().identity());
    let is_followed = FOLLOWED.contains(&command.tag()) && command.statement().may_touch_a_tree();
    if losses.is_empty() && !is_followed {
        return Vec::new();
    }
    let Some(capture) = capture_function(call) else { return Vec::new() };
    let concerned = |table, command: &str, object: String, dropped| {
        let trackings = trackings_near(table, capture);
        (!trackings.is_empty()).then(|| Touched { table, command: command.to_owned(), object, dropped, trackings })
    };
    let mut touched = Vec::new();
    if is_followed {
        for (table, tag, object) in tables_of_command() {
            touched.extend(concerned(table, &tag, object, Vec::new()));
        }
    }
    let lost: Vec<Oid> = losses.iter().map(|loss| loss.table).collect();
    for Loss { table, parts } in losses {
        // What a table and its parts lost together is told of the table.
        let is_told = touched.iter().any(|other: &Touched| other.table == table)
            || above(table).iter().any(|parent| lost.contains(parent) || touched.iter().any(|t| t.table == *parent));
        if !is_told {
            let object = relation::qualified_name(table).unwrap_or_default();
            touched.extend(concerned(table, command.tag(), object, parts));
        }
    }
    touched
}

/// The tables that the running command made or altered, with its tag and what it says it did it to.
fn tables_of_command() -> Vec<(Oid, String, String)> {
    let read = |row: ResultRow| {
        let (class, object) = (row.oid(1)?, row.oid(2)?);
        let tables = if class == TriggerRelationId {
            scan::table_of_trigger(object).into_iter().collect()
        } else if class != RelationRelationId {
            return None;
        } else if relation::is_composite_type(object) {
            scan::typed_tables(object)
        } else {
            vec![object]
        };
        Some((tables, row.text(3)?, row.text(4)?))
    };
    let commands = ask(&TOUCHED_QUERY, include_str!("../../sql/capture/touched.sql"), read);
    let each = |(tables, tag, object): (Vec<Oid>, String, String)| {
        tables.into_iter().map(move |table| (table, tag.clone(), object.clone()))
    };
    commands.into_iter().flatten().flat_map(each).collect()
}

/// Called when a command has dropped something.
pub fn drops() -> Drops {
    let read = |row: ResultRow| {
        Some(Gone {
            kind: row.text(1)?,
            schema: row.text(2)?,
            table: row.text(3)?,
            part: row.text(4).unwrap_or_default(),
            identity: row.text(5)?,
            for_its_own_sake: row.bool(6)?,
        })
    };
    let mut drops = Drops::default();
    for gone in ask(&GONE_QUERY, include_str!("../../sql/capture/gone.sql"), read).into_iter().flatten() {
        drops.add(gone);
    }
    drops.losses.iter_mut().for_each(|loss| loss.parts.sort_unstable());
    drops
}

impl Drops {
    fn add(&mut self, gone: Gone) {
        let place = (gone.schema, gone.table);
        match gone.kind.as_str() {
            "table" => self.tables.push(place),
            "trigger" if sync::is_name_of_ours(&gone.part) => self.uncaptured.push(place),
            // The triggers of foreign keys go with these.
            "trigger" if !gone.for_its_own_sake => {}
            _ => {
                if let Some(table) = relation::find_qualified(&place.0, &place.1) {
                    let part = format!("{} {}", gone.kind, gone.identity);
                    match self.losses.iter_mut().find(|loss| loss.table == table) {
                        Some(loss) => loss.parts.push(part),
                        None => self.losses.push(Loss { table, parts: vec![part] }),
                    }
                }
            }
        }
    }
}

/// Keeps what was lost for the end of the command.
pub fn note(statement: usize, losses: Vec<Loss>) {
    let as_of = callbacks::rollback_generation();
    NOTED.with_borrow_mut(|noted| {
        noted.retain(|note| note.as_of == as_of && note.statement != statement);
        if !losses.is_empty() {
            noted.push(Noted { statement, as_of, losses });
        }
    });
}

fn take_notes(statement: usize) -> Vec<Loss> {
    let as_of = callbacks::rollback_generation();
    NOTED.with_borrow_mut(|noted| {
        noted.retain(|note| note.as_of == as_of);
        let place = noted.iter().position(|note| note.statement == statement);
        place.map(|place| noted.swap_remove(place).losses).unwrap_or_default()
    })
}

/// `audit_capture_changes` of the schema that the function being called is in.
fn capture_function(call: &Call) -> Option<Oid> {
    let (schema, _) = relation::schema_of_function(call.function())?;
    catalog::function_named(schema, catalogue::CAPTURE_CHANGES)
}

/// The trackings whose triggers are on a table, above or below it.
fn trackings_near(table: Oid, capture: Oid) -> Vec<String> {
    if relation::kind(table) == RelationKind::Other {
        return Vec::new();
    }
    let mut near = above(table);
    near.push(table);
    if relation::may_have_descendants(table) {
        near.append(&mut relation::descendants(table));
    }
    let mut trackings: Vec<String> = near.into_iter().flat_map(|table| trackings_on(table, capture)).collect();
    trackings.sort_unstable();
    trackings.dedup();
    trackings
}

fn trackings_on(table: Oid, capture: Oid) -> Vec<String> {
    if !relation::may_have_triggers(table) {
        return Vec::new();
    }
    scan::triggers_on(table, |function, arguments| {
        // Whoever made the trigger: one that is not of ours is to be taken away.
        let id = arguments.split(|byte| *byte == 0).next().unwrap_or_default();
        (function == capture).then(|| String::from_utf8_lossy(id).into_owned())
    })
}

/// Everything above a table in its tree of partitions or children.
fn above(table: Oid) -> Vec<Oid> {
    let mut found = Vec::new();
    let mut next = scan::parents(table);
    while let Some(parent) = next.pop() {
        if !found.contains(&parent) {
            found.push(parent);
            next.append(&mut scan::parents(parent));
        }
    }
    found
}

/// Whether a table of this name is tracked.
pub fn is_tracked(trail: Oid, schema: &str, table: &str) -> bool {
    const SCHEMA: u32 = 2;
    const TABLE: u32 = 3;
    let names = CString::new(schema).ok().zip(CString::new(table).ok());
    let tracking = relation::find(trail, TRACKING).zip(relation::find(trail, TRACKING_INDEX));
    let Some(((schema, table), (tracking, index))) = names.zip(tracking) else { return false };
    !scan::rows(tracking, index, &[ScanKey::Name(SCHEMA, &schema), ScanKey::Name(TABLE, &table)], |_| Some(()))
        .is_empty()
}
