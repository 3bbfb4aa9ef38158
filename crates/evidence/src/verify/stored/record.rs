//! What is sorted: places of logs, rows and lines of deletions' lists, as byte strings that bring together what belongs to one event.
//!
//! Of a workspace the entries of its deletion log come first, then the events by their ids.

use uuid::Uuid;

use crate::deletion::{Entry, Listed};
use crate::hash::Hash;
use crate::verify::{ListSum, Marks};
use crate::window::Time;

const ENTRIES: u8 = 0;
const EVENTS: u8 = 1;

const LISTED: u8 = 0;
const PLACE: u8 = 1;
const ROW: u8 = 2;
const ENTRY: u8 = 3;
const VOUCHES: u8 = 4;

/// An entry of the deletion log with what its list came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// The id it is stored under.
    pub id: Uuid,
    pub entry: Entry,
    pub list: Option<ListSum>,
    /// Of a release to cold storage: whether an object there holds its events.
    pub has_object: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedRecord {
    pub entry: Uuid,
    pub leaf: Option<Hash>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceRecord {
    pub index: u64,
    pub leaf: Hash,
    /// The size of the log before the seal that holds it.
    pub seal_start: u64,
    pub sealed_at: Option<Time>,
}

/// The columns that name an entry, of an event with an action that vouches for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    pub action_type: Option<String>,
    pub resource_type: Option<String>,
    pub resource_id: Option<String>,
}

/// A row of either table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowRecord {
    /// The leaf that its columns and its key make, and whether it is that of an erased event; or why they make none.
    pub leaf: Result<(Hash, bool), String>,
    pub marks: Marks,
    /// Whether the last seal had to take it; `None` if it has no key or no number.
    pub is_expected: Option<bool>,
    /// If the server gave the time.
    pub recorded_at: Option<Time>,
    pub voucher: Option<Voucher>,
}

/// A record, as it comes out of the sorting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    Entry(Box<StoredEntry>),
    /// There is an event that vouches for an entry.
    Vouches,
    Listed(ListedRecord),
    Place(PlaceRecord),
    Row(Box<RowRecord>),
}

fn header(workspace: Uuid, phase: u8, id: Uuid, kind: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    bytes.extend_from_slice(workspace.as_bytes());
    bytes.push(phase);
    bytes.extend_from_slice(id.as_bytes());
    bytes.push(kind);
    bytes
}

const HEADER: usize = 16 + 1 + 16 + 1;

/// An entry, of the workspace in it.
pub fn entry_record(workspace: Uuid, stored: &StoredEntry) -> Vec<u8> {
    let mut bytes = header(workspace, ENTRIES, stored.id, ENTRY);
    bytes.push(u8::from(stored.has_object));
    put_number(&mut bytes, stored.list.map_or(-1, |list| list.count));
    bytes.extend_from_slice(&stored.list.map_or([0; 32], |list| list.digest.0));
    bytes.extend_from_slice(stored.entry.canonical().as_bytes());
    bytes
}

pub fn list_record(workspace: Uuid, listed: &Listed, entry: Uuid) -> Vec<u8> {
    let mut bytes = header(workspace, EVENTS, listed.id, LISTED);
    bytes.extend_from_slice(entry.as_bytes());
    bytes.extend_from_slice(&listed.leaf.map_or([0; 32], |leaf| leaf.0));
    bytes
}

pub fn place_record(workspace: Uuid, id: Uuid, place: &PlaceRecord) -> Vec<u8> {
    let mut bytes = header(workspace, EVENTS, id, PLACE);
    put_number(&mut bytes, place.index as i64);
    bytes.extend_from_slice(&place.leaf.0);
    put_number(&mut bytes, place.seal_start as i64);
    put_number(&mut bytes, place.sealed_at.unwrap_or(Time::MAX));
    bytes
}

pub fn row_record(workspace: Uuid, id: Uuid, row: &RowRecord) -> Vec<u8> {
    let mut bytes = header(workspace, EVENTS, id, ROW);
    match &row.leaf {
        Ok((leaf, is_erased)) => {
            bytes.push(u8::from(*is_erased));
            bytes.extend_from_slice(&leaf.0);
        }
        Err(problem) => {
            bytes.push(2);
            put_text(&mut bytes, Some(problem));
        }
    }
    bytes.push(row.is_expected.map_or(2, u8::from));
    put_number(&mut bytes, row.recorded_at.unwrap_or(Time::MAX));
    match &row.marks {
        Marks::Some { deleted_at, deleted_by_user_id, deletion_reason } => {
            bytes.push(1);
            [deleted_at, deleted_by_user_id, deletion_reason]
                .into_iter()
                .for_each(|text| put_text(&mut bytes, text.as_deref()));
        }
        _ => bytes.push(0),
    }
    match &row.voucher {
        Some(Voucher { action_type, resource_type, resource_id }) => {
            bytes.push(1);
            [action_type, resource_type, resource_id]
                .into_iter()
                .for_each(|text| put_text(&mut bytes, text.as_deref()));
        }
        None => bytes.push(0),
    }
    bytes
}

