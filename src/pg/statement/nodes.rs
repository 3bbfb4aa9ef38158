//! Names and roles of parse trees.
//!
//! # Safety
//! Each unsafe function takes nodes of one parse tree, or NULL. `touches()` of [`super::read`] was given the tree whole, and it stays as it is until that returns.

use std::ffi::CStr;

use audit_core::ddl::command::Grantee;
use pgrx::pg_sys::{self, Oid, PgNode};

use crate::pg::node::{cast, is_list_of, list, list_of};

/// # Safety
/// `text` is NULL or a C string.
pub unsafe fn text(text: *const std::ffi::c_char) -> String {
    // SAFETY: the caller promises that `text` is NULL or a C string.
    if text.is_null() { String::new() } else { unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned() }
}

/// The text of a String node; empty for any other.
///
/// # Safety
/// `node` is NULL or a node.
pub unsafe fn string(node: *const pg_sys::Node) -> String {
    // SAFETY: the caller promises that `node` is NULL or a node.
    unsafe { cast::<pg_sys::String>(node).map_or_else(String::new, |string| text(string.sval)) }
}

/// The last part of a qualified name; empty for anything else.
///
/// # Safety
/// `names` is NULL or a node.
pub unsafe fn last_name(names: *const impl PgNode) -> String {
    // SAFETY: the caller promises that `names` is NULL or a node.
    unsafe { cast(names).and_then(|names| list(names).last()).map_or_else(String::new, |name| string(name)) }
}

/// Whether a list is a qualified name: Postgres takes all its parts for Strings.
///
/// # Safety
/// `names` is NULL or a list of nodes.
pub unsafe fn is_name(names: *const pg_sys::List) -> bool {
    // SAFETY: the caller promises that `names` is NULL or a list of nodes.
    unsafe { list(names).count() > 0 && is_list_of::<pg_sys::String>(names) }
}

/// The relation a name stands for; none for what is no name of a relation.
///
/// # Safety
/// `name` is NULL or a node.
pub unsafe fn relation(name: *const impl PgNode) -> Option<Oid> {
    // SAFETY: the caller promises that `name` is NULL or a node. Looks the name up without a lock, and gives InvalidOid when it is missing.
    unsafe {
        let oid = pg_sys::RangeVarGetRelidExtended(
            cast::<pg_sys::RangeVar>(name)?,
            pg_sys::NoLock as _,
            pg_sys::RVROption::RVR_MISSING_OK,
            None,
            std::ptr::null_mut(),
        );
        (oid != pg_sys::InvalidOid).then_some(oid)
    }
}

/// Whether a name without a schema is one of these.
///
/// # Safety
/// `name` is NULL or a node.
pub unsafe fn is_one_of(name: *const impl PgNode, names: &[String]) -> bool {
    // SAFETY: the caller promises that `name` is NULL or a node.
    unsafe {
        cast::<pg_sys::RangeVar>(name)
            .is_some_and(|name| name.schemaname.is_null() && names.contains(&text(name.relname)))
    }
}

/// What CREATE OR REPLACE of this name would replace: it looks only where it would create.
///
/// # Safety
/// `name` is NULL or a node.
pub unsafe fn relation_to_replace(name: *const impl PgNode) -> Option<Oid> {
    // SAFETY: the caller promises that `name` is NULL or a node. Without a schema to create in it raises, as the command will.
    unsafe {
        let name = cast::<pg_sys::RangeVar>(name)?;
        let oid = pg_sys::get_relname_relid(name.relname, pg_sys::RangeVarGetCreationNamespace(name));
        (oid != pg_sys::InvalidOid).then_some(oid)
    }
}

/// The relation that a list of names stands for, without the last `parts` of them.
///
/// # Safety
/// `names` is NULL or a node.
pub unsafe fn relation_named(names: *const pg_sys::Node, parts: i32) -> Option<Oid> {
    // SAFETY: the caller promises that `names` is NULL or a node. The copy of the list is ours to shorten.
    unsafe {
        let names = cast::<pg_sys::List>(names)?;
        let length = names.length - parts;
        if !(1..=3).contains(&length) || !is_name(names) {
            return None;
        }
        relation(pg_sys::makeRangeVarFromNameList(pg_sys::list_truncate(pg_sys::list_copy(names), length)))
    }
}

/// Roles that exist, and PUBLIC.
///
/// # Safety
/// `roles` is NULL or a list of nodes.
pub unsafe fn grantees(roles: *const pg_sys::List) -> Vec<Grantee> {
    // SAFETY: the caller promises that `roles` is NULL or a list of nodes.
    unsafe {
        list_of::<pg_sys::RoleSpec>(roles)
            .filter_map(|role| match role.roletype {
                pg_sys::RoleSpecType::ROLESPEC_PUBLIC => Some(Grantee::Public),
                _ => Some(pg_sys::get_rolespec_oid(role, true))
                    .filter(|role| *role != pg_sys::InvalidOid)
                    .map(|role| Grantee::Role(role.to_u32())),
            })
            .collect()
    }
}
