//! Lists, names and roles of parse trees.

use std::ffi::CStr;

use pgrx::pg_sys::{self, NodeTag, Oid};

use crate::pg::compat;

/// # Safety
/// `list` is NULL or a list of pointers to nodes.
pub unsafe fn list(list: *mut pg_sys::List) -> Vec<*mut pg_sys::Node> {
    // SAFETY: as demanded; a list has `length` elements.
    unsafe {
        let Some(list) = list.as_ref() else { return Vec::new() };
        (0..list.length as usize).map(|index| (*list.elements.add(index)).ptr_value.cast()).collect()
    }
}

/// # Safety
/// `node` is NULL or a node.
pub unsafe fn is(node: *const pg_sys::Node, tag: NodeTag) -> bool {
    // SAFETY: as demanded.
    !node.is_null() && unsafe { (*node).type_ == tag }
}

/// # Safety
/// `text` is NULL or a C string.
pub unsafe fn text(text: *const std::ffi::c_char) -> String {
    // SAFETY: as demanded.
    if text.is_null() { String::new() } else { unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned() }
}

/// The text of a String node; empty for any other.
///
/// # Safety
/// `node` is NULL or a node.
pub unsafe fn string(node: *mut pg_sys::Node) -> String {
    // SAFETY: as demanded; the tag was checked.
    unsafe { if is(node, NodeTag::T_String) { text(compat::string_of_node(node)) } else { String::new() } }
}

/// The last part of a qualified name.
///
/// # Safety
/// `names` is NULL or a list of String nodes.
pub unsafe fn last_name(names: *mut pg_sys::List) -> String {
    // SAFETY: as demanded.
    unsafe { list(names).last().map_or_else(String::new, |name| string(*name)) }
}

/// The relation a name stands for.
///
/// # Safety
/// `name` is NULL or a RangeVar.
pub unsafe fn relation(name: *const pg_sys::RangeVar) -> Option<Oid> {
    if name.is_null() {
        return None;
    }
    // SAFETY: as demanded; looks the name up without a lock, and gives InvalidOid when it is missing.
    let oid = unsafe {
        pg_sys::RangeVarGetRelidExtended(
            name,
            pg_sys::NoLock as _,
            pg_sys::RVROption::RVR_MISSING_OK,
            None,
            std::ptr::null_mut(),
        )
    };
    (oid != pg_sys::InvalidOid).then_some(oid)
}

/// Whether a name without a schema is one of these.
///
/// # Safety
/// `name` is NULL or a RangeVar.
pub unsafe fn is_one_of(name: *const pg_sys::RangeVar, names: &[String]) -> bool {
    // SAFETY: as demanded.
    unsafe { name.as_ref() }
        .is_some_and(|name| name.schemaname.is_null() && names.contains(&unsafe { text(name.relname) }))
}

/// What CREATE OR REPLACE of this name would replace: it looks only where it would create.
///
/// # Safety
/// `name` is a RangeVar.
pub unsafe fn relation_to_replace(name: *const pg_sys::RangeVar) -> Option<Oid> {
    // SAFETY: as demanded; without a schema to create in it raises, as the command will.
    let oid = unsafe { pg_sys::get_relname_relid((*name).relname, pg_sys::RangeVarGetCreationNamespace(name)) };
    (oid != pg_sys::InvalidOid).then_some(oid)
}

/// The relation that a list of names stands for, without the last `parts` of them.
///
/// # Safety
/// `names` is NULL or a list of String nodes.
pub unsafe fn relation_named(names: *mut pg_sys::Node, parts: i32) -> Option<Oid> {
    // SAFETY: as demanded; the copy of the list is ours to shorten.
    unsafe {
        if !is(names, NodeTag::T_List) {
            return None;
        }
        let names = pg_sys::list_copy(names.cast());
        let length = (*names).length - parts;
        if !(1..=3).contains(&length) {
            return None;
        }
        relation(pg_sys::makeRangeVarFromNameList(pg_sys::list_truncate(names, length)))
    }
}

/// Roles that exist; PUBLIC is InvalidOid.
///
/// # Safety
/// `roles` is NULL or a list of RoleSpec nodes.
pub unsafe fn roles(roles: *mut pg_sys::List) -> Vec<Oid> {
    // SAFETY: as demanded.
    unsafe {
        list(roles)
            .into_iter()
            .map(|role| {
                let role: *mut pg_sys::RoleSpec = role.cast();
                match (*role).roletype {
                    pg_sys::RoleSpecType::ROLESPEC_PUBLIC => pg_sys::InvalidOid,
                    _ => pg_sys::get_rolespec_oid(role, true),
                }
            })
            .collect()
    }
}
