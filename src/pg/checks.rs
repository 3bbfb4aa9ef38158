//! The CHECK constraints of a table, as the relation cache has them and as PostgreSQL prints them.

use std::ffi::{CStr, c_char};

use pgrx::pg_sys::{self, Datum};

use super::relation::Relation;
use super::{compat, datum, guc};

pub struct CheckConstraint {
    pub name: String,
    /// Without "CHECK" and its parentheses, in UTC.
    pub expression: String,
    pub is_enforced: bool,
    /// The expression as a tree, in PostgreSQL's own notation; good as long as the relation is open.
    pub stored: *const c_char,
}

/// All of a table, in the order in which the executor evaluates them.
pub fn of(table: &Relation) -> Vec<CheckConstraint> {
    let _settings = guc::exact_printing();
    // SAFETY: the relation is open; as many are read as there are, and what is kept of them is copied.
    unsafe {
        let Some(constraints) = (*(*table.raw()).rd_att).constr.as_ref() else { return Vec::new() };
        (0..constraints.num_check as usize)
            .map(|place| {
                let check = constraints.check.add(place);
                let text = |text: *const c_char| CStr::from_ptr(text).to_string_lossy().into_owned();
                CheckConstraint {
                    name: text((*check).ccname),
                    expression: print(table, CStr::from_ptr((*check).ccbin)).unwrap_or_default(),
                    is_enforced: compat::check_is_enforced(check),
                    stored: (*check).ccbin,
                }
            })
            .collect()
    }
}

/// What the bounds of a partition say, as its CHECKs are printed.
pub fn of_bounds(partition: &Relation) -> Option<String> {
    let _settings = guc::exact_printing();
    // SAFETY: the function takes an OID and gives text, or NULL.
    unsafe {
        let oid = Some(Datum::from((*partition.raw()).rd_id));
        pgrx::direct_function_call_as_datum(pg_sys::pg_get_partition_constraintdef, &[oid]).map(|printed| text(printed))
    }
}

fn print(table: &Relation, tree: &CStr) -> Option<String> {
    // SAFETY: the function takes a tree as text and the OID of the table that it is about.
    unsafe {
        let arguments = [Some(datum::from_text(tree.to_bytes()).raw()), Some(Datum::from((*table.raw()).rd_id))];
        pgrx::direct_function_call_as_datum(pg_sys::pg_get_expr, &arguments).map(|printed| text(printed))
    }
}

/// # Safety
/// The value is a text.
unsafe fn text(value: Datum) -> String {
    // SAFETY: the caller promises that the value is a text.
    datum::read_text(unsafe { datum::Datum::of(value, pg_sys::TEXTOID) })
}
