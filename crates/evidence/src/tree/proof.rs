//! Proofs of inclusion and consistency: made from the roots of perfect subtrees, checked from hashes alone (RFC 9162, 2.1.3 and 2.1.4).

use crate::hash::Hash;

/// Where the roots of perfect subtrees come from.
pub trait Nodes {
    type Error;

    /// The root of the `place`-th subtree of `2^level` leaves.
    fn node(&mut self, level: u32, place: u64) -> Result<Hash, Self::Error>;
}

/// A proof that does not prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadProof {
    /// The leaf's place is not below the log's size, or the old log is larger than the new one.
    OutOfRange,
    /// More or fewer hashes than such a proof has.
    Length,
    /// The hashes lead to another root.
    Root,
}

/// The root of the first `size` leaves.
pub fn root<N: Nodes>(nodes: &mut N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(Hash::of_nothing()) } else { range(nodes, 0, size) }
}

/// The root of leaves `first` to `end`, where `first` is a multiple of the smallest power of two that is not less than their number.
fn range<N: Nodes>(nodes: &mut N, first: u64, end: u64) -> Result<Hash, N::Error> {
    let count = end - first;
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return nodes.node(level, first >> level);
    }
    let split = first + left_part(count);
    let left = range(nodes, first, split)?;
    let right = range(nodes, split, end)?;
    Ok(Hash::of_node(&left, &right))
}

/// The largest power of two below `count`, which is 2 or more.
fn left_part(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The path of leaf `index` in the log of `size` leaves, from the bottom. The caller has checked that the index is below the size.
pub fn inclusion<N: Nodes>(nodes: &mut N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let (mut first, mut end) = (0, size);
    let mut path = Vec::new();
    while end - first > 1 {
        let split = first + left_part(end - first);
        if index < split {
            path.push(range(nodes, split, end)?);
            end = split;
        } else {
            path.push(range(nodes, first, split)?);
            first = split;
        }
    }
    path.reverse();
    Ok(path)
}

/// What shows that the log of `old` leaves is the beginning of that of `new`; empty where nothing is to be shown.
pub fn consistency<N: Nodes>(nodes: &mut N, old: u64, new: u64) -> Result<Vec<Hash>, N::Error> {
    let mut path = Vec::new();
    if old == 0 || old >= new {
        return Ok(path);
    }
    let (mut first, mut end) = (0, new);
    while end != old {
        let split = first + left_part(end - first);
        if old <= split {
            path.push(range(nodes, split, end)?);
            end = split;
        } else {
            path.push(range(nodes, first, split)?);
            first = split;
        }
    }
    // The old log's own last part; if it is the whole old log, its root is known.
    if first > 0 {
        path.push(range(nodes, first, end)?);
    }
    path.reverse();
    Ok(path)
}

/// The root to which a leaf's path leads.
pub fn root_of_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash]) -> Result<Hash, BadProof> {
    if index >= size {
        return Err(BadProof::OutOfRange);
    }
    let (mut place, mut last) = (index, size - 1);
    let mut root = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(BadProof::Length);
        }
        if place % 2 == 1 || place == last {
            root = Hash::of_node(sibling, &root);
            // Levels where the subtree has no right neighbour have no hash in the path.
            let skipped = place.trailing_zeros();
            (place, last) = (place >> skipped, last >> skipped);
        } else {
            root = Hash::of_node(&root, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    if last == 0 { Ok(root) } else { Err(BadProof::Length) }
}

pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> Result<(), BadProof> {
    if root_of_inclusion(leaf, index, size, path)? == *root { Ok(()) } else { Err(BadProof::Root) }
}

/// Whether the log of `old` leaves with `old_root` is the beginning of the log of `new` leaves with `new_root`.
pub fn verify_consistency(old: u64, new: u64, path: &[Hash], old_root: &Hash, new_root: &Hash) -> Result<(), BadProof> {
    if old > new {
        return Err(BadProof::OutOfRange);
    }
    if old == new || old == 0 {
        let same = if old == 0 { *old_root == Hash::of_nothing() } else { old_root == new_root };
        return if !path.is_empty() {
            Err(BadProof::Length)
        } else if same {
            Ok(())
        } else {
            Err(BadProof::Root)
        };
    }
    let (mut place, mut last) = (old - 1, new - 1);
    let skipped = place.trailing_ones();
    (place, last) = (place >> skipped, last >> skipped);
    let mut path = path.iter();
    // A perfect old log is itself the first subtree.
    let start = if place == 0 && old.is_power_of_two() { old_root } else { path.next().ok_or(BadProof::Length)? };
    let (mut of_old, mut of_new) = (*start, *start);
    for hash in path {
        if last == 0 {
            return Err(BadProof::Length);
        }
        if place % 2 == 1 || place == last {
            of_old = Hash::of_node(hash, &of_old);
            of_new = Hash::of_node(hash, &of_new);
            let skipped = place.trailing_zeros();
            (place, last) = (place >> skipped, last >> skipped);
        } else {
            of_new = Hash::of_node(&of_new, hash);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    if last != 0 {
        return Err(BadProof::Length);
    }
    if of_old == *old_root && of_new == *new_root { Ok(()) } else { Err(BadProof::Root) }
}
