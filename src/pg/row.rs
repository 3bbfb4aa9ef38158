//! A row split into its values, and the columns of its table.

use std::ffi::CStr;
use std::marker::PhantomData;

use pgrx::pg_sys;

use super::datum::Datum;
use super::{compat, image};

/// The values of one row, by the places of its table's columns, dropped ones included.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    values: &'a [pg_sys::Datum],
    nulls: &'a [bool],
    description: pg_sys::TupleDesc,
}

impl<'a> Row<'a> {
    /// # Safety
    /// The values are of the columns of the description, which is there for `'a`.
    pub(super) unsafe fn of(values: &'a [pg_sys::Datum], nulls: &'a [bool], description: pg_sys::TupleDesc) -> Row<'a> {
        Row { values, nulls, description }
    }

    /// None for NULL.
    pub fn value(&self, place: usize) -> Option<Datum<'a>> {
        // SAFETY: there is a value for each column.
        (!self.nulls[place]).then(|| unsafe { Datum::of(self.values[place], self.column(place).atttypid) })
    }

    /// Whether another row of the same table has the same in this column.
    pub fn is_same(&self, other: &Row, place: usize) -> bool {
        match (self.nulls[place], other.nulls[place]) {
            (false, false) => {
                let (column, theirs) = (self.column(place), other.column(place));
                column.atttypid == theirs.atttypid
                    // SAFETY: both are of the column's type.
                    && unsafe {
                        image::same_stored(self.values[place], other.values[place], column.attbyval, column.attlen)
                    }
            }
            (a, b) => a == b,
        }
    }

    fn column(&self, place: usize) -> &pg_sys::FormData_pg_attribute {
        // SAFETY: there are as many values as columns, and so many are read at most.
        unsafe { &*compat::attribute(self.description, place) }
    }
}

/// A row that owns its array of values, which point into the tuple that they come from.
pub struct OwnedRow<'a> {
    values: Vec<pg_sys::Datum>,
    nulls: Vec<bool>,
    description: pg_sys::TupleDesc,
    tuple: PhantomData<&'a ()>,
}

impl<'a> OwnedRow<'a> {
    /// # Safety
    /// `tuple` has this description, and both are there for `'a`.
    pub(super) unsafe fn deform(tuple: pg_sys::HeapTuple, description: pg_sys::TupleDesc) -> OwnedRow<'a> {
        // SAFETY: the caller promises that `tuple` has this description, and both are there for `'a`. The arrays have room for all columns.
        unsafe {
            let count = (*description).natts as usize;
            let (values, nulls) = (vec![pg_sys::Datum::from(0usize); count], vec![true; count]);
            let mut row = OwnedRow { values, nulls, description, tuple: PhantomData };
            pg_sys::heap_deform_tuple(tuple, description, row.values.as_mut_ptr(), row.nulls.as_mut_ptr());
            row
        }
    }

    /// None for NULL.
    pub fn value(&self, place: usize) -> Option<Datum<'a>> {
        // SAFETY: a value of this column, which points into the tuple.
        self.row().value(place).map(|value| unsafe { Datum::of(value.raw(), value.kind()) })
    }

    pub fn row(&self) -> Row<'_> {
        // SAFETY: deform() took the values out of a tuple of this description.
        unsafe { Row::of(&self.values, &self.nulls, self.description) }
    }
}

/// A row as a trigger is given it.
#[derive(Clone, Copy)]
pub struct Tuple<'call> {
    tuple: pg_sys::HeapTuple,
    memory: PhantomData<&'call ()>,
}

impl Tuple<'_> {
    /// # Safety
    /// A row that is there for the lifetime.
    pub(super) unsafe fn of(tuple: pg_sys::HeapTuple) -> Self {
        Tuple { tuple, memory: PhantomData }
    }

    pub(super) fn raw(self) -> pg_sys::HeapTuple {
        self.tuple
    }

    /// The same row with the lifetime that an answer has. The answer is returned while the call lasts.
    pub(super) fn in_answer(self) -> Tuple<'static> {
        Tuple { tuple: self.tuple, memory: PhantomData }
    }
}

/// What the catalog says of one column.
#[derive(Clone)]
pub struct ColumnDescription {
    pub name: Vec<u8>,
    pub type_id: pg_sys::Oid,
    pub length: i16,
    pub is_dropped: bool,
    /// Computed when read; a stored row has nothing there.
    pub is_virtual: bool,
}

/// # Safety
/// `description` is valid.
pub(super) unsafe fn columns(description: pg_sys::TupleDesc) -> Vec<ColumnDescription> {
    // SAFETY: the caller promises that `description` is valid. Places run below natts.
    unsafe {
        (0..(*description).natts as usize)
            .map(|place| {
                let column = &*compat::attribute(description, place);
                ColumnDescription {
                    name: CStr::from_ptr(column.attname.data.as_ptr()).to_bytes().to_vec(),
                    type_id: column.atttypid,
                    length: column.attlen,
                    is_dropped: column.attisdropped,
                    is_virtual: column.attgenerated as u8 == b'v',
                }
            })
            .collect()
    }
}

/// Raises unless the values are those of a row of this description.
///
/// # Safety
/// `description` is valid.
pub(super) unsafe fn assert_fits(description: pg_sys::TupleDesc, values: &[Option<Datum>]) {
    // SAFETY: the caller promises that `description` is valid.
    unsafe {
        assert_eq!(values.len(), (*description).natts as usize, "the SQL declaration has other columns");
        for (place, value) in values.iter().enumerate() {
            let kind = (*compat::attribute(description, place)).atttypid;
            assert!(value.is_none_or(|value| value.kind() == kind), "the SQL declaration has other types");
        }
    }
}
