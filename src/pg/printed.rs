//! Values of an event's columns as their types' output functions print them: with ISO dates in UTC, whatever the session has set.
//!
//! Evidence is made of these texts, so they must never change. What prints alike in every session is left to PostgreSQL's own function.

use pgrx::pg_sys;
use uuid::Uuid;

use super::datum::{Datum, read_bytes, read_uuid};
use super::{jsonb, value};

/// Hands the text of a value to `sink`. What it takes to print it stays in the current memory context.
pub fn print(datum: Datum, sink: &mut dyn FnMut(&[u8])) {
    match datum.kind() {
        pg_sys::TEXTOID => sink(read_bytes(datum)),
        pg_sys::UUIDOID => sink(read_uuid(datum).hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes()),
        pg_sys::TIMESTAMPTZOID => print_time(value::date_time(pg_sys::TIMESTAMPTZOID, datum), sink),
        pg_sys::JSONBOID => sink(jsonb::printed(datum)),
        _ => sink(value::output(datum)),
    }
}

/// The text of a value. Bytes that are no UTF-8 are replaced: evidence is of databases in UTF-8.
pub fn text(datum: Datum) -> String {
    let mut text = Vec::new();
    print(datum, &mut |piece| text.extend_from_slice(piece));
    String::from_utf8_lossy(&text).into_owned()
}

/// As PostgreSQL prints a time with `datestyle = ISO` and `timezone = UTC`, out of the form that JSON has: `T` for the blank, minutes in the zone.
fn print_time(as_json: &[u8], sink: &mut dyn FnMut(&[u8])) {
    match as_json.iter().position(|byte| *byte == b'T') {
        Some(blank) => {
            let (date, time) = (&as_json[..blank], &as_json[blank + 1..]);
            // The era of a time before Christ follows the zone.
            const ZONE: &[u8] = b"+00:00";
            let zone = time.windows(ZONE.len()).position(|here| here == ZONE).unwrap_or(time.len());
            sink(date);
            sink(b" ");
            sink(&time[..zone]);
            sink(b"+00");
            sink(time.get(zone + ZONE.len()..).unwrap_or_default());
        }
        // Before or after all times.
        None => sink(as_json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(as_json: &str) -> String {
        let mut text = Vec::new();
        print_time(as_json.as_bytes(), &mut |piece| text.extend_from_slice(piece));
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_time_is_printed_as_iso_with_its_zone() {
        assert_eq!(printed("2026-11-28T13:33:06.123456+00:00"), "2026-11-28 13:33:06.123456+00");
        assert_eq!(printed("294276-12-31T23:59:59.999999+00:00"), "294276-12-31 23:59:59.999999+00");
        assert_eq!(printed("0044-03-15T12:00:00+00:00 BC"), "0044-03-15 12:00:00+00 BC");
        assert_eq!(printed("-infinity"), "-infinity");
    }
}
