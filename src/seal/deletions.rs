//! The deletions of a workspace as a verifier sees them: entries of the deletion log, and the lists of what they took.

use std::rc::Rc;

use audit_evidence::deletion::{COLUMNS, Entry, LATER_COLUMNS, Listed, NotAnEntry, Operation, Value, read_part};
use audit_evidence::hash::{Hash, hex};
use audit_evidence::lists::{PartIndex, PartRange};
use pgrx::pg_sys::{BOOLOID, BYTEAOID, INT4OID, INT8OID, TEXTARRAYOID, UUIDOID};
use uuid::Uuid;

use super::log::prepared;
use crate::cached::Cached;
use crate::pg::datum::{Datum, from_int4, from_uuid, read_bool, read_bytes, read_int8};
use crate::pg::spi::{PreparedStatement, ResultRow};
use crate::pg::{array, printed};
use crate::storage::Storage;

/// An entry as it is stored.
pub struct StoredDeletion {
    pub entry: Entry,
    pub list: Option<Uuid>,
    /// Of a release to cold storage: whether an object there holds its events.
    pub has_object: bool,
}

struct Statements {
    deletions: PreparedStatement,
    list_parts: PreparedStatement,
    vouching: PreparedStatement,
}

thread_local! {
    static STATEMENTS: Cached<Statements> = const { Cached::nothing() };
}

fn statements(storage: &Storage) -> Rc<Statements> {
    storage.known_or(&STATEMENTS, || Statements {
        deletions: PreparedStatement::prepare(
            &storage.fill(include_str!("../../sql/seal/deletions.sql"), &columns(storage)),
            &[UUIDOID],
        ),
        list_parts: prepared!(storage, "list_parts", &[UUIDOID, INT4OID]),
        vouching: prepared!(storage, "vouching", &[UUIDOID, UUIDOID, TEXTARRAYOID]),
    })
}

/// What the id of an entry is made of.
fn names() -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().chain(LATER_COLUMNS)
}

/// The same as a statement lists it, and the question whether an object in cold storage holds an entry's events.
pub fn columns(storage: &Storage) -> [(&'static str, String); 2] {
    let object = storage.fill(include_str!("../../sql/seal/cold_object.sql"), &[]);
    [("columns", names().collect::<Vec<_>>().join(", ")), ("object", object)]
}

/// The entry in a row that has [`columns`] from this one on, numbered from 1.
pub fn entry(row: &ResultRow, first: i32) -> Result<Entry, NotAnEntry> {
    let value =
        |(place, name): (usize, &str)| (name.to_owned(), row.column(first + place as i32).map_or(Value::Null, value));
    Entry::new(names().enumerate().map(value))
}

fn value(value: Datum) -> Value {
    match value.kind() {
        BOOLOID => Value::Bool(read_bool(value)),
        INT8OID => Value::Count(read_int8(value)),
        BYTEAOID => Value::Text(hex(read_bytes(value))),
        _ => Value::Text(printed::text(value)),
    }
}

/// The entries of a workspace that took something, oldest first. One that is no entry at all is left out; the event that names it tells.
pub fn of_workspace(storage: &Storage, workspace: Uuid) -> Vec<StoredDeletion> {
    let read = |row: ResultRow| {
        Some(StoredDeletion { entry: entry(&row, 3).ok()?, list: row.uuid(1), has_object: row.bool(2)? })
    };
    let all = statements(storage).deletions.read(&[Some(from_uuid(&workspace))], read);
    let took = |deletion: &StoredDeletion| deletion.entry.operation() != Some(Operation::Move);
    all.into_iter().flatten().filter(took).collect()
}

/// Visits the parts of a list in their order.
fn each_part(storage: &Storage, list: Uuid, mut visit: impl FnMut(i32, Vec<u8>)) {
    let mut next = 0;
    loop {
        let arguments = [Some(from_uuid(&list)), Some(from_int4(next))];
        let parts = statements(storage).list_parts.read(&arguments, |row| Some((row.int4(1)?, row.bytes(2)?)));
        let Some(Some((last, _))) = parts.last() else { return };
        next = last.saturating_add(1);
        parts.into_iter().flatten().for_each(|(part, entries)| visit(part, entries));
    }
}

/// The events of a list, a few parts at a time.
pub fn events(storage: &Storage, list: Uuid) -> impl Iterator<Item = Listed> {
    let mut next = Some(0);
    let parts = std::iter::from_fn(move || {
        let arguments = [Some(from_uuid(&list)), Some(from_int4(next?))];
        let parts = statements(storage).list_parts.read(&arguments, |row| Some((row.int4(1)?, row.bytes(2)?)));
        next = parts.iter().flatten().last().map(|(last, _)| last.saturating_add(1));
        (!parts.is_empty()).then_some(parts)
    });
    parts.flatten().flatten().flat_map(|(_, part)| read_part(&part).unwrap_or_default())
}

/// All parts of a list.
pub fn parts(storage: &Storage, list: Uuid) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    each_part(storage, list, |_, entries| parts.push(entries));
    parts
}

