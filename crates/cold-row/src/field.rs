//! Single fields, as the send functions of PostgreSQL's types write them.
//!
//! A value that a column of the file cannot tell, such as an array of two dimensions, is None here: such a row is kept whole beside its columns.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A uuid: its 16 bytes.
pub fn uuid(field: &[u8]) -> Option<[u8; 16]> {
    field.try_into().ok()
}

/// A timestamptz: microseconds since 2000-01-01 UTC.
pub fn microseconds(field: &[u8]) -> Option<i64> {
    Some(i64::from_be_bytes(field.try_into().ok()?))
}

/// A text.
pub fn text(field: &[u8]) -> Option<&str> {
    str::from_utf8(field).ok()
}

/// A jsonb: its text, after the byte that names the version of the format.
pub fn json(field: &[u8]) -> Option<&str> {
    text(field.strip_prefix(&[1])?)
}

/// The value of an inet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inet {
    pub address: IpAddr,
    pub bits: u8,
}

/// As PostgreSQL prints it: the mask is left out where it is the whole address.
impl std::fmt::Display for Inet {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let whole = if self.address.is_ipv4() { 32 } else { 128 };
        if self.bits == whole { write!(f, "{}", self.address) } else { write!(f, "{}/{}", self.address, self.bits) }
    }
}

/// PostgreSQL's numbers of the address families.
const IPV4: u8 = 2;
const IPV6: u8 = 3;

/// An inet: family, bits, whether it is a cidr (which a column of ours is not), length, address.
pub fn inet(field: &[u8]) -> Option<Inet> {
    any_inet(field).filter(|inet| !is_ipv4_compatible(inet.address))
}

/// As [`inet`], also of addresses that PostgreSQL prints in another way than others do.
pub(crate) fn any_inet(field: &[u8]) -> Option<Inet> {
    let ([family, bits, is_cidr, length], address) = field.split_first_chunk()?;
    if *is_cidr != 0 {
        return None;
    }
    let (address, whole) = match (*family, *length) {
        (IPV4, 4) => (IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(address).ok()?)), 32),
        (IPV6, 16) => (IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?)), 128),
        _ => return None,
    };
    (*bits <= whole).then_some(Inet { address, bits: *bits })
}

/// `::a.b.c.d`, which PostgreSQL prints with the dots and others do not.
fn is_ipv4_compatible(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if matches!(address.segments(), [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1))
}

/// The elements of an array; None is NULL.
pub type TextArray<'a> = Vec<Option<&'a str>>;

/// The type text.
const TEXTOID: i32 = 25;

/// A text[] of one dimension that begins at 1, or of none.
pub fn array(field: &[u8]) -> Option<TextArray<'_>> {
    let array = Array::parse(field)?;
    match array.dimensions[..] {
        [] => Some(array.elements),
        [(length, 1)] if length > 0 => Some(array.elements),
        _ => None,
    }
}

/// PostgreSQL has no arrays of more.
const MAX_DIMENSIONS: i32 = 6;

/// A text[] of any shape.
pub(crate) struct Array<'a> {
    /// Length and lower bound of each.
    pub dimensions: Vec<(i32, i32)>,
    pub elements: TextArray<'a>,
}

impl<'a> Array<'a> {
    /// Number of dimensions, whether there are NULLs, type, then for each dimension its length and lower bound, then the elements.
    pub fn parse(field: &'a [u8]) -> Option<Array<'a>> {
        let (count, rest) = integer(field)?;
        let (_has_nulls, rest) = integer(rest)?;
        let (element_type, mut rest) = integer(rest)?;
        if element_type != TEXTOID || !(0..=MAX_DIMENSIONS).contains(&count) {
            return None;
        }
        let mut dimensions = Vec::new();
        let mut left = usize::from(count > 0);
        for _ in 0..count {
            let (length, after) = integer(rest)?;
            let (lower_bound, after) = integer(after)?;
            rest = after;
            left = left.checked_mul(usize::try_from(length).ok()?)?;
            dimensions.push((length, lower_bound));
        }
        // Each element takes four bytes at least, so what is claimed costs no memory.
        if left > rest.len() / 4 {
            return None;
        }
        let mut elements = Vec::with_capacity(left);
        for _ in 0..left {
            let (bytes, after) = integer(rest)?;
            rest = after;
            elements.push(match usize::try_from(bytes) {
                Ok(bytes) => {
                    let (element, after) = rest.split_at_checked(bytes)?;
                    rest = after;
                    Some(text(element)?)
                }
                Err(_) if bytes == -1 => None,
                Err(_) => return None,
            });
        }
        rest.is_empty().then_some(Array { dimensions, elements })
    }
}

fn integer(bytes: &[u8]) -> Option<(i32, &[u8])> {
    let (integer, rest) = bytes.split_first_chunk()?;
    Some((i32::from_be_bytes(*integer), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(integers: &[i32]) -> Vec<u8> {
        integers.iter().flat_map(|integer| integer.to_be_bytes()).collect()
    }

    #[test]
    fn arrays_of_one_dimension_are_lists() {
        assert_eq!(array(&sent(&[0, 0, 25])), Some(vec![]));
        let mut field = sent(&[1, 1, 25, 3, 1, 1]);
        field.push(b'a');
        field.extend(sent(&[-1, 0]));
        assert_eq!(array(&field), Some(vec![Some("a"), None, Some("")]));
        field.push(0);
        assert_eq!(array(&field), None, "something follows");
    }

    #[test]
    fn other_arrays_are_kept_whole() {
        assert_eq!(array(&sent(&[1, 0, 25, 1, 0, 0])), None, "begins at 0");
        assert_eq!(array(&sent(&[2, 0, 25, 1, 1, 1, 1, 0])), None, "two dimensions");
        assert_eq!(array(&sent(&[1, 0, 23, 1, 1, 0])), None, "of another type");
        assert_eq!(array(&sent(&[1, 0, 25, 2, 1, 0])), None, "cut off");
        assert_eq!(array(b""), None);
    }

    #[test]
    fn an_inet_is_printed_as_postgresql_prints_it() {
        for (field, printed) in [
            (&[2, 32, 0, 4, 203, 0, 113, 7][..], Some("203.0.113.7")),
            (&[2, 8, 0, 4, 10, 1, 2, 3], Some("10.1.2.3/8")),
            (&[2, 0, 0, 4, 0, 0, 0, 0], Some("0.0.0.0/0")),
            (&[3, 128, 0, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], Some("2001:db8::1")),
            (&[3, 128, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], None),
            (&[3, 128, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4], Some("::ffff:1.2.3.4")),
            (&[3, 128, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], Some("::1")),
            (&[2, 33, 0, 4, 10, 1, 2, 3], None),
            (&[2, 8, 1, 4, 10, 0, 0, 0], None),
            (&[3, 32, 0, 4, 10, 1, 2, 3], None),
            (&[2, 32, 0, 4, 10, 1, 2], None),
            (&[], None),
        ] {
            assert_eq!(inet(field).map(|value| value.to_string()).as_deref(), printed, "{field:?}");
        }
    }

    #[test]
    fn a_jsonb_of_another_version_is_not_read() {
        assert_eq!(json(b"\x01{}"), Some("{}"));
        assert_eq!(json(b"\x02{}"), None);
        assert_eq!(json(b"\x01\xff"), None);
    }
}