/// Says that a row of the workspace vouches for an entry, so that its events are looked through for it first.
pub fn vouches_record(workspace: Uuid, id: Uuid) -> Vec<u8> {
    header(workspace, ENTRIES, id, VOUCHES)
}

fn put_number(bytes: &mut Vec<u8>, number: i64) {
    bytes.extend_from_slice(&number.to_be_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: Option<&str>) {
    put_number(bytes, text.map_or(-1, |text| text.len() as i64));
    bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
}

/// The workspace, whether it is of the entries, and the id.
pub fn key(bytes: &[u8]) -> Option<(Uuid, bool, Uuid)> {
    let (workspace, rest) = bytes.split_at_checked(16)?;
    let (phase, rest) = rest.split_first()?;
    let id = rest.get(..16)?;
    Some((Uuid::from_slice(workspace).ok()?, *phase == ENTRIES, Uuid::from_slice(id).ok()?))
}

/// Reads what the functions above wrote.
pub fn read(bytes: &[u8]) -> Option<Record> {
    let mut rest = Reader(bytes.get(HEADER..)?);
    Some(match *bytes.get(HEADER - 1)? {
        ENTRY => {
            let id = Uuid::from_slice(&bytes[17..33]).ok()?;
            let has_object = rest.byte()? == 1;
            let (count, digest) = (rest.number()?, rest.hash()?);
            let list = (count >= 0).then_some(ListSum { count, digest });
            let entry = Entry::parse(std::str::from_utf8(rest.0).ok()?).ok()?;
            Record::Entry(Box::new(StoredEntry { id, entry, list, has_object }))
        }
        VOUCHES => Record::Vouches,
        LISTED => {
            let entry = Uuid::from_slice(rest.take(16)?).ok()?;
            Record::Listed(ListedRecord { entry, leaf: rest.hash().filter(|leaf| leaf.0 != [0; 32]) })
        }
        PLACE => Record::Place(PlaceRecord {
            index: rest.number()? as u64,
            leaf: rest.hash()?,
            seal_start: rest.number()? as u64,
            sealed_at: rest.number().filter(|time| *time != Time::MAX),
        }),
        _ => Record::Row(Box::new(read_row(&mut rest)?)),
    })
}

fn read_row(rest: &mut Reader) -> Option<RowRecord> {
    let leaf = match rest.byte()? {
        2 => Err(rest.text()??),
        is_erased => Ok((rest.hash()?, is_erased == 1)),
    };
    let is_expected = match rest.byte()? {
        2 => None,
        is_expected => Some(is_expected == 1),
    };
    let recorded_at = rest.number().filter(|time| *time != Time::MAX);
    let marks = match rest.byte()? {
        0 => Marks::None,
        _ => Marks::Some { deleted_at: rest.text()?, deleted_by_user_id: rest.text()?, deletion_reason: rest.text()? },
    };
    let voucher = match rest.byte()? {
        0 => None,
        _ => Some(Voucher { action_type: rest.text()?, resource_type: rest.text()?, resource_id: rest.text()? }),
    };
    Some(RowRecord { leaf, marks, is_expected, recorded_at, voucher })
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn number(&mut self) -> Option<i64> {
        self.take(8).and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes)
    }

    fn hash(&mut self) -> Option<Hash> {
        self.take(32).and_then(Hash::from_slice)
    }

    fn text(&mut self) -> Option<Option<String>> {
        let length = self.number()?;
        if length < 0 {
            return Some(None);
        }
        Some(Some(String::from_utf8(self.take(length as usize)?.into()).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_the_sorting_comes_out_of_it() {
        let (workspace, id, leaf) = (Uuid::from_u128(1), Uuid::from_u128(2), Hash::of(b"leaf"));
        let row = RowRecord {
            leaf: Ok((leaf, true)),
            marks: Marks::Some {
                deleted_at: Some("now".into()),
                deleted_by_user_id: None,
                deletion_reason: Some(String::new()),
            },
            is_expected: Some(false),
            recorded_at: Some(-5),
            voucher: Some(Voucher {
                action_type: Some("AUDIT_EVENTS_ERASED".into()),
                resource_type: None,
                resource_id: None,
            }),
        };
        let plain = RowRecord {
            leaf: Err("it has no key".into()),
            marks: Marks::None,
            is_expected: None,
            recorded_at: None,
            voucher: None,
        };
        for row in [row, plain] {
            assert_eq!(read(&row_record(workspace, id, &row)), Some(Record::Row(Box::new(row))));
        }
        for sealed_at in [None, Some(7)] {
            let place = PlaceRecord { index: 1 << 40, leaf, seal_start: 3, sealed_at };
            let bytes = place_record(workspace, id, &place);
            assert_eq!((key(&bytes), read(&bytes)), (Some((workspace, false, id)), Some(Record::Place(place))));
        }
        let listed = Listed { id, leaf: Some(leaf) };
        let entry = Uuid::from_u128(9);
        let of_list = Record::Listed(ListedRecord { entry, leaf: Some(leaf) });
        assert_eq!(read(&list_record(workspace, &listed, entry)), Some(of_list));
        assert!(vouches_record(workspace, id) < list_record(workspace, &Listed { id: Uuid::nil(), leaf: None }, entry));
    }
}
