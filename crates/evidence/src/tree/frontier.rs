//! A log that only grows needs no more of itself than the roots of the perfect subtrees it consists of: 64 hashes at most.

use crate::hash::{Hash, join, split};

/// The right edge of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Of the perfect subtrees, from the left, so the largest first.
    roots: Vec<Hash>,
}

impl Frontier {
    pub fn new() -> Self {
        Self::default()
    }

    /// `None` unless there is one root for each bit of the size, and room to grow: no log is larger than a bigint.
    pub fn from_roots(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (roots.len() == size.count_ones() as usize && size <= i64::MAX as u64).then_some(Self { size, roots })
    }

    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        Self::from_roots(size, split(bytes)?)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        join(&self.roots)
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    pub fn push(&mut self, leaf: Hash) {
        self.push_visiting(leaf, |_, _, _| ());
    }

    /// Appends a leaf and visits each perfect subtree that it completes, as (level, place among those of its level, root); the leaf itself is level 0.
    pub fn push_visiting(&mut self, leaf: Hash, mut visit: impl FnMut(u32, u64, Hash)) {
        let mut node = leaf;
        visit(0, self.size, node);
        // Each subtree that is as large as the one just made is its left neighbour.
        for level in 0..self.size.trailing_ones() {
            let left = self.roots.pop().expect("a root for each bit of the size");
            node = Hash::of_node(&left, &node);
            visit(level + 1, self.size >> (level + 1), node);
        }
        self.roots.push(node);
        self.size += 1;
    }

    pub fn root(&self) -> Hash {
        let mut from_the_right = self.roots.iter().rev();
        match from_the_right.next() {
            None => Hash::of_nothing(),
            Some(last) => from_the_right.fold(*last, |right, left| Hash::of_node(left, &right)),
        }
    }
}
