//! Nodes: the values of parse trees, expressions and calls. Each begins with a tag that tells its type.
//!
//! The grammar allows more kinds of node in a clause than a command accepts, and event triggers see the tree before PostgreSQL has checked
//! it. So a node is read only as the type that its tag tells.

use pgrx::pg_sys::{self, PgNode};

/// The node as a `T`; None for NULL and for every other kind of node.
///
/// # Safety
/// `node` is NULL or a node that is there, and left as it is, for `'a`.
pub unsafe fn cast<'a, T: PgNode>(node: *const impl PgNode) -> Option<&'a T> {
    // SAFETY: the caller promises that `node` is NULL or a node that is there, and left as it is, for `'a`.
    unsafe { place::<T>(node.cast_mut()).map(|node| &*node) }
}

/// Where the node is, as a `T` that may be written to; None for NULL and for every other kind of node.
///
/// # Safety
/// `node` is NULL or a node.
pub unsafe fn place<T: PgNode>(node: *mut impl PgNode) -> Option<*mut T> {
    // SAFETY: the caller promises that `node` is NULL or a node. Every node begins with its tag, and these tags are a T's.
    let tag = unsafe { node.cast::<pg_sys::Node>().as_ref()?.type_ };
    T::CAST_TAGS.contains(&tag).then(|| node.cast())
}

/// The nodes of a list; none for NULL, and for a list of numbers.
///
/// # Safety
/// `list` is NULL or a list of pointers to nodes, which are there for `'a`.
pub unsafe fn list<'a>(list: *const pg_sys::List) -> impl Iterator<Item = *const pg_sys::Node> + use<'a> {
    // SAFETY: the caller promises that `list` is NULL or a list of pointers to nodes, which are there for `'a`. A list has `length`
    // elements.
    unsafe {
        let list = cast::<'a, pg_sys::List>(list);
        let length = list.map_or(0, |list| list.length as usize);
        (0..length).filter_map(move |index| list.map(|list| (*list.elements.add(index)).ptr_value.cast_const().cast()))
    }
}

/// The `T`s of a list; whatever else is in it is left out.
///
/// # Safety
/// As for [`list`].
pub unsafe fn list_of<'a, T: PgNode + 'a>(nodes: *const pg_sys::List) -> impl Iterator<Item = &'a T> {
    // SAFETY: the caller promises that the list is NULL or a list of pointers to nodes.
    unsafe { list(nodes).filter_map(|node| cast::<T>(node)) }
}

/// Whether a list holds nothing but `T`s.
///
/// # Safety
/// As for [`list`].
pub unsafe fn is_list_of<T: PgNode>(nodes: *const pg_sys::List) -> bool {
    // SAFETY: the caller promises that the list is NULL or a list of pointers to nodes.
    unsafe { list(nodes).all(|node| cast::<T>(node).is_some()) }
}
