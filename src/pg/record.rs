//! The values of a row of ours: of an event, of a floor.

use audit_core::time::Timestamp;

use std::marker::PhantomData;

use pgrx::pg_sys;
use uuid::Uuid;

use super::datum::{self, Datum};
use super::shape::Named;

/// Each value is of its column's type. Columns are numbered from 1.
#[derive(Clone)]
pub struct Record<'a, const N: usize> {
    values: [Option<pg_sys::Datum>; N],
    shape: &'static [Named; N],
    memory: PhantomData<&'a [u8]>,
}

impl<'a, const N: usize> Record<'a, N> {
    #[inline(always)]
    pub fn empty(shape: &'static [Named; N]) -> Self {
        Record { values: [None; N], shape, memory: PhantomData }
    }

    /// # Safety
    /// The values are of the types of the shape, and what they point to is there for `'a`.
    pub(super) unsafe fn of(shape: &'static [Named; N], values: [Option<pg_sys::Datum>; N]) -> Self {
        Record { values, shape, memory: PhantomData }
    }

    pub(super) fn shape(&self) -> &'static [Named] {
        self.shape
    }

    pub(super) fn raw(&self) -> &[Option<pg_sys::Datum>; N] {
        &self.values
    }

    #[inline]
    pub fn value(&self, number: impl Into<i16>) -> Option<Datum<'a>> {
        let place = number.into() as usize - 1;
        // SAFETY: each value is of its column's type.
        self.values[place].map(|value| unsafe { Datum::of(value, self.shape[place].kind) })
    }

    #[inline]
    pub fn is_null(&self, number: impl Into<i16>) -> bool {
        self.values[number.into() as usize - 1].is_none()
    }

    #[inline]
    pub fn uuid(&self, number: impl Into<i16>) -> Option<Uuid> {
        self.value(number).map(datum::read_uuid)
    }

    #[inline]
    pub fn time(&self, number: impl Into<i16>) -> Option<Timestamp> {
        self.value(number).map(datum::read_time)
    }

    /// The bytes of a text.
    #[inline]
    pub fn bytes(&self, number: impl Into<i16>) -> Option<&'a [u8]> {
        self.value(number).map(datum::read_bytes)
    }

    #[inline(always)]
    pub fn set(&mut self, number: impl Into<i16>, value: Option<Datum<'a>>) {
        let place = number.into() as usize - 1;
        let kind = self.shape[place].kind;
        self.values[place] = value.map(|value| {
            assert_eq!(value.kind(), kind, "a value of another type than the column");
            value.raw()
        });
    }
}
