//! What publications of logical replication contain.

use std::ffi::CString;

use pgrx::pg_sys::{self, Oid};

/// Whether a publication of this name publishes any of these tables, by name, with their schema or with all.
pub fn publishes(name: &str, schema: Oid, mut tables: impl Iterator<Item = Oid>) -> bool {
    let Ok(name) = CString::new(name) else { return false };
    // SAFETY: a missing publication gives NULL; the lists are of OIDs, or NULL.
    unsafe {
        let Some(publication) = pg_sys::GetPublicationByName(name.as_ptr(), true).as_ref() else { return false };
        let lists = |list: *mut pg_sys::List| {
            let length = list.as_ref().map_or(0, |list| list.length as usize);
            (0..length).any(|place| (*(*list).elements.add(place)).oid_value == publication.oid)
        };
        publication.alltables
            || lists(pg_sys::GetSchemaPublications(schema))
            || tables.any(|table| lists(pg_sys::GetRelationPublications(table)))
    }
}
