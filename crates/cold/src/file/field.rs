//! Fields put together again from what columns hold, and whether that gives the same bytes.

use std::net::IpAddr;

use audit_cold_row::{self as row, Row};

use super::column::{EVENT, Kind};

/// Microseconds from 1970, where files count from, to 2000, where PostgreSQL does.
pub const EPOCH: i64 = 946_684_800_000_000;

/// PostgreSQL's numbers of the address families.
const IPV4: u8 = 2;
const IPV6: u8 = 3;

/// The type text.
const TEXTOID: i32 = 25;

/// An inet as the server sends it, from its text.
pub fn write_inet(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => {
            out.extend_from_slice(&[IPV4, bits.unwrap_or(32), 0, 4]);
            out.extend_from_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            out.extend_from_slice(&[IPV6, bits.unwrap_or(128), 0, 16]);
            out.extend_from_slice(&address.octets());
        }
    }
    Some(())
}

/// A text[] as the server sends it, of one dimension that begins at 1, or of none where it is empty.
pub fn write_array<'a>(elements: impl ExactSizeIterator<Item = Option<&'a [u8]>> + Clone, out: &mut Vec<u8>) {
    let length = elements.len() as i32;
    let has_nulls = elements.clone().any(|element| element.is_none());
    let head = match length {
        0 => &[0, 0, TEXTOID][..],
        _ => &[1, i32::from(has_nulls), TEXTOID, length, 1],
    };
    out.extend(head.iter().flat_map(|integer| integer.to_be_bytes()));
    for element in elements {
        match element {
            None => out.extend_from_slice(&(-1_i32).to_be_bytes()),
            Some(element) => {
                out.extend_from_slice(&(element.len() as i32).to_be_bytes());
                out.extend_from_slice(element);
            }
        }
    }
}

/// Whether the columns give the row back as it is.
pub fn is_told_by_columns(row: &Row, scratch: &mut Vec<u8>) -> bool {
    EVENT.iter().all(|described| row.get(described.column).is_none_or(|field| is_told(described.kind, field, scratch)))
}

/// Whether columns show as much of an exact row as they can: a value that they cannot tell is not there.
pub fn is_shown_by(exact: &Row, columns: &Row, scratch: &mut Vec<u8>) -> bool {
    EVENT.iter().all(|described| match (exact.get(described.column), columns.get(described.column)) {
        (Some(field), shown) if !is_told(described.kind, field, scratch) => {
            // An array that only claims to have NULLs is shown as it is without the claim.
            shown.is_none() || described.kind == Kind::Time || shown == Some(&scratch[..])
        }
        (field, shown) => field == shown,
    })
}

fn is_told(kind: Kind, field: &[u8], scratch: &mut Vec<u8>) -> bool {
    scratch.clear();
    match kind {
        Kind::Uuid => field.len() == 16,
        Kind::Integer => field.len() == 8,
        Kind::Time => row::microseconds(field).is_some_and(|time| time.checked_add(EPOCH).is_some()),
        Kind::Text => row::text(field).is_some(),
        Kind::Json => row::json(field).is_some(),
        Kind::Bytes => true,
        Kind::Inet => {
            row::inet(field).is_some_and(|inet| write_inet(&inet.to_string(), scratch).is_some()) && scratch == field
        }
        Kind::Array => row::array(field).is_some_and(|elements| {
            write_array(elements.iter().map(|element| element.map(str::as_bytes)), scratch);
            scratch == field
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_by_their_text() {
        for field in [
            &[2, 32, 0, 4, 203, 0, 113, 7][..],
            &[2, 0, 0, 4, 0, 0, 0, 0],
            &[3, 128, 0, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            &[3, 64, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4],
        ] {
            assert!(is_told(Kind::Inet, field, &mut Vec::new()), "{field:?}");
        }
        assert!(!is_told(Kind::Inet, &[2, 8, 1, 4, 10, 0, 0, 0], &mut Vec::new()), "a cidr");
    }

    #[test]
    fn an_array_that_only_claims_to_have_nulls_is_kept_whole() {
        let array = |has_nulls: u8| [0, 0, 0, 1, 0, 0, 0, has_nulls, 0, 0, 0, 25, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0];
        assert!(is_told(Kind::Array, &array(0), &mut Vec::new()));
        assert!(!is_told(Kind::Array, &array(1), &mut Vec::new()));
    }

    #[test]
    fn columns_show_what_they_can_of_an_exact_row() {
        let odd = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 1, 0, 0, 0, 0, 255, 255, 255, 255];
        let mut exact = Row::new([None; audit_cold_row::COLUMNS]);
        exact.set(audit_cold_row::Column::ActionType, Some(b"LOGIN"));
        exact.set(audit_cold_row::Column::Tags, Some(&odd));
        let mut columns = exact;
        assert!(!is_shown_by(&exact, &columns, &mut Vec::new()), "an array that begins at 0 is not there");
        columns.set(audit_cold_row::Column::Tags, None);
        assert!(is_shown_by(&exact, &columns, &mut Vec::new()));
        columns.set(audit_cold_row::Column::ActionType, Some(b"LOGOUT"));
        assert!(!is_shown_by(&exact, &columns, &mut Vec::new()));
        columns.set(audit_cold_row::Column::ActionType, None);
        assert!(!is_shown_by(&exact, &columns, &mut Vec::new()));
    }

    #[test]
    fn a_time_that_never_comes_is_kept_whole() {
        assert!(!is_told(Kind::Time, &i64::MAX.to_be_bytes(), &mut Vec::new()));
        assert!(is_told(Kind::Time, &i64::MIN.to_be_bytes(), &mut Vec::new()));
    }
}
