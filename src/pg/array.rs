//! Arrays of one dimension, from and to Rust's: rows of a statement that stores many.

use audit_core::time::Timestamp;
use pgrx::pg_sys::{self, Oid};

use super::datum::{self, Datum, held};
use super::value;

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
