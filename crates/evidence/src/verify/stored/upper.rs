//! The tiles above the leaves, compared as soon as one of them is complete.

use crate::hash::Hash;
use crate::tiles::WIDTH;

/// Levels above the leaves that a log of 2^63 leaves has.
const LEVELS: usize = 8;

/// What upper levels must hold and was not compared yet: a tile of each level at most.
#[derive(Default)]
pub struct Upper {
    open: [Vec<Hash>; LEVELS],
    /// Of each level, how many hashes are in tiles that were compared.
    compared: [u64; LEVELS],
}

impl Upper {
    /// Takes a hash that a level must hold. `stored(level, first)` gives what is stored from place `first` on to the end of that tile. The place of a tile that
    /// is something else is given.
    pub fn push<E>(
        &mut self,
        level: u32,
        hash: Hash,
        stored: impl FnMut(u32, u64) -> Result<Vec<Hash>, E>,
    ) -> Result<Option<(u32, u64)>, E> {
        let open = &mut self.open[level as usize];
        open.push(hash);
        if open.len() as u64 == WIDTH { self.compare(level as usize, stored) } else { Ok(None) }
    }

    /// Compares what is left at the end of a log.
    pub fn finish<E>(
        &mut self,
        mut stored: impl FnMut(u32, u64) -> Result<Vec<Hash>, E>,
    ) -> Result<Option<(u32, u64)>, E> {
        for level in 0..LEVELS {
            let differs = if self.open[level].is_empty() { None } else { self.compare(level, &mut stored)? };
            if differs.is_some() {
                return Ok(differs);
            }
        }
        Ok(None)
    }

    fn compare<E>(
        &mut self,
        level: usize,
        mut stored: impl FnMut(u32, u64) -> Result<Vec<Hash>, E>,
    ) -> Result<Option<(u32, u64)>, E> {
        let hashes = std::mem::take(&mut self.open[level]);
        let first = self.compared[level];
        self.compared[level] += hashes.len() as u64;
        Ok((stored(level as u32, first)? != hashes).then_some((level as u32, first)))
    }
}
