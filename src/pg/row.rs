//! A row taken apart, and the columns of its table.

use std::ffi::CStr;

use pgrx::pg_sys::{self, Datum};

use super::compat;

/// The values of one row, by the places of its table's columns, dropped ones included.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    values: &'a [Datum],
    nulls: &'a [bool],
}

impl<'a> Row<'a> {
    pub(super) fn of(values: &'a [Datum], nulls: &'a [bool]) -> Row<'a> {
        Row { values, nulls }
    }

    /// None for NULL.
    pub fn value(&self, place: usize) -> Option<Datum> {
        (!self.nulls[place]).then(|| self.values[place])
    }
}

/// A row that owns its array of values.
pub struct OwnedRow {
    values: Vec<Datum>,
    nulls: Vec<bool>,
}

impl OwnedRow {
    /// # Safety
    /// `tuple` has this description and outlives the value.
    pub(super) unsafe fn deform(tuple: pg_sys::HeapTuple, description: pg_sys::TupleDesc) -> OwnedRow {
        // SAFETY: as demanded; the arrays have room for all columns.
        unsafe {
            let count = (*description).natts as usize;
            let mut row = OwnedRow { values: vec![Datum::from(0usize); count], nulls: vec![true; count] };
            pg_sys::heap_deform_tuple(tuple, description, row.values.as_mut_ptr(), row.nulls.as_mut_ptr());
            row
        }
    }

    pub fn row(&self) -> Row<'_> {
        Row::of(&self.values, &self.nulls)
    }
}

/// What the catalog says of one column.
#[derive(Clone)]
pub struct ColumnDescription {
    pub name: Vec<u8>,
    pub type_id: pg_sys::Oid,
    pub length: i16,
    pub by_value: bool,
    pub is_dropped: bool,
    /// Computed when read; a stored row has nothing there.
    pub is_virtual: bool,
}

/// # Safety
/// `description` is valid.
pub(super) unsafe fn columns(description: pg_sys::TupleDesc) -> Vec<ColumnDescription> {
    // SAFETY: as demanded; places run below natts.
    unsafe {
        (0..(*description).natts as usize)
            .map(|place| {
                let column = &*compat::attribute(description, place);
                ColumnDescription {
                    name: CStr::from_ptr(column.attname.data.as_ptr()).to_bytes().to_vec(),
                    type_id: column.atttypid,
                    length: column.attlen,
                    by_value: column.attbyval,
                    is_dropped: column.attisdropped,
                    is_virtual: column.attgenerated as u8 == b'v',
                }
            })
            .collect()
    }
}
