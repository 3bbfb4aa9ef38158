//! Look-ups of what a catalog entry belongs to. PostgreSQL caches all of them, and they take no locks.

use std::ffi::{CStr, CString};

use pgrx::pg_sys::{self, Oid};

fn found(oid: Oid) -> Option<Oid> {
    (oid != pg_sys::InvalidOid).then_some(oid)
}

pub fn schema_named(name: &str) -> Option<Oid> {
    let name = CString::new(name).ok()?;
    // SAFETY: a missing schema gives InvalidOid.
    found(unsafe { pg_sys::get_namespace_oid(name.as_ptr(), true) })
}

pub fn has_extension(name: &str) -> bool {
    // SAFETY: a look-up by name; InvalidOid when there is no such extension.
    CString::new(name).is_ok_and(|name| unsafe { pg_sys::get_extension_oid(name.as_ptr(), true) } != pg_sys::InvalidOid)
}

pub fn schema_of(relation: Oid) -> Option<Oid> {
    // SAFETY: a missing relation gives InvalidOid.
    found(unsafe { pg_sys::get_rel_namespace(relation) })
}

pub fn schema_name(schema: Oid) -> Option<String> {
    // SAFETY: NULL or a palloc'd string.
    unsafe { copied(pg_sys::get_namespace_name(schema)) }
}

/// The function of this name that takes no arguments.
pub fn function_named(schema: Oid, name: &str) -> Option<Oid> {
    let name = CString::new(name).ok()?;
    // SAFETY: a syscache look-up by name, list of types and schema; InvalidOid when there is no such function.
    unsafe {
        let no_types = pg_sys::buildoidvector(std::ptr::null(), 0);
        found(pg_sys::GetSysCacheOid(
            pg_sys::SysCacheIdentifier::PROCNAMEARGSNSP as _,
            pg_sys::Anum_pg_proc_oid as _,
            pg_sys::Datum::from(name.as_ptr()),
            pg_sys::Datum::from(no_types),
            pg_sys::Datum::from(schema),
            pg_sys::Datum::from(0usize),
        ))
    }
}

pub fn name_of(relation: Oid) -> Option<String> {
    // SAFETY: NULL or a palloc'd string.
    unsafe { copied(pg_sys::get_rel_name(relation)) }
}

pub fn name_of_function(function: Oid) -> Option<String> {
    // SAFETY: NULL or a palloc'd string.
    unsafe { copied(pg_sys::get_func_name(function)) }
}

/// # Safety
/// `text` is NULL or a C string.
unsafe fn copied(text: *const std::ffi::c_char) -> Option<String> {
    // SAFETY: the caller promises that `text` is NULL or a C string.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

/// The table or index that this table or index is a partition of.
pub fn partition_parent(relation: Oid) -> Option<Oid> {
    // SAFETY: asked for partitions only, of which some may be about to be detached.
    unsafe {
        pg_sys::get_rel_relispartition(relation).then(|| pg_sys::get_partition_parent(relation, true)).and_then(found)
    }
}

/// The table of an index; None for anything else.
pub fn table_of_index(relation: Oid) -> Option<Oid> {
    // SAFETY: the kind was checked; a missing index gives InvalidOid.
    unsafe {
        let is_index = matches!(pg_sys::get_rel_relkind(relation) as u8, b'i' | b'I');
        is_index.then(|| pg_sys::IndexGetRelation(relation, true)).and_then(found)
    }
}

pub fn is_unique(index: Oid) -> bool {
    // SAFETY: the tuple is read before it is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::INDEXRELID as _, pg_sys::Datum::from(index));
        if tuple.is_null() {
            return false;
        }
        let unique = (*pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_index>(tuple)).indisunique;
        pg_sys::ReleaseSysCache(tuple);
        unique
    }
}

/// Whether two functions are members of the same extension.
pub fn are_of_one_extension(one: Oid, other: Oid) -> bool {
    // SAFETY: look-ups by index; InvalidOid when there is no extension.
    let extension = |function| found(unsafe { pg_sys::getExtensionOfObject(pg_sys::ProcedureRelationId, function) });
    one == other || extension(one).is_some_and(|ours| extension(other) == Some(ours))
}

pub fn owns_schema(role: Oid, schema: Oid) -> bool {
    // SAFETY: the tuple is read before it is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::NAMESPACEOID as _, pg_sys::Datum::from(schema));
        if tuple.is_null() {
            return false;
        }
        let owner = (*pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_namespace>(tuple)).nspowner;
        pg_sys::ReleaseSysCache(tuple);
        owner == role
    }
}

pub fn owner_of_function(function: Oid) -> Option<Oid> {
    // SAFETY: the tuple is read before it is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::PROCOID as _, pg_sys::Datum::from(function));
        if tuple.is_null() {
            return None;
        }
        let owner = (*pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_proc>(tuple)).proowner;
        pg_sys::ReleaseSysCache(tuple);
        Some(owner)
    }
}

pub fn function_name(function: pg_sys::Oid) -> Option<String> {
    // SAFETY: a syscache look-up; the name is a palloc'd copy.
    unsafe {
        let name = pg_sys::get_func_name(function);
        (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned())
    }
}

/// Removes what ANALYZE kept of a column of a table or index, its own and that over its partitions.
pub fn forget_samples(relation: pg_sys::Oid, column: i16) {
    // SAFETY: what DROP COLUMN does to statistics; whoever calls holds a lock that keeps ANALYZE out.
    unsafe {
        pg_sys::RemoveStatistics(relation, column);
        pg_sys::CommandCounterIncrement();
    }
}

/// Removes what ANALYZE kept for a statistics object, not the object.
pub fn forget_statistics_object(object: pg_sys::Oid) {
    // SAFETY: what DROP STATISTICS does; the caller holds a lock that keeps ANALYZE out.
    unsafe {
        [false, true].into_iter().for_each(|inherited| pg_sys::RemoveStatisticsDataById(object, inherited));
        pg_sys::CommandCounterIncrement();
    }
}
