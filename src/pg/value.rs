//! Values of any type, read and printed without casts: only the type's own output function is called, as the user who is acting.
//!
//! Slices live as long as the value that they were taken from, or as the current memory context.

use std::ffi::CStr;

use audit_core::jsonb::Stored;
use pgrx::pg_sys::{self, Oid};

use super::datum::{self, Datum};
use super::row::{ColumnDescription, OwnedRow, columns};
use super::types;

/// What the type's output function prints.
pub fn output<'a>(value: Datum<'a>) -> &'a [u8] {
    // SAFETY: the function takes a value of this type and gives a palloc'd C string.
    unsafe {
        let (mut function, mut is_varlena) = (pg_sys::InvalidOid, false);
        pg_sys::getTypeOutputInfo(value.kind(), &mut function, &mut is_varlena);
        CStr::from_ptr(pg_sys::OidOutputFunctionCall(function, value.raw())).to_bytes()
    }
}

/// # Safety
/// A plain varlena with a header of four bytes, there for `'a`.
unsafe fn bytes_of<'a>(value: *const pg_sys::varlena) -> &'a [u8] {
    // SAFETY: the caller promises that the value is a plain varlena with a header of four bytes, which is there for `'a`.
    unsafe { std::slice::from_raw_parts(value.cast::<u8>(), pgrx::varlena::varsize_4b(value)) }
}

pub fn integer<'a>(value: i64) -> Stored<'a> {
    // SAFETY: gives a palloc'd numeric.
    Stored::by_postgres(unsafe { bytes_of(pg_sys::int64_to_numeric(value).cast()) })
}

/// A numeric with its header; None for NaN and the infinities.
pub fn numeric<'a>(value: Datum<'a>) -> Option<Stored<'a>> {
    let value = value.as_one_of(&[pg_sys::NUMERICOID]);
    // SAFETY: a numeric is a varlena.
    unsafe {
        let plain = pg_sys::pg_detoast_datum(value.cast_mut_ptr());
        let is_number = !pg_sys::numeric_is_nan(plain.cast()) && !pg_sys::numeric_is_inf(plain.cast());
        is_number.then(|| Stored::by_postgres(bytes_of(plain)))
    }
}

/// A numeric from digits in Rust's notation, such as `1.5e300`.
pub fn numeric_from_digits<'a>(digits: &CStr) -> Stored<'a> {
    // SAFETY: numeric_in takes a C string, a type and a modifier, and never answers NULL.
    let number = unsafe {
        pgrx::direct_function_call_as_datum(
            pg_sys::numeric_in,
            &[pg_sys::Datum::from(digits.as_ptr()), pg_sys::Datum::from(0usize), pg_sys::Datum::from(-1i32)].map(Some),
        )
        .map(|number| Datum::of(number, pg_sys::NUMERICOID))
    };
    number.and_then(numeric).unwrap_or_else(|| integer(0))
}

/// A date, timestamp or timestamptz as ISO 8601, the last in UTC whatever the session's time zone.
pub fn date_time<'a>(kind: Oid, value: Datum<'a>) -> &'a [u8] {
    const UTC: std::ffi::c_int = 0;
    assert!(matches!(kind, pg_sys::DATEOID | pg_sys::TIMESTAMPOID | pg_sys::TIMESTAMPTZOID), "no date or time");
    let value = value.as_one_of(&[kind]);
    // SAFETY: the buffer has the length that datetime.h demands; the text ends with NUL.
    unsafe {
        let buffer = pg_sys::palloc(pg_sys::MAXDATELEN as usize + 1).cast();
        CStr::from_ptr(pg_sys::JsonEncodeDateTime(buffer, value, kind, &UTC)).to_bytes()
    }
}

/// The length a varlena value has when it is neither compressed nor moved out of its row; found out without fetching it.
pub fn raw_size(value: Datum) -> usize {
    // SAFETY: a varlena in any form; the length includes a header of four bytes.
    unsafe { pg_sys::toast_raw_datum_size(value.as_varlena()) }.saturating_sub(pg_sys::VARHDRSZ)
}

