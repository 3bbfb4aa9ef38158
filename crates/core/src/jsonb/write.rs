//! Builds a jsonb document in the form that PostgreSQL stores.
//!
//! A captured row becomes one flat object. Building it here has three advantages: no parse tree per value; a nested jsonb is copied as it
//! is, so its depth does not matter; and no function is called that could look for a user-defined cast.

use std::borrow::Cow;

use super::layout::*;
use super::{Document, Stored};

const WORD: usize = 4;

/// What one entry can hold at most; callers keep documents well below.
pub const LARGEST: usize = JENTRY_OFFLENMASK as usize;

#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Text(Cow<'a, [u8]>),
    /// Neither NaN nor infinite, with a header of four bytes.
    Numeric(Stored<'a>),
    /// The container of a jsonb.
    Jsonb(Stored<'a>),
    Array(Vec<Value<'a>>),
    Object(Vec<Field<'a>>),
}

pub type Field<'a> = (Cow<'a, [u8]>, Value<'a>);

impl<'a> Value<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::Text(match text.into() {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        })
    }

    /// About how many bytes it takes in a document.
    pub fn weight(&self) -> usize {
        2 * WORD
            + match self {
                Value::Null | Value::Bool(_) => 0,
                Value::Text(bytes) => bytes.len(),
                Value::Numeric(stored) | Value::Jsonb(stored) => stored.bytes().len(),
                Value::Array(elements) => elements.iter().map(Value::weight).sum(),
                Value::Object(fields) => fields.iter().map(|(key, value)| key.len() + WORD + value.weight()).sum(),
            }
    }
}

/// A field of a document of our own making.
pub fn field<'a>(key: &'a str, value: Value<'a>) -> Field<'a> {
    (Cow::Borrowed(key.as_bytes()), value)
}

/// The container of an object with these fields, whose keys differ.
pub fn object(mut fields: Vec<Field>) -> Document {
    let mut out = Vec::with_capacity(fields.iter().map(|(key, value)| key.len() + WORD + value.weight()).sum());
    put_object(&mut out, &mut fields);
    Document(out)
}

/// The container of an array.
pub fn array(mut elements: Vec<Value>) -> Document {
    let mut out = Vec::new();
    put_array(&mut out, &mut elements);
    Document(out)
}

/// The entries of the container being written.
struct Entries {
    place: usize,
    written: usize,
    length: usize,
}

impl Entries {
    fn reserve(out: &mut Vec<u8>, header: u32, count: usize) -> Entries {
        pad(out);
        out.extend_from_slice(&header.to_ne_bytes());
        let place = out.len();
        out.resize(place + count * WORD, 0);
        Entries { place, written: 0, length: 0 }
    }

    fn put(&mut self, out: &mut [u8], kind: u32, length: usize) {
        self.length += length;
        let entry = if self.written.is_multiple_of(JB_OFFSET_STRIDE) {
            kind | JENTRY_HAS_OFF | self.length as u32
        } else {
            kind | length as u32
        };
        out[self.place..self.place + WORD].copy_from_slice(&entry.to_ne_bytes());
        self.place += WORD;
        self.written += 1;
    }
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(WORD), 0);
}

fn put_object(out: &mut Vec<u8>, fields: &mut [Field]) {
    fields.sort_unstable_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
    let mut entries = Entries::reserve(out, JB_FOBJECT | fields.len() as u32, 2 * fields.len());
    for (key, _) in fields.iter() {
        out.extend_from_slice(key);
        entries.put(out, JENTRY_ISSTRING, key.len());
    }
    for (_, value) in fields.iter_mut() {
        put_value(out, &mut entries, value);
    }
}

fn put_array(out: &mut Vec<u8>, elements: &mut [Value]) {
    let mut entries = Entries::reserve(out, JB_FARRAY | elements.len() as u32, elements.len());
    for value in elements.iter_mut() {
        put_value(out, &mut entries, value);
    }
}

