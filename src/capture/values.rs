//! What a column's value looks like in an event.
//!
//! Booleans and numbers become JSON's own, jsonb stays what it is, arrays and composites become arrays and objects; everything
//! else becomes the text that its type reads back: `NaN` and the infinities, dates and times in ISO 8601 (with time zone: in UTC),
//! bytea in hex, `json` just as it was written. Nothing depends on the session's settings, nothing fails on content:
//!
//! - No cast is looked for. `to_jsonb` would call a user-defined cast to json; here a type's output function is the only code that is
//!   not Postgres' own, and it runs as the user who changes the row.
//! - A value over `audit_ext.capture_value_limit`, or one that would make the document larger than jsonb allows or its text longer than anybody could
//!   read, is replaced by its size and SHA-256.

use std::borrow::Cow;
use std::ffi::CString;

use audit_core::jsonb::printed;
use audit_core::jsonb::write::{self as document, Value};
use pgrx::pg_sys::{BuiltinOid, Oid};
use uuid::Uuid;

use crate::pg::datum::Datum;
use crate::pg::jsonb::Jsonb;
use crate::pg::{datum, types, value};

/// Arrays and composites nested deeper are printed by their output function.
const DEEPEST: usize = 64;
/// A document grows up to this, well below what jsonb can hold.
const LARGEST_DOCUMENT: usize = document::LARGEST / 4 * 3;

/// How values of a type are converted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
    Uuid,
    Bytea,
    Jsonb,
    DateTime(Oid),
    Array(Oid),
    Composite,
    /// By the type's output function; some of those look at settings of the session.
    Printed(Oid),
}

impl Form {
    pub fn of(type_id: Oid) -> Form {
        let base = types::base_type(type_id);
        match BuiltinOid::try_from(base) {
            Ok(BuiltinOid::BOOLOID) => Form::Bool,
            Ok(BuiltinOid::INT2OID) => Form::Int2,
            Ok(BuiltinOid::INT4OID) => Form::Int4,
            Ok(BuiltinOid::INT8OID) => Form::Int8,
            Ok(BuiltinOid::FLOAT4OID) => Form::Float4,
            Ok(BuiltinOid::FLOAT8OID) => Form::Float8,
            Ok(BuiltinOid::NUMERICOID) => Form::Numeric,
            Ok(BuiltinOid::TEXTOID | BuiltinOid::VARCHAROID | BuiltinOid::BPCHAROID | BuiltinOid::JSONOID) => {
                Form::Text
            }
            Ok(BuiltinOid::UUIDOID) => Form::Uuid,
            Ok(BuiltinOid::BYTEAOID) => Form::Bytea,
            Ok(BuiltinOid::JSONBOID) => Form::Jsonb,
            Ok(BuiltinOid::DATEOID | BuiltinOid::TIMESTAMPOID | BuiltinOid::TIMESTAMPTZOID) => Form::DateTime(base),
            _ => match types::element_type(base) {
                Some(element) => Form::Array(element),
                None if types::is_composite(base) => Form::Composite,
                None => Form::Printed(base),
            },
        }
    }

    /// Whether printing may depend on settings of the session.
    pub fn looks_at_settings(self) -> bool {
        matches!(self, Form::Printed(_) | Form::Array(_) | Form::Composite)
    }

    /// Whether a value may be long.
    fn is_varlena(self, length: i16) -> bool {
        length == -1 && !matches!(self, Form::Numeric)
    }

    fn convert<'a>(self, value: Datum<'a>, level: usize) -> Value<'a> {
        match self {
            Form::Bool => Value::Bool(datum::read_bool(value)),
            Form::Int2 => Value::Numeric(value::integer(i64::from(datum::read_word(value) as i16))),
            Form::Int4 => Value::Numeric(value::integer(i64::from(datum::read_int4(value)))),
            Form::Int8 => Value::Numeric(value::integer(datum::read_int8(value))),
            Form::Float4 => real(f32::from_bits(datum::read_word(value) as u32)),
            Form::Float8 => real(f64::from_bits(datum::read_word(value) as u64)),
            Form::Numeric => match value::numeric(value) {
                Some(number) => Value::Numeric(number),
                None => printed(value),
            },
            Form::Text => Value::Text(Cow::Borrowed(datum::read_bytes(value))),
            Form::Uuid => Value::Text(Cow::Owned(hyphenated(&datum::read_uuid(value)))),
            Form::Bytea => Value::Text(Cow::Owned(hex(datum::read_bytes(value)))),
            Form::Jsonb => Value::Jsonb(Jsonb::of(value).stored()),
            Form::DateTime(kind) => Value::Text(Cow::Borrowed(value::date_time(kind, value))),
            Form::Array(_) | Form::Composite if level == DEEPEST => printed(value),
            Form::Array(element) => array(value, element, level),
            Form::Composite => composite(value, level),
            Form::Printed(_) => printed(value),
        }
    }
}

fn printed<'a>(value: Datum<'a>) -> Value<'a> {
    Value::Text(Cow::Borrowed(value::output(value)))
}

