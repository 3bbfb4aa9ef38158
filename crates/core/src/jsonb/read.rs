//! Reads a jsonb in place, without copying it.

use super::layout::*;
use super::{Document, Stored};

/// An object or array, as its bytes.
#[derive(Clone, Copy)]
pub struct Container<'a> {
    header: u32,
    entries: &'a [u8],
    data: &'a [u8],
}

/// A value within a container. Numbers and containers may be equal though their bytes differ; their bytes are aligned to four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredValue<'a> {
    Null,
    Bool(bool),
    Text(&'a [u8]),
    Numeric(Stored<'a>),
    Container(Stored<'a>),
}

impl<'a> Container<'a> {
    /// None if the bytes are no container.
    pub fn of(stored: Stored<'a>) -> Option<Container<'a>> {
        let bytes = stored.bytes();
        let header = word(bytes, 0)?;
        let per_member = if header & JB_FOBJECT != 0 { 8 } else { 4 };
        let (entries, data) = bytes.get(4..)?.split_at_checked(per_member * (header & JB_CMASK) as usize)?;
        Some(Container { header, entries, data })
    }

    pub fn is_object(self) -> bool {
        self.header & JB_FOBJECT != 0
    }

    /// Whether it is an array, and not a scalar by itself.
    pub fn is_array(self) -> bool {
        self.header & (JB_FARRAY | JB_FSCALAR) == JB_FARRAY
    }

    pub fn is_empty(self) -> bool {
        self.count() == 0
    }

    fn count(self) -> usize {
        (self.header & JB_CMASK) as usize
    }

    /// The elements of an array, in their order; nothing for an object.
    pub fn elements(self) -> impl Iterator<Item = StoredValue<'a>> {
        let count = if self.is_object() { 0 } else { self.count() };
        self.parts(0, 0).take(count).map(|(start, entry, data)| StoredValue::of(start, entry, data))
    }

    /// Keys and values of an object, in stored order; nothing for an array.
    pub fn fields(self) -> impl Iterator<Item = (&'a [u8], StoredValue<'a>)> {
        let count = if self.is_object() { self.count() } else { 0 };
        let mut values = self.parts(count, self.end_of(count));
        self.parts(0, 0).take(count).map_while(move |(_, _, key)| {
            let (start, entry, value) = values.next()?;
            Some((key, StoredValue::of(start, entry, value)))
        })
    }

    /// Whether an object has this key; keys are sorted by length, so the longer ones are not looked at.
    pub fn has_key(self, key: &[u8]) -> bool {
        let count = if self.is_object() { self.count() } else { 0 };
        let keys = self.parts(0, 0).take(count).map(|(_, _, known)| known);
        keys.take_while(|known| known.len() <= key.len()).any(|known| known == key)
    }

    /// Start, entry and data of the entries from `first` on, whose data begin at `start`.
    fn parts(self, first: usize, mut start: usize) -> impl Iterator<Item = (usize, u32, &'a [u8])> {
        (first..self.entries.len() / 4).map_while(move |index| {
            let entry = word(self.entries, 4 * index)?;
            let length = (entry & JENTRY_OFFLENMASK) as usize;
            let end = if entry & JENTRY_HAS_OFF != 0 { length } else { start + length };
            let part = (start, entry, self.data.get(start..end)?);
            start = end;
            Some(part)
        })
    }

    /// Where the data of the first `entries` entries end.
    fn end_of(self, entries: usize) -> usize {
        let mut end = 0;
        for index in (0..entries).rev() {
            let entry = word(self.entries, 4 * index).unwrap_or(0);
            end += (entry & JENTRY_OFFLENMASK) as usize;
            if entry & JENTRY_HAS_OFF != 0 {
                break;
            }
        }
        end
    }
}

impl<'a> StoredValue<'a> {
    fn of(start: usize, entry: u32, data: &'a [u8]) -> StoredValue<'a> {
        // The padding that aligns a number or container counts as its own.
        let padding = start.next_multiple_of(4) - start;
        let aligned = data.get(padding..).unwrap_or_default();
        match entry & JENTRY_TYPEMASK {
            JENTRY_ISSTRING => StoredValue::Text(data),
            JENTRY_ISNUMERIC => StoredValue::Numeric(Stored(aligned)),
            JENTRY_ISBOOL_FALSE => StoredValue::Bool(false),
            JENTRY_ISBOOL_TRUE => StoredValue::Bool(true),
            JENTRY_ISNULL => StoredValue::Null,
            _ => StoredValue::Container(Stored(aligned)),
        }
    }

    /// The value by itself, as a container.
    pub fn alone(self) -> Document {
        let (kind, data): (u32, &[u8]) = match self {
            StoredValue::Container(stored) => return Document(stored.bytes().to_vec()),
            StoredValue::Text(text) => (JENTRY_ISSTRING, text),
            StoredValue::Numeric(number) => (JENTRY_ISNUMERIC, number.bytes()),
            StoredValue::Bool(false) => (JENTRY_ISBOOL_FALSE, &[]),
            StoredValue::Bool(true) => (JENTRY_ISBOOL_TRUE, &[]),
            StoredValue::Null => (JENTRY_ISNULL, &[]),
        };
        let entry = kind | JENTRY_HAS_OFF | data.len() as u32;
        Document([&(JB_FARRAY | JB_FSCALAR | 1).to_ne_bytes()[..], &entry.to_ne_bytes(), data].concat())
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

/// The keys that two objects do not have in common, and those whose values are not the same in the eyes of `same`, which
/// is asked only where the bytes differ and that does not decide; sorted by name.
pub fn changed_keys<'a>(
    old: Container<'a>,
    new: Container<'a>,
    same: impl Fn(StoredValue<'a>, StoredValue<'a>) -> bool,
) -> Vec<&'a [u8]> {
    let is_changed = |before: StoredValue<'a>, after: StoredValue<'a>| match (before, after) {
        _ if before == after => false,
        (StoredValue::Numeric(_), StoredValue::Numeric(_)) | (StoredValue::Container(_), StoredValue::Container(_)) => {
            !same(before, after)
        }
        _ => true,
    };
    let (mut old, mut new) = (old.fields().peekable(), new.fields().peekable());
    let mut changed = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((a, _)), Some((b, _))) => (a.len(), *a).cmp(&(b.len(), *b)),
        };
        let before = if order.is_le() { old.next() } else { None };
        let after = if order.is_ge() { new.next() } else { None };
        match (before, after) {
            (Some((key, before)), Some((_, after))) if is_changed(before, after) => changed.push(key),
            (Some((key, _)), None) | (None, Some((key, _))) => changed.push(key),
            _ => {}
        }
    }
    changed.sort_unstable();
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Stores an object of strings and numbers (four bytes each, aligned) as the server does.
    fn stored(fields: &BTreeMap<String, Result<String, u32>>) -> Vec<u8> {
        let mut sorted: Vec<_> = fields.iter().collect();
        sorted.sort_by_key(|(key, _)| (key.len(), key.as_bytes().to_vec()));
        let (mut entries, mut data) = (Vec::new(), Vec::new());
        let mut push = |kind: u32, align: bool, bytes: &[u8], index: usize| {
            let start = data.len();
            if align {
                data.resize(start.next_multiple_of(4), 0);
            }
            data.extend_from_slice(bytes);
            let (length, offset) =
                if index.is_multiple_of(32) { (data.len(), JENTRY_HAS_OFF) } else { (data.len() - start, 0) };
            entries.extend_from_slice(&(kind | offset | length as u32).to_ne_bytes());
        };
        for (index, (key, _)) in sorted.iter().enumerate() {
            push(0, false, key.as_bytes(), index);
        }
        for (index, (_, value)) in sorted.iter().enumerate() {
            match value {
                Ok(text) => push(0, false, text.as_bytes(), sorted.len() + index),
                Err(number) => push(JENTRY_ISNUMERIC, true, &number.to_ne_bytes(), sorted.len() + index),
            }
        }
        let mut container = (JB_FOBJECT | sorted.len() as u32).to_ne_bytes().to_vec();
        container.extend(entries);
        container.extend(data);
        container
    }

    fn fields() -> impl Strategy<Value = BTreeMap<String, Result<String, u32>>> {
        let value = prop_oneof![".{0,6}".prop_map(Ok), (0u32..4).prop_map(Err)];
        prop::collection::btree_map("[a-d]{0,3}", value, 0..80)
    }

    #[test]
    fn a_scalar_by_itself_is_an_array_with_a_mark() {
        for value in [
            StoredValue::Null,
            StoredValue::Bool(true),
            StoredValue::Text(b"text"),
            StoredValue::Numeric(Stored(&[1, 2, 3, 4])),
        ] {
            let alone = value.alone();
            let container = Container::of(alone.stored()).unwrap();
            assert!(!container.is_array() && !container.is_object());
            assert_eq!(container.elements().collect::<Vec<_>>(), [value]);
        }
    }

    proptest! {
        #[test]
        fn an_object_is_read_as_it_was_stored(fields in fields()) {
            let container = stored(&fields);
            let read: BTreeMap<String, Result<String, u32>> = Container::of(Stored(&container)).unwrap().fields().map(|(key, value)| {
                let value = match value {
                    StoredValue::Text(text) => Ok(String::from_utf8(text.to_vec()).unwrap()),
                    StoredValue::Numeric(bytes) => Err(u32::from_ne_bytes(bytes.bytes().try_into().unwrap())),
                    other => unreachable!("{other:?}"),
                };
                (String::from_utf8(key.to_vec()).unwrap(), value)
            }).collect();
            prop_assert_eq!(read, fields);
        }

        #[test]
        fn keys_that_differ_are_found(old in fields(), new in fields()) {
            // Numbers count as the same when they are equal modulo two, so that `same` has something to say.
            let parity = |value: &Result<String, u32>| value.clone().map_err(|number| number % 2);
            let expected: Vec<&[u8]> = old.keys().chain(new.keys()).collect::<std::collections::BTreeSet<_>>().into_iter()
                .filter(|key| old.get(*key).map(parity) != new.get(*key).map(parity)).map(|key| key.as_bytes()).collect();
            let (a, b) = (stored(&old), stored(&new));
            let same = |a: StoredValue, b: StoredValue| matches!((a, b), (StoredValue::Numeric(a), StoredValue::Numeric(b)) if a.bytes()[0] % 2 == b.bytes()[0] % 2);
            let changed = changed_keys(Container::of(Stored(&a)).unwrap(), Container::of(Stored(&b)).unwrap(), same);
            prop_assert_eq!(changed, expected);
        }

        #[test]
        fn a_key_is_found_where_it_is(fields in fields(), key in "[a-d]{0,3}") {
            let container = stored(&fields);
            prop_assert_eq!(Container::of(Stored(&container)).unwrap().has_key(key.as_bytes()), fields.contains_key(&key));
        }

        #[test]
        fn broken_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(object) = Container::of(Stored(&bytes)) {
                object.fields().take(1000).for_each(drop);
                object.elements().take(1000).for_each(drop);
                object.has_key(b"key");
            }
        }
    }
}