/// The events of the workspace that say that this deletion was done, sealed or not.
pub fn vouching(storage: &Storage, workspace: Uuid, entry: &Entry) -> Vec<Uuid> {
    let Some(action) = entry.operation().and_then(Operation::action) else { return Vec::new() };
    let arguments =
        [Some(from_uuid(&workspace)), Some(from_uuid(&entry.id())), Some(array::from_texts([Some(action)]))];
    statements(storage).vouching.read(&arguments, |row| row.uuid(1)).into_iter().flatten().collect()
}

/// Finds the deletion that took an event. Of the lists it holds no more than where each part is.
pub struct Covering {
    storage: Rc<Storage>,
    /// Those that have a list: the id that their content makes, what they did, the list.
    entries: Vec<(Uuid, Operation, Uuid)>,
    index: PartIndex<(usize, i32)>,
    /// Parts that were looked into last.
    recent: Vec<((usize, i32), Vec<Listed>)>,
}

/// So many parts are kept: neighbours in a log are neighbours in a list.
const RECENT: usize = 8;

impl Covering {
    pub fn of(storage: &Rc<Storage>, workspace: Uuid) -> Covering {
        // What was released and is in no object covers nothing.
        let covers = |deletion: &StoredDeletion| {
            deletion.has_object || deletion.entry.operation() != Some(Operation::ColdRelease)
        };
        let entry = |deletion: StoredDeletion| Some((deletion.entry.id(), deletion.entry.operation()?, deletion.list?));
        let entries: Vec<_> = of_workspace(storage, workspace).into_iter().filter(covers).filter_map(entry).collect();
        let mut ranges = Vec::new();
        for (number, (_, _, list)) in entries.iter().enumerate() {
            each_part(storage, *list, |part, bytes| {
                ranges.extend(read_part(&bytes).and_then(|events| PartRange::of((number, part), &events)));
            });
        }
        Covering { storage: Rc::clone(storage), entries, index: PartIndex::new(ranges), recent: Vec::new() }
    }

    /// The entry of such a deletion that names the event with this leaf; of several, one of the first operation.
    pub fn find(&mut self, id: Uuid, leaf: Hash, operations: &[Operation]) -> Option<Uuid> {
        let candidates: Vec<(usize, i32)> = self.index.candidates(id).collect();
        operations.iter().find_map(|wanted| {
            candidates.iter().find_map(|(number, part)| {
                let (entry, operation, _) = self.entries[*number];
                let names = |listed: &Listed| listed.id == id && listed.leaf == Some(leaf);
                (*wanted == operation && self.part(*number, *part).iter().any(names)).then_some(entry)
            })
        })
    }

    fn part(&mut self, number: usize, part: i32) -> &[Listed] {
        let known = self.recent.iter().position(|(of, _)| *of == (number, part));
        let place = known.unwrap_or_else(|| {
            let arguments = [Some(from_uuid(&self.entries[number].2)), Some(from_int4(part))];
            let bytes = statements(&self.storage).list_parts.read_first(&arguments, |row| row.bytes(2));
            if self.recent.len() == RECENT {
                self.recent.remove(0);
            }
            self.recent.push(((number, part), bytes.and_then(|bytes| read_part(&bytes)).unwrap_or_default()));
            self.recent.len() - 1
        });
        &self.recent[place].1
    }
}