/// The SHA-256 of a varlena's content, computed by Postgres.
pub fn sha256<'a>(value: Datum<'a>) -> &'a [u8] {
    // SAFETY: sha256 of bytea looks at the bytes of a varlena, whatever its type, and never answers NULL.
    let digest = unsafe {
        pgrx::direct_function_call_as_datum(pg_sys::sha256_bytea, &[Some(value.as_varlena())])
            .map(|digest| Datum::of(digest, pg_sys::BYTEAOID))
    };
    digest.map(datum::read_bytes).unwrap_or_default()
}

pub struct Array<'a> {
    pub dimensions: Vec<usize>,
    /// Whether all dimensions are counted from 1, as a JSON array cannot tell otherwise.
    pub counts_from_one: bool,
    pub elements: Vec<Option<Datum<'a>>>,
}

/// How many elements an array has. NULLs take a bit each, so it may be many more than there are bytes.
pub fn array_length(value: Datum) -> usize {
    assert!(types::element_type(types::base_type(value.kind())).is_some(), "no array");
    let value = value.raw();
    // SAFETY: an array; its dimensions follow its header.
    unsafe {
        let array = pg_sys::pg_detoast_datum(value.cast_mut_ptr()).cast::<pg_sys::ArrayType>();
        let lengths = std::slice::from_raw_parts(array.add(1).cast::<i32>(), (*array).ndim as usize);
        if lengths.is_empty() { 0 } else { lengths.iter().map(|length| *length as usize).product() }
    }
}

pub fn array<'a>(value: Datum<'a>, element: Oid) -> Array<'a> {
    assert_eq!(types::element_type(types::base_type(value.kind())), Some(element), "no array of this type");
    let value = value.raw();
    // SAFETY: an array of such elements; dimensions and lower bounds follow its header.
    unsafe {
        let array = pg_sys::pg_detoast_datum(value.cast_mut_ptr()).cast::<pg_sys::ArrayType>();
        let dimensions = (*array).ndim as usize;
        let bounds = std::slice::from_raw_parts(array.add(1).cast::<i32>(), 2 * dimensions);
        let (mut length, mut by_value, mut align) = (0, false, 0);
        pg_sys::get_typlenbyvalalign(element, &mut length, &mut by_value, &mut align);
        let (mut values, mut nulls, mut count) = (std::ptr::null_mut(), std::ptr::null_mut(), 0);
        pg_sys::deconstruct_array(array, element, length.into(), by_value, align, &mut values, &mut nulls, &mut count);
        Array {
            dimensions: bounds[..dimensions].iter().map(|length| *length as usize).collect(),
            counts_from_one: bounds[dimensions..].iter().all(|lower| *lower == 1),
            elements: (0..count as usize)
                .map(|i| (!*nulls.add(i)).then(|| Datum::of(*values.add(i), element)))
                .collect(),
        }
    }
}

/// The columns and values of a composite value.
pub fn composite<'a>(value: Datum<'a>) -> (Vec<ColumnDescription>, OwnedRow<'a>) {
    assert!(types::is_composite(types::base_type(value.kind())), "no composite value");
    let value = value.raw();
    // SAFETY: a composite value carries its row type, of which a copy is taken; the tuple lives as the value does.
    unsafe {
        let header = pg_sys::pg_detoast_datum(value.cast_mut_ptr()).cast::<pg_sys::HeapTupleHeaderData>();
        let kind = (*header).t_choice.t_datum;
        let description = pg_sys::lookup_rowtype_tupdesc_copy(kind.datum_typeid, kind.datum_typmod);
        let mut tuple: pg_sys::HeapTupleData = std::mem::zeroed();
        tuple.t_len = pgrx::varlena::varsize_4b(header.cast()) as u32;
        tuple.t_data = header;
        (columns(description), OwnedRow::deform(&mut tuple, description))
    }
}
