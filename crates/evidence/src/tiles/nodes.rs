//! The roots of perfect subtrees, read from tiles.

use std::collections::HashMap;

use super::{HEIGHT, WIDTH};
use crate::hash::Hash;
use crate::tree::{Frontier, Nodes};

/// Reads tiles through `fetch(level, tile)`, which gives the hashes of that tile as far as they are there. A proof reads each tile once.
pub struct TileNodes<F> {
    fetch: F,
    read: HashMap<(u32, u64), Vec<Hash>>,
}

/// A proof cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoNode<E> {
    Fetch(E),
    /// A tile holds fewer hashes than the log's size says.
    Missing {
        level: u32,
        tile: u64,
    },
}

impl<E, F: FnMut(u32, u64) -> Result<Vec<Hash>, E>> TileNodes<F> {
    pub fn new(fetch: F) -> Self {
        Self { fetch, read: HashMap::new() }
    }
}

impl<E, F: FnMut(u32, u64) -> Result<Vec<Hash>, E>> Nodes for TileNodes<F> {
    type Error = NoNode<E>;

    fn node(&mut self, level: u32, place: u64) -> Result<Hash, Self::Error> {
        let (tile_level, count) = (level / HEIGHT, 1 << (level % HEIGHT));
        let first = place * count;
        let tile = first / WIDTH;
        if !self.read.contains_key(&(tile_level, tile)) {
            let hashes = (self.fetch)(tile_level, tile).map_err(NoNode::Fetch)?;
            self.read.insert((tile_level, tile), hashes);
        }
        let start = (first % WIDTH) as usize;
        let hashes = self.read[&(tile_level, tile)].get(start..start + count as usize);
        let hashes = hashes.ok_or(NoNode::Missing { level: tile_level, tile })?;
        // A power of two of them is one perfect subtree.
        let mut subtree = Frontier::new();
        hashes.iter().for_each(|hash| subtree.push(*hash));
        Ok(subtree.root())
    }
}