/// The shortest digits that read back as the same number.
fn real<'a, T: Into<f64> + Copy + std::fmt::LowerExp>(number: T) -> Value<'a> {
    match no_json_number(number.into()) {
        Some(text) => Value::text(text),
        None => Value::Numeric(value::numeric_from_digits(&CString::new(format!("{number:e}")).unwrap_or_default())),
    }
}

/// What a number is called that JSON has no way to write.
fn no_json_number(number: f64) -> Option<&'static str> {
    if number.is_nan() {
        Some("NaN")
    } else if number.is_infinite() {
        Some(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        (number == 0.0 && number.is_sign_negative()).then_some("-0")
    }
}

fn hyphenated(id: &Uuid) -> Vec<u8> {
    let mut text = vec![0; uuid::fmt::Hyphenated::LENGTH];
    id.hyphenated().encode_lower(&mut text);
    text
}

/// As bytea prints itself by default.
fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    b"\\x".iter().copied().chain(digits).collect()
}

fn array<'a>(value: Datum<'a>, element: Oid, level: usize) -> Value<'a> {
    let array = value::array(value, element);
    if !array.counts_from_one {
        return printed(value);
    }
    let form = Form::of(element);
    let mut values: Vec<Value> = array
        .elements
        .into_iter()
        .map(|value| value.map_or(Value::Null, |value| form.convert(value, level + 1)))
        .collect();
    // The elements lie in the order of the last dimension; the inner dimensions become arrays of their own.
    for length in array.dimensions.iter().skip(1).rev() {
        let mut elements = values.into_iter();
        let mut rows = Vec::with_capacity(elements.len() / length);
        while elements.len() > 0 {
            rows.push(Value::Array(elements.by_ref().take(*length).collect()));
        }
        values = rows;
    }
    Value::Array(values)
}

fn composite<'a>(value: Datum<'a>, level: usize) -> Value<'a> {
    let (columns, row) = value::composite(value);
    let fields = columns
        .into_iter()
        .enumerate()
        .filter(|(_, column)| !column.is_dropped)
        .map(|(place, column)| {
            let converted =
                row.value(place).map_or(Value::Null, |value| Form::of(column.type_id).convert(value, level + 1));
            (Cow::Owned(column.name), converted)
        })
        .collect();
    Value::Object(fields)
}

/// How large one document has become, and the places of values of which it does not tell all.
pub struct Budget {
    limit: usize,
    left: usize,
    /// How long a text is left.
    text_left: u64,
    /// Too long.
    pub digested: Vec<usize>,
    /// JSON's null, not SQL's.
    pub json_null: Vec<usize>,
}

impl Budget {
    /// For values of up to `limit` bytes each.
    pub fn new(limit: usize) -> Budget {
        let text_left = printed::TOGETHER / 2;
        Budget { limit, left: LARGEST_DOCUMENT, text_left, digested: Vec::new(), json_null: Vec::new() }
    }

    /// The value of the column at `place`, or its size and digest if it is too long.
    pub fn convert<'a>(&mut self, place: usize, form: Form, length: i16, value: Datum<'a>) -> Value<'a> {
        let is_varlena = form.is_varlena(length);
        let short = !is_varlena
            || (value::raw_size(value) <= self.limit.min(self.left)
                && (!matches!(form, Form::Array(_)) || value::array_length(value) <= self.limit));
        let converted = short.then(|| form.convert(value, 0));
        // What a type prints may be longer than what it stores.
        let fits = |converted: &Value| converted.weight() <= self.left || !is_varlena;
        let may_be_long = is_varlena || matches!(form, Form::Numeric);
        let text_length = converted.as_ref().filter(|_| may_be_long).map_or(0, printed::length_at_most);
        let may_print = |converted: &Value| text_length <= self.text_left.min(printed::allowed(converted.weight()));
        match converted.filter(|converted| fits(converted) && may_print(converted)) {
            Some(converted) => {
                self.left = self.left.saturating_sub(converted.weight());
                self.text_left -= text_length;
                if matches!(converted, Value::Jsonb(container) if document::is_null(container)) {
                    self.json_null.push(place);
                }
                converted
            }
            None => {
                self.digested.push(place);
                digest(value)
            }
        }
    }
}

fn digest<'a>(value: Datum<'a>) -> Value<'a> {
    let digits = hex(value::sha256(value)).split_off(2);
    Value::Object(vec![
        document::field("bytes", Value::Numeric(value::integer(value::raw_size(value) as i64))),
        document::field("sha256", Value::Text(Cow::Owned(digits))),
    ])
}

/// What stands for a value that must not be shown: that there was one before, or after.
pub fn masked<'a>(side: &'static str) -> Value<'a> {
    Value::Object(vec![document::field("masked", Value::text(side))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_printed_as_bytea_prints_them() {
        assert_eq!(hex(&[0, 0xff, 0x1a]), b"\\x00ff1a");
        assert_eq!(hex(&[]), b"\\x");
    }

    #[test]
    fn numbers_that_json_cannot_write_are_text() {
        for (number, text) in [
            (f64::NAN, Some("NaN")),
            (f64::INFINITY, Some("Infinity")),
            (f64::NEG_INFINITY, Some("-Infinity")),
            (-0.0, Some("-0")),
            (0.0, None),
            (-1.5e300, None),
        ] {
            assert_eq!(no_json_number(number), text, "{number}");
        }
    }
}
