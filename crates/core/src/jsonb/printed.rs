//! How long the text of a jsonb is, told without printing it.
//!
//! A number takes a few bytes, and its text may have 147,456: `1e131071`. A small document may so print as more than any memory holds, and then nobody
//! could read, seal or erase the event. Such documents are told from others here.

use super::Stored;
use super::read::{Container, StoredValue};
use super::write::Value;

/// No document of an event prints as more.
pub const LONGEST: u64 = 128 << 20;
/// Nor do all of its documents and texts together. The names of changed fields may take as much again, evidence has all of it escaped once more and in base64, and
/// PostgreSQL has no value of more than 1 GB.
pub const TOGETHER: u64 = 160 << 20;
/// Texts that are no longer are taken for as long as they may print.
const BRIEF: usize = 8 << 10;
/// What any document may print as.
const ALWAYS: u64 = 16 << 20;
/// A byte that is escaped takes six (`\u0001`).
const A_BYTE: u64 = 8;

/// As how many bytes a document of so many bytes may print: enough for all that is not made of enormous numbers.
pub fn allowed(bytes: usize) -> u64 {
    (ALWAYS + A_BYTE * bytes as u64).min(LONGEST)
}

/// Whether a document of so few bytes is allowed whatever it holds: an entry and a number take twelve bytes at least.
pub fn is_short(bytes: usize) -> bool {
    bytes as u64 / 12 * NUMBER <= ALWAYS
}

/// The digits before and behind the point of the largest number, with its sign and point.
const NUMBER: u64 = 131_072 + 16_383 + 2;

/// The length of a document's text; of what is no container, nothing.
pub fn length(document: Stored) -> u64 {
    let (mut length, mut left) = (0, vec![StoredValue::Container(document)]);
    // Documents may be nested deeper than a stack is.
    while let Some(value) = left.pop() {
        length += match value {
            StoredValue::Null => 4,
            StoredValue::Bool(_) => 5,
            StoredValue::Text(text) => length_of_text(text),
            StoredValue::Numeric(number) => length_of_number(number),
            StoredValue::Container(stored) => {
                let Some(container) = Container::of(stored) else { continue };
                let before = left.len();
                left.extend(container.elements());
                let mut keys = 0;
                for (key, value) in container.fields() {
                    keys += length_of_text(key) + 2;
                    left.push(value);
                }
                keys + 2 * (left.len() - before) as u64 + 2
            }
        };
    }
    length
}

/// The same of a value that is not stored yet.
pub fn length_of_value(value: &Value) -> u64 {
    match value {
        Value::Null => 4,
        Value::Bool(_) => 5,
        Value::Text(text) => length_of_text(text),
        Value::Numeric(number) => length_of_number(*number),
        Value::Jsonb(document) => length(*document),
        Value::Array(values) => values.iter().map(|value| length_of_value(value) + 2).sum::<u64>() + 2,
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| length_of_text(key) + length_of_value(value) + 4).sum::<u64>() + 2
        }
    }
}

/// At least as much as [`length_of_value`], and told at once of a value that is brief.
pub fn length_at_most(value: &Value) -> u64 {
    match value {
        Value::Text(text) if text.len() <= BRIEF => 6 * text.len() as u64 + 2,
        value => length_of_value(value),
    }
}

/// With its quotes.
pub fn length_of_text(text: &[u8]) -> u64 {
    let escaped = |byte: &u8| match byte {
        b'"' | b'\\' | 0x08 | b'\t' | b'\n' | 0x0c | b'\r' => 2,
        ..0x20 => 6,
        _ => 1,
    };
    text.iter().map(escaped).sum::<u64>() + 2
}

/// Of a numeric as it is stored (utils/adt/numeric.c): behind the four bytes of its length come a word with its kind, sign and the digits behind the point,
/// and the weight of its first four digits, in the same word or in the next one.
fn length_of_number(number: Stored) -> u64 {
    let word =
        |at: usize| number.bytes().get(at..at + 2).and_then(|word| Some(u16::from_ne_bytes(word.try_into().ok()?)));
    let Some(head) = word(4) else { return 0 };
    let (weight, behind) = match head & 0xc000 {
        0x8000 => {
            let weight = (head & 0x3f) as i16;
            (if head & 0x40 != 0 { weight - 0x40 } else { weight }, (head & 0x1f80) >> 7)
        }
        _ => (word(6).unwrap_or(0) as i16, head & 0x3fff),
    };
    let before = (i64::from(weight) + 1).max(1) as u64 * 4;
    before + u64::from(behind) + 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonb::write;
    use std::borrow::Cow;

    fn short(weight: i16, behind: u16) -> Vec<u8> {
        let head = 0x8000 | behind << 7 | (weight as u16 & 0x7f);
        [&8_u32.to_ne_bytes()[..], &head.to_ne_bytes(), &1_u16.to_ne_bytes()].concat()
    }

    fn long(weight: i16, behind: u16) -> Vec<u8> {
        [&10_u32.to_ne_bytes()[..], &behind.to_ne_bytes(), &weight.to_ne_bytes(), &1_u16.to_ne_bytes()].concat()
    }

    #[test]
    fn a_number_has_the_digits_that_its_head_tells() {
        for (stored, length) in [
            (short(0, 0), 6),
            (short(1, 2), 12),
            (short(-1, 3), 9),
            (short(-3, 12), 18),
            (long(32767, 0), 131_074),
            (long(32767, 16383), NUMBER),
            (vec![0; 4], 0),
        ] {
            assert_eq!(length_of_number(Stored::by_postgres(&stored)), length);
        }
    }

    #[test]
    fn what_is_escaped_is_longer() {
        for (text, length) in [("", 2), ("a", 3), ("é", 4), ("a\"b\\c\n", 11), ("\u{1}\u{1f}", 14)] {
            assert_eq!(length_of_text(text.as_bytes()), length, "{text:?}");
        }
    }

    #[test]
    fn a_brief_text_is_taken_for_no_shorter_than_it_is() {
        for text in ["", "a", "\u{1}\u{2}", "\"\n"] {
            let value = Value::Text(Cow::Borrowed(text.as_bytes()));
            assert!(length_at_most(&value) >= length_of_value(&value), "{text:?}");
        }
        let long = Value::Text(Cow::Owned(vec![b'a'; BRIEF + 1]));
        assert_eq!(length_at_most(&long), BRIEF as u64 + 3);
    }

    #[test]
    fn a_document_is_as_long_stored_as_before() {
        let text = |text: &'static str| Value::Text(Cow::Borrowed(text.as_bytes()));
        let inner = Value::Array(vec![Value::Null, Value::Bool(false), text("x\ty")]);
        let fields =
            vec![write::field("a", inner), write::field("b", text("z")), write::field("c", Value::Object(vec![]))];
        // With a separator too many in each container that has members, and one for false that is for true as well.
        let printed = r#"{"a": [null, false, "x\ty"], "b": "z", "c": {}}"#.len() as u64 + 4;
        assert_eq!(length_of_value(&Value::Object(fields.clone())), printed);
        let document = write::object(fields);
        assert_eq!(length(document.stored()), printed);
    }

    #[test]
    fn no_document_that_is_short_is_too_long() {
        let most = (0..).take_while(|bytes| is_short(*bytes)).last().unwrap();
        assert!((1_000..2_000).contains(&most), "{most}");
        assert_eq!((allowed(0), allowed(1 << 20), allowed(1 << 30)), (ALWAYS, 24 << 20, LONGEST));
    }
}
