//! What the catalog says of a type.

use pgrx::pg_sys::{self, Oid};

/// The type behind domains.
pub fn base_type(type_id: Oid) -> Oid {
    // SAFETY: syscache look-ups; raises for a type that is gone.
    unsafe { pg_sys::getBaseType(type_id) }
}

/// The type of an array's elements, or None if it is no array.
pub fn element_type(type_id: Oid) -> Option<Oid> {
    // SAFETY: a syscache look-up.
    let element = unsafe { pg_sys::get_element_type(type_id) };
    (element != pg_sys::InvalidOid).then_some(element)
}

pub fn is_composite(type_id: Oid) -> bool {
    // SAFETY: a syscache look-up.
    type_id == pg_sys::RECORDOID || unsafe { pg_sys::get_typtype(type_id) } as u8 == b'c'
}