fn put_value(out: &mut Vec<u8>, entries: &mut Entries, value: &mut Value) {
    let start = out.len();
    let kind = match value {
        Value::Null => JENTRY_ISNULL,
        Value::Bool(false) => JENTRY_ISBOOL_FALSE,
        Value::Bool(true) => JENTRY_ISBOOL_TRUE,
        Value::Text(bytes) => {
            out.extend_from_slice(bytes);
            JENTRY_ISSTRING
        }
        Value::Numeric(stored) => put_aligned(out, stored.bytes(), JENTRY_ISNUMERIC),
        Value::Jsonb(container) => match scalar_in(*container) {
            Some((JENTRY_ISNUMERIC, bytes)) => put_aligned(out, bytes, JENTRY_ISNUMERIC),
            Some((kind, bytes)) => {
                out.extend_from_slice(bytes);
                kind
            }
            None => put_aligned(out, container.bytes(), JENTRY_ISCONTAINER),
        },
        Value::Array(elements) => {
            put_array(out, elements);
            JENTRY_ISCONTAINER
        }
        Value::Object(fields) => {
            put_object(out, fields);
            JENTRY_ISCONTAINER
        }
    };
    let length = out.len() - start;
    entries.put(out, kind, length);
}

fn put_aligned(out: &mut Vec<u8>, bytes: &[u8], kind: u32) -> u32 {
    pad(out);
    out.extend_from_slice(bytes);
    kind
}

fn word(bytes: &[u8], place: usize) -> u32 {
    u32::from_ne_bytes(std::array::from_fn(|i| bytes[place + i]))
}

/// A jsonb that is a single value is stored as an array of that one value, with a mark.
fn scalar_in(container: Stored<'_>) -> Option<(u32, &[u8])> {
    let container = container.bytes();
    (word(container, 0) & JB_FSCALAR != 0).then(|| {
        let entry = word(container, WORD);
        let length = (entry & JENTRY_OFFLENMASK) as usize;
        (entry & JENTRY_TYPEMASK, &container[2 * WORD..2 * WORD + length])
    })
}

/// Whether a jsonb is JSON's null, which looks like SQL's in a document.
pub fn is_null(container: Stored) -> bool {
    scalar_in(container).is_some_and(|(kind, _)| kind == JENTRY_ISNULL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(bytes: &[u8], count: usize) -> Vec<u32> {
        (0..count).map(|i| word(bytes, i * WORD)).collect()
    }

    #[test]
    fn keys_are_sorted_by_length_then_bytes() {
        let Document(built) =
            object(vec![field("bb", Value::Bool(true)), field("c", Value::Null), field("a", Value::text("xyz"))]);
        assert_eq!(
            words(&built, 7),
            [
                JB_FOBJECT | 3,
                JENTRY_HAS_OFF | 1, // "a"
                1,                  // "c"
                2,                  // "bb"
                3,                  // text
                JENTRY_ISNULL,
                JENTRY_ISBOOL_TRUE,
            ]
        );
        assert_eq!(&built[7 * WORD..], b"acbbxyz");
    }

    #[test]
    fn nested_containers_and_numerics_begin_at_multiples_of_four() {
        let number = [0x20u8, 0, 0, 0, 1, 2, 3, 4];
        let number_stored = Stored(&number);
        let Document(built) =
            object(vec![field("k", Value::Numeric(number_stored)), field("n", Value::Array(vec![Value::Null]))]);
        // Keys "k", "n" end at 2, so both values carry padding.
        assert_eq!(words(&built, 5)[3..], [JENTRY_ISNUMERIC | 10, JENTRY_ISCONTAINER | 8]);
        let data = &built[5 * WORD..];
        assert_eq!(&data[4..12], &number);
        assert_eq!(word(data, 12), JB_FARRAY | 1);
    }

    #[test]
    fn every_32nd_entry_tells_where_it_ends() {
        let Document(built) = array((0..40).map(|_| Value::text("ab")).collect());
        let entries = words(&built, 41);
        assert_eq!(entries[1], JENTRY_HAS_OFF | 2);
        assert_eq!(entries[2], 2);
        assert_eq!(entries[33], JENTRY_HAS_OFF | 66);
        assert_eq!(entries[34], 2);
    }

    #[test]
    fn a_jsonb_that_is_one_value_is_that_value() {
        let mut scalar = (JB_FSCALAR | JB_FARRAY | 1).to_ne_bytes().to_vec();
        scalar.extend_from_slice(&(JENTRY_HAS_OFF | 2).to_ne_bytes());
        scalar.extend_from_slice(b"hi");
        assert_eq!(array(vec![Value::Jsonb(Stored(&scalar))]), array(vec![Value::text("hi")]));
        let nested = array(vec![Value::text("hi")]);
        assert_eq!(array(vec![Value::Jsonb(nested.stored())]), array(vec![Value::Array(vec![Value::text("hi")])]));
    }

    #[test]
    fn an_empty_object_has_a_header_only() {
        assert_eq!(object(vec![]).stored().bytes(), JB_FOBJECT.to_ne_bytes());
    }
}
