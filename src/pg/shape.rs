//! The columns that a table of ours must have, and where a table has them.
//!
//! The columns of a partition may be in another order than those of its parent, and whoever bypasses the DDL guard may do anything to a
//! table. What is read as a uuid must be one. So names and types are compared before a value is read, once per table and change of the
//! catalog.

use std::ffi::CStr;
use std::rc::Rc;

use pgrx::pg_sys::{self, Oid};

use super::compat;

/// A column of a table of ours.
pub struct Named {
    pub name: &'static str,
    pub kind: Oid,
    /// Whether a table must have it. Other columns count as NULL where they are missing.
    pub is_needed: bool,
}

impl Named {
    pub const fn needed(name: &'static str, kind: Oid) -> Named {
        Named { name, kind, is_needed: true }
    }
}

impl Named {
    pub(super) fn is_name_of(&self, column: &pg_sys::FormData_pg_attribute) -> bool {
        // SAFETY: names end with a zero.
        let name = unsafe { CStr::from_ptr(column.attname.data.as_ptr()) };
        !column.attisdropped && name.to_bytes() == self.name.as_bytes()
    }
}

/// Where a table has the columns of a shape.
#[derive(Clone)]
pub enum Places {
    /// Where the shape has them; others may follow.
    InOrder,
    /// By their numbers, from 1; None for one that is missing.
    ByName(Rc<[Option<i16>]>),
}

impl Places {
    /// None if the table lacks what it needs, or has a column of another type.
    ///
    /// # Safety
    /// `description` is valid.
    pub unsafe fn find(shape: &[Named], description: pg_sys::TupleDesc) -> Option<Places> {
        // SAFETY: the caller promises that `description` is valid. There are so many columns.
        let (count, column) =
            unsafe { ((*description).natts as usize, |place: usize| &*compat::attribute(description, place)) };
        let is_in_order = shape.len() <= count
            && shape.iter().enumerate().all(|(place, named)| {
                let column = column(place);
                column.atttypid == named.kind && named.is_name_of(column)
            });
        if is_in_order {
            return Some(Places::InOrder);
        }
        let mut found = Vec::with_capacity(shape.len());
        for named in shape {
            match (0..count).map(column).find(|column| named.is_name_of(column)) {
                Some(column) if !holds(column.atttypid, named.kind) => return None,
                None if named.is_needed => return None,
                column => found.push(column.map(|column| column.attnum)),
            }
        }
        Some(Places::ByName(found.into()))
    }

    /// The number of a column of the shape, numbered from 1 too.
    pub fn number(&self, column: i16) -> Option<i16> {
        match self {
            Places::InOrder => Some(column),
            Places::ByName(numbers) => numbers.get(usize::try_from(column - 1).ok()?).copied().flatten(),
        }
    }
}

/// Whether values of a type lie in memory as those of `kind` do: it is the type, a domain over it, or a narrower one.
pub(super) fn holds(actual: Oid, kind: Oid) -> bool {
    actual == kind || {
        // SAFETY: a syscache look-up.
        let base = unsafe { pg_sys::getBaseType(actual) };
        base == kind
            || matches!((base, kind), (pg_sys::VARCHAROID, pg_sys::TEXTOID) | (pg_sys::CIDROID, pg_sys::INETOID))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_where_the_table_has_it() {
        assert_eq!(Places::InOrder.number(3), Some(3));
        let by_name = Places::ByName([Some(2), None, Some(1)].into());
        assert_eq!([1, 2, 3, 4, 0].map(|column| by_name.number(column)), [Some(2), None, Some(1), None, None]);
    }
}
