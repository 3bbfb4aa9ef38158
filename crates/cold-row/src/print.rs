//! Fields as PostgreSQL prints them, with ISO dates in UTC: the texts that the evidence of an event is made of.
//!
//! Unlike the columns of a file, these texts tell every value: arrays of any shape, addresses of any kind.

use std::borrow::Cow;
use std::fmt::Write;
use std::net::IpAddr;

use crate::field::{self, Array, Inet};
use crate::row::Column;

/// The text of a field; None if the bytes are no value of the column's type.
pub fn print(column: Column, bytes: &[u8]) -> Option<Cow<'_, str>> {
    match column {
        Column::Id | Column::CreatedByUserId | Column::ResourceId | Column::WorkspaceId | Column::DeletedByUserId => {
            field::uuid(bytes).map(|id| print_uuid(&id).into())
        }
        Column::CreatedAt | Column::DeletedAt => field::microseconds(bytes).map(|time| print_time(time).into()),
        Column::OldValues | Column::NewValues | Column::Metadata => field::json(bytes).map(Cow::from),
        Column::ChangedFields | Column::Tags => Array::parse(bytes).map(|array| print_array(&array).into()),
        Column::IpAddress => field::any_inet(bytes).map(|inet| print_inet(inet).into()),
        Column::ActionType | Column::ResourceType | Column::UserAgent | Column::RequestId | Column::DeletionReason => {
            field::text(bytes).map(Cow::from)
        }
        Column::SealXid => Some(i64::from_be_bytes(bytes.try_into().ok()?).to_string().into()),
        Column::SealKey => {
            let mut text = String::from("\\x");
            bytes.iter().for_each(|byte| push(&mut text, format_args!("{byte:02x}")));
            Some(text.into())
        }
    }
}

fn push(text: &mut String, arguments: std::fmt::Arguments) {
    // A String takes everything.
    let _ = text.write_fmt(arguments);
}

