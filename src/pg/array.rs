//! Arrays of one dimension, from and to Rust's.

use audit_core::time::Timestamp;
use pgrx::pg_sys::{self, Oid};
use uuid::Uuid;

use super::datum::{self, Datum, held};
use super::value;

/// A text[] in the current memory context.
pub fn from_texts<T: AsRef<[u8]>>(values: impl IntoIterator<Item = Option<T>>) -> Datum<'static> {
    let values = values.into_iter().map(|text| text.map(|text| datum::from_text(text.as_ref())));
    // SAFETY: a text is a varlena with int alignment.
    unsafe { array(values, pg_sys::TEXTOID, -1, false, pg_sys::TYPALIGN_INT, pg_sys::TEXTARRAYOID) }
}

/// A text[] of one dimension without NULLs in the current memory context, laid out by hand (array.h, varatt.h of PostgreSQL): it is made for
/// every event that has old and new values.
pub fn from_names(names: &[&[u8]]) -> Datum<'static> {
    const HEADER: usize = 6 * 4;
    if names.is_empty() {
        return from_texts::<&[u8]>([]);
    }
    let elements: usize = names.iter().map(|name| (4 + name.len()).next_multiple_of(4)).sum();
    // SAFETY: as much is allocated as is written; palloc aligns better than an array asks for.
    unsafe {
        let array = pg_sys::palloc0(HEADER + elements).cast::<u8>();
        pgrx::varlena::set_varsize_4b(array.cast(), (HEADER + elements) as i32);
        // Dimensions, offset of data behind a NULL bitmap (none), element type, length, lower bound.
        let header = [1, 0, pg_sys::TEXTOID.to_u32() as i32, names.len() as i32, 1];
        std::ptr::copy_nonoverlapping(header.as_ptr(), array.cast::<i32>().add(1), header.len());
        let mut at = array.add(HEADER);
        for name in names {
            pgrx::varlena::set_varsize_4b(at.cast(), (4 + name.len()) as i32);
            std::ptr::copy_nonoverlapping(name.as_ptr(), at.add(4), name.len());
            at = at.add((4 + name.len()).next_multiple_of(4));
        }
        Datum::of(pg_sys::Datum::from(array), pg_sys::TEXTARRAYOID)
    }
}

/// A uuid[] in the current memory context.
pub fn from_uuids(ids: &[Uuid]) -> Datum<'static> {
    let values = ids.iter().map(|id| Some(datum::from_uuid(id)));
    // SAFETY: a uuid is 16 bytes without alignment.
    unsafe { array(values, pg_sys::UUIDOID, 16, false, pg_sys::TYPALIGN_CHAR, pg_sys::UUIDARRAYOID) }
}

/// A bytea[] in the current memory context.
pub fn from_byteas<T: AsRef<[u8]>>(values: impl IntoIterator<Item = Option<T>>) -> Datum<'static> {
    let values = values.into_iter().map(|bytes| bytes.map(|bytes| datum::from_bytes(bytes.as_ref())));
    // SAFETY: a bytea is a varlena with int alignment.
    unsafe { array(values, pg_sys::BYTEAOID, -1, false, pg_sys::TYPALIGN_INT, pg_sys::BYTEAARRAYOID) }
}

/// A smallint[] in the current memory context.
pub fn from_int2s(values: impl IntoIterator<Item = i16>) -> Datum<'static> {
    let values = values.into_iter().map(|number| Some(datum::from_int2(number)));
    // SAFETY: a smallint is held in the value itself.
    unsafe { array(values, pg_sys::INT2OID, 2, true, pg_sys::TYPALIGN_SHORT, pg_sys::INT2ARRAYOID) }
}

/// A bigint[] in the current memory context.
pub fn from_int8s(values: impl IntoIterator<Item = Option<i64>>) -> Datum<'static> {
    let values = values.into_iter().map(|number| number.map(datum::from_int8));
    // SAFETY: a bigint is held in the value itself.
    unsafe { array(values, pg_sys::INT8OID, 8, true, pg_sys::TYPALIGN_DOUBLE, pg_sys::INT8ARRAYOID) }
}

/// A timestamptz[] in the current memory context.
pub fn from_times(values: impl IntoIterator<Item = Timestamp>) -> Datum<'static> {
    let values = values.into_iter().map(|time| Some(datum::from_time(time)));
    // SAFETY: a timestamptz is held in the value itself.
    unsafe { array(values, pg_sys::TIMESTAMPTZOID, 8, true, pg_sys::TYPALIGN_DOUBLE, pg_sys::TIMESTAMPTZARRAYOID) }
}

/// The elements of a text[]; None for one that is NULL.
pub fn read_texts(array: Datum) -> Vec<Option<String>> {
    value::array(array, pg_sys::TEXTOID).elements.into_iter().map(|text| text.map(datum::read_text)).collect()
}

/// The elements of a bigint[] that are not NULL.
pub fn read_int8s(array: Datum) -> Vec<i64> {
    value::array(array, pg_sys::INT8OID).elements.into_iter().flatten().map(datum::read_int8).collect()
}

/// The elements of a timestamptz[] that are not NULL.
pub fn read_times(array: Datum) -> Vec<Timestamp> {
    value::array(array, pg_sys::TIMESTAMPTZOID).elements.into_iter().flatten().map(datum::read_time).collect()
}

/// # Safety
/// The values are of the type, whose length, alignment and way of passing are given; `array_kind` is the type of its arrays.
unsafe fn array<'a>(
    values: impl Iterator<Item = Option<Datum<'a>>>,
    kind: Oid,
    length: i32,
    by_value: bool,
    align: u8,
    array_kind: Oid,
) -> Datum<'static> {
    let (mut values, mut nulls): (Vec<pg_sys::Datum>, Vec<bool>) = values.map(held).unzip();
    let (mut dimensions, mut lower_bounds) = ([values.len() as i32], [1]);
    // SAFETY: there are as many values as NULL flags; the caller promises that they are of the type.
    unsafe {
        let array = match values.is_empty() {
            true => pg_sys::construct_empty_array(kind),
            false => pg_sys::construct_md_array(
                values.as_mut_ptr(),
                nulls.as_mut_ptr(),
                1,
                dimensions.as_mut_ptr(),
                lower_bounds.as_mut_ptr(),
                kind,
                length,
                by_value,
                align as _,
            ),
        };
        Datum::of(pg_sys::Datum::from(array), array_kind)
    }
}
