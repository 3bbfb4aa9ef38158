//! Values from what [`super::send`] writes, whatever encoding the client has. PostgreSQL's own receive functions expect the client's.

use std::ffi::CStr;

use pgrx::pg_sys::{self, Oid};
use uuid::Uuid;

use super::datum::{Datum, from_bytes, from_content, from_int8, from_text, from_time, from_uuid};
use audit_core::time::Timestamp;

/// A value in the current memory context; None if the bytes are none of this type. Raises for a text that is no UTF-8 or that the database cannot
/// hold, and for a document that is no JSON.
pub fn receive(kind: Oid, field: &[u8]) -> Option<Datum<'static>> {
    match kind {
        pg_sys::UUIDOID => Some(from_uuid(&Uuid::from_slice(field).ok()?)),
        pg_sys::TIMESTAMPTZOID => time(i64::from_be_bytes(field.try_into().ok()?)),
        pg_sys::INT8OID => Some(from_int8(i64::from_be_bytes(field.try_into().ok()?))),
        pg_sys::BYTEAOID => Some(from_bytes(field)),
        pg_sys::TEXTOID => Some(from_text(in_server_encoding(field))),
        pg_sys::JSONBOID => json(field.strip_prefix(&[1])?),
        pg_sys::INETOID => inet(field),
        pg_sys::TEXTARRAYOID => Some(texts(&Texts::parse(field)?)),
        other => panic!("no type of a column of events: {}", other.to_u32()),
    }
}

fn time(microseconds: i64) -> Option<Datum<'static>> {
    Some(Timestamp::from_microseconds(microseconds)).filter(|time| time.is_possible()).map(from_time)
}

/// The text itself where nothing has to be converted, else a palloc'd one.
fn in_server_encoding(text: &[u8]) -> &[u8] {
    // SAFETY: gives the text itself, checked, or a palloc'd C string; raises what is no text.
    unsafe {
        let given = text.as_ptr().cast();
        let converted = pg_sys::pg_any_to_server(given, text.len() as i32, pg_sys::pg_enc::PG_UTF8 as i32);
        if converted.cast_const() == given { text } else { CStr::from_ptr(converted).to_bytes() }
    }
}

fn json(text: &[u8]) -> Option<Datum<'static>> {
    let text = in_server_encoding(text);
    // SAFETY: a copy that ends with a zero, which no text has within; jsonb_in gives a jsonb or raises.
    unsafe {
        let copy = pg_sys::palloc(text.len() + 1).cast::<u8>();
        std::ptr::copy_nonoverlapping(text.as_ptr(), copy, text.len());
        *copy.add(text.len()) = 0;
        let document = pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &[Some(pg_sys::Datum::from(copy))]);
        document.map(|document| Datum::of(document, pg_sys::JSONBOID))
    }
}

fn inet(field: &[u8]) -> Option<Datum<'static>> {
    let ([family, bits, is_cidr, length], address) = field.split_first_chunk()?;
    let longest = match (*family, *length) {
        (2, 4) => 32,
        (3, 16) => 128,
        _ => return None,
    };
    let fits = *is_cidr == 0 && *bits <= longest && address.len() == usize::from(*length);
    // SAFETY: laid out as an inet (utils/inet.h).
    fits.then(|| unsafe { Datum::of(from_content(&[&[*family, *bits], address].concat()), pg_sys::INETOID) })
}

/// A text[] as it is sent.
#[derive(Debug, PartialEq, Eq)]
struct Texts<'a> {
    lengths: Vec<i32>,
    lower_bounds: Vec<i32>,
    elements: Vec<Option<&'a [u8]>>,
}

impl<'a> Texts<'a> {
    fn parse(field: &'a [u8]) -> Option<Texts<'a>> {
        let mut rest = field;
        let number = |rest: &mut &'a [u8]| {
            let (number, after) = rest.split_first_chunk()?;
            *rest = after;
            Some(i32::from_be_bytes(*number))
        };
        let dimensions = number(&mut rest).filter(|count| (0..=pg_sys::MAXDIM as i32).contains(count))?;
        let _has_room_for_nulls = number(&mut rest)?;
        number(&mut rest).filter(|kind| *kind == pg_sys::TEXTOID.to_u32() as i32)?;
        let mut texts = Texts { lengths: Vec::new(), lower_bounds: Vec::new(), elements: Vec::new() };
        let mut count = usize::from(dimensions > 0);
        for _ in 0..dimensions {
            let length = number(&mut rest)?;
            texts.lengths.push(length);
            texts.lower_bounds.push(number(&mut rest)?);
            count = count.checked_mul(usize::try_from(length).ok()?)?;
        }
        // Each takes four bytes at least, so nobody can make us ask for more memory than was sent.
        if count > rest.len() / 4 {
            return None;
        }
        for _ in 0..count {
            let element = match number(&mut rest)? {
                -1 => None,
                length => {
                    let (element, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                    rest = after;
                    Some(element)
                }
            };
            texts.elements.push(element);
        }
        rest.is_empty().then_some(texts)
    }
}

fn texts(texts: &Texts) -> Datum<'static> {
    let (mut values, mut nulls): (Vec<pg_sys::Datum>, Vec<bool>) = texts
        .elements
        .iter()
        .map(|element| super::datum::held(element.map(|text| from_text(in_server_encoding(text)))))
        .unzip();
    let (mut lengths, mut lower_bounds) = (texts.lengths.clone(), texts.lower_bounds.clone());
    // SAFETY: as many values and NULL flags as the lengths say, of texts. Bounds that no array has are refused by an error.
    unsafe {
        let array = match values.is_empty() {
            true => pg_sys::construct_empty_array(pg_sys::TEXTOID),
            false => pg_sys::construct_md_array(
                values.as_mut_ptr(),
                nulls.as_mut_ptr(),
                lengths.len() as i32,
                lengths.as_mut_ptr(),
                lower_bounds.as_mut_ptr(),
                pg_sys::TEXTOID,
                -1,
                false,
                pg_sys::TYPALIGN_INT as _,
            ),
        };
        Datum::of(pg_sys::Datum::from(array), pg_sys::TEXTARRAYOID)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(numbers: &[i32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    #[test]
    fn arrays_of_any_shape_are_read() {
        let empty = Texts { lengths: vec![], lower_bounds: vec![], elements: vec![] };
        assert_eq!(Texts::parse(&sent(&[0, 0, 25])), Some(empty));
        let mut field = sent(&[2, 1, 25, 1, -3, 2, 0, 1]);
        field.push(b'a');
        field.extend(sent(&[-1]));
        let square = Texts { lengths: vec![1, 2], lower_bounds: vec![-3, 0], elements: vec![Some(b"a"), None] };
        assert_eq!(Texts::parse(&field), Some(square));
    }

    #[test]
    fn what_is_no_array_of_texts_is_not_read() {
        for field in [
            sent(&[0, 0, 23]),
            sent(&[7, 0, 25]),
            sent(&[-1, 0, 25]),
            sent(&[1, 0, 25, i32::MAX, 1]),
            sent(&[2, 0, 25, i32::MAX, 1, i32::MAX, 1]),
            sent(&[1, 0, 25, -1, 1]),
            sent(&[1, 0, 25, 1, 1, -2]),
            sent(&[1, 0, 25, 1, 1, 5]),
            sent(&[1, 0, 25, 1, 1, -1, -1]),
            vec![0],
        ] {
            assert_eq!(Texts::parse(&field), None, "{field:?}");
        }
    }
}