fn print_uuid(id: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (place, byte) in id.iter().enumerate() {
        if [4, 6, 8, 10].contains(&place) {
            text.push('-');
        }
        push(&mut text, format_args!("{byte:02x}"));
    }
    text
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

fn print_time(microseconds: i64) -> String {
    match microseconds {
        i64::MAX => return "infinity".into(),
        i64::MIN => return "-infinity".into(),
        _ => (),
    }
    let (days, within) = (microseconds.div_euclid(DAY), microseconds.rem_euclid(DAY));
    let (year, month, day) = date(days);
    // The year before the first one after Christ is the first one before.
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    let (seconds, fraction) = (within / SECOND, within % SECOND);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
    if fraction != 0 {
        let digits = format!("{fraction:06}");
        push(&mut text, format_args!(".{}", digits.trim_end_matches('0')));
    }
    push(&mut text, format_args!("+00{era}"));
    text
}

/// The date of a day since 2000-01-01, in the Gregorian calendar. Counted from March of a year that 400 divides, leap days come last.
fn date(days: i64) -> (i64, i64, i64) {
    const ERA: i64 = 146_097;
    let since_march = days + 730_425;
    let (era, day_of_era) = (since_march.div_euclid(ERA), since_march.rem_euclid(ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_since_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_since_march + 2) / 5 + 1;
    let month = (month_since_march + 2) % 12 + 1;
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

fn print_inet(inet: Inet) -> String {
    let mut text = match inet.address {
        // Six zeros and then something: the last four bytes are printed as those of an IPv4 address.
        IpAddr::V6(address) if address.segments()[..6] == [0; 6] && address.segments()[6] != 0 => {
            let [a, b, c, d] = *address.octets().last_chunk().unwrap_or(&[0; 4]);
            format!("::{a}.{b}.{c}.{d}")
        }
        address => address.to_string(),
    };
    let whole = if inet.address.is_ipv4() { 32 } else { 128 };
    if inet.bits != whole {
        push(&mut text, format_args!("/{}", inet.bits));
    }
    text
}

fn print_array(array: &Array) -> String {
    let mut text = String::new();
    if array.elements.is_empty() {
        return "{}".into();
    }
    if array.dimensions.iter().any(|(_, lower_bound)| *lower_bound != 1) {
        for (length, lower_bound) in &array.dimensions {
            push(&mut text, format_args!("[{lower_bound}:{}]", i64::from(*lower_bound) + i64::from(*length) - 1));
        }
        text.push('=');
    }
    let mut elements = array.elements.iter();
    print_dimension(&array.dimensions, &mut elements, &mut text);
    text
}

fn print_dimension<'a>(
    dimensions: &[(i32, i32)],
    elements: &mut impl Iterator<Item = &'a Option<&'a str>>,
    text: &mut String,
) {
    let Some(((length, _), inner)) = dimensions.split_first() else {
        match elements.next() {
            Some(Some(element)) => print_element(element, text),
            _ => text.push_str("NULL"),
        }
        return;
    };
    text.push('{');
    for place in 0..*length {
        if place > 0 {
            text.push(',');
        }
        print_dimension(inner, elements, text);
    }
    text.push('}');
}

fn print_element(element: &str, text: &mut String) {
    let is_special =
        |letter: char| matches!(letter, '"' | '\\' | '{' | '}' | ',' | ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c');
    if !element.is_empty() && !element.eq_ignore_ascii_case("NULL") && !element.contains(is_special) {
        return text.push_str(element);
    }
    text.push('"');
    for letter in element.chars() {
        if matches!(letter, '"' | '\\') {
            text.push('\\');
        }
        text.push(letter);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(microseconds: i64) -> String {
        print(Column::CreatedAt, &microseconds.to_be_bytes()).unwrap().into_owned()
    }

    #[test]
    fn times_are_printed_as_postgresql_prints_them() {
        assert_eq!(time(0), "2000-01-01 00:00:00+00");
        assert_eq!(time(846_331_200_123_456), "2026-10-26 12:00:00.123456+00");
        assert_eq!(time(846_331_200_500_000), "2026-10-26 12:00:00.5+00");
        assert_eq!(time(-1), "1999-12-31 23:59:59.999999+00");
        assert_eq!(time(5_097_600_000_000), "2000-02-29 00:00:00+00");
        assert_eq!(time(9_223_371_331_199_999_999), "294276-12-31 23:59:59.999999+00");
        assert_eq!(time(-211_813_488_000_000_000), "4714-11-24 00:00:00+00 BC");
        assert_eq!(time(i64::MIN), "-infinity");
        assert_eq!(time(i64::MAX), "infinity");
    }

    fn sent(integers: &[i32]) -> Vec<u8> {
        integers.iter().flat_map(|integer| integer.to_be_bytes()).collect()
    }

    fn array(head: &[i32], elements: &[Option<&str>]) -> Option<String> {
        let mut bytes = sent(head);
        for element in elements {
            match element {
                None => bytes.extend(sent(&[-1])),
                Some(element) => {
                    bytes.extend(sent(&[element.len() as i32]));
                    bytes.extend_from_slice(element.as_bytes());
                }
            }
        }
        print(Column::Tags, &bytes).map(Cow::into_owned)
    }

    #[test]
    fn arrays_are_printed_as_postgresql_prints_them() {
        assert_eq!(array(&[0, 0, 25], &[]).as_deref(), Some("{}"));
        let odd = [Some("a"), None, Some(""), Some("null"), Some("a b"), Some("\"\\"), Some("{,}"), Some("nulls")];
        assert_eq!(array(&[1, 1, 25, 8, 1], &odd).as_deref(), Some(r#"{a,NULL,"","null","a b","\"\\","{,}",nulls}"#));
        let four = ["a", "b", "c", "d"].map(Some);
        assert_eq!(array(&[2, 0, 25, 2, 1, 2, 1], &four).as_deref(), Some("{{a,b},{c,d}}"));
        assert_eq!(array(&[2, 0, 25, 2, 0, 2, -5], &four).as_deref(), Some("[0:1][-5:-4]={{a,b},{c,d}}"));
        assert_eq!(array(&[1, 0, 25, 5, 1], &four), None, "cut off");
        assert_eq!(array(&[1, 0, 23, 4, 1], &four), None, "of another type");
    }

    #[test]
    fn addresses_are_printed_as_postgresql_prints_them() {
        let v6 = |segments: [u16; 8], bits: u8| {
            let mut bytes = vec![3, bits, 0, 16];
            bytes.extend(segments.iter().flat_map(|segment| segment.to_be_bytes()));
            print(Column::IpAddress, &bytes).unwrap().into_owned()
        };
        assert_eq!(v6([0, 0, 0, 0, 0, 0, 0x102, 0x304], 128), "::1.2.3.4");
        assert_eq!(v6([0, 0, 0, 0, 0, 0xffff, 0x102, 0x304], 96), "::ffff:1.2.3.4/96");
        assert_eq!(v6([0, 0, 0, 0, 0, 0, 0, 5], 128), "::5");
        assert_eq!(v6([0; 8], 0), "::/0");
        assert_eq!(v6([0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], 64), "2001:db8::1:0:0:1/64");
        assert_eq!(v6([1, 0, 2, 3, 4, 5, 6, 7], 128), "1:0:2:3:4:5:6:7");
        assert_eq!(print(Column::IpAddress, &[2, 8, 0, 4, 10, 1, 2, 3]).as_deref(), Some("10.1.2.3/8"));
    }

    #[test]
    fn ids_and_keys_are_printed_in_hex() {
        let id: [u8; 16] = std::array::from_fn(|place| place as u8 * 17);
        assert_eq!(print(Column::Id, &id).as_deref(), Some("00112233-4455-6677-8899-aabbccddeeff"));
        assert_eq!(print(Column::SealKey, &[0, 255]).as_deref(), Some("\\x00ff"));
        assert_eq!(print(Column::SealXid, &(-7_i64).to_be_bytes()).as_deref(), Some("-7"));
        assert_eq!(print(Column::Id, &[1]), None);
    }
}
