//! The deletion log and its lists, as records to be sorted.

use audit_evidence::deletion::{Entry, NotAnEntry, read_part};
use audit_evidence::hash::Hash;
use audit_evidence::verify::stored::{StoredEntry, entry_record, list_record};
use audit_evidence::verify::{Code, Finding, ListSum, Report};
use uuid::Uuid;

use super::arguments::Asked;
use crate::pg::cursor::Cursor;
use crate::pg::memory::Scratch;
use crate::pg::parameter;
use crate::pg::sorter::Sorter;
use crate::pg::spi::ResultRow;
use crate::seal::deletions::{columns, entry};
use crate::storage::Storage;

const AT_ONCE: u32 = 100;

/// An entry as it was read.
struct Read {
    id: Uuid,
    workspace: Uuid,
    list: Option<Uuid>,
    has_object: bool,
    content: Result<Entry, NotAnEntry>,
}

pub fn read(storage: &Storage, asked: &Asked, records: &mut Sorter, report: &mut Report) {
    let scratch = Scratch::new();
    let sql = storage.fill(include_str!("../../../sql/seal/verify_entries.sql"), &columns(storage));
    let entries = Cursor::open(&sql, &[parameter::uuid(asked.workspace)]);
    for read in entries.rows(AT_ONCE, |row| scratch.run(|| read_entry(&row))).flatten() {
        let Read { id, workspace, list, has_object, content } = read;
        let entry = match content {
            Ok(entry) => entry,
            Err(NotAnEntry(problem)) => {
                let detail = format!("entry {id} cannot be one: {problem}");
                report.add(Finding::new(Code::EntryAltered, detail).of(Some(workspace)));
                continue;
            }
        };
        let listed_under = entry.id();
        let list = list.and_then(|list| read_list(storage, list, workspace, listed_under, records));
        records.push(&entry_record(workspace, &StoredEntry { id, entry, list, has_object }));
    }
}

fn read_entry(row: &ResultRow) -> Option<Read> {
    Some(Read {
        id: row.uuid(1)?,
        workspace: row.uuid(2)?,
        list: row.uuid(3),
        has_object: row.bool(4)?,
        content: entry(row, 5),
    })
}

/// Puts each event of a list under the entry, and gives what the list comes to; nothing where there is none.
fn read_list(storage: &Storage, list: Uuid, workspace: Uuid, entry: Uuid, records: &mut Sorter) -> Option<ListSum> {
    let sql = storage.fill(include_str!("../../../sql/seal/verify_list.sql"), &[]);
    let parts = Cursor::open(&sql, &[parameter::uuid(list)]);
    let (mut digest, mut count, mut is_empty) = (Hash::over(), 0, true);
    for part in parts.rows(AT_ONCE, |row| row.bytes(1)).flatten() {
        is_empty = false;
        digest.add(&part);
        for listed in read_part(&part).unwrap_or_default() {
            count += 1;
            records.push(&list_record(workspace, &listed, entry));
        }
    }
    (!is_empty).then(|| ListSum { count, digest: digest.finish() })
}
