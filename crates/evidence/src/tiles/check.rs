//! Builds a log again from its leaf hashes and compares it with every row that is stored.

use super::{HEIGHT, Row, WIDTH};
use crate::hash::Hash;
use crate::tree::Frontier;

/// Why a stored row cannot be one of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRow {
    /// It does not begin where the row before it ends, or reaches into the next tile.
    Place,
    /// Leaf hashes and what they stand for are not equally many.
    Refs,
    /// The frontier stored with it is not that of the leaves up to its end.
    Frontier,
}

/// Reads the rows of level 0 in their order; flat in memory.
pub struct Rebuild {
    frontier: Frontier,
    ref_length: usize,
}

impl Rebuild {
    /// `ref_length`: 16 in the log of a workspace, 32 in a root log.
    pub fn new(ref_length: usize) -> Self {
        Self { frontier: Frontier::new(), ref_length }
    }

    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Takes the next row of level 0. Visits each hash that a row of an upper level must hold, as (tile level, place, hash).
    pub fn row(&mut self, row: &Row, mut upper: impl FnMut(u32, u64, Hash)) -> Result<(), BadRow> {
        let last = row.end().checked_sub(1).filter(|last| *last >= row.first).ok_or(BadRow::Place)?;
        if row.level != 0 || row.first != self.frontier.size() || row.first / WIDTH != last / WIDTH {
            return Err(BadRow::Place);
        }
        if row.refs.len() != row.hashes.len() * self.ref_length {
            return Err(BadRow::Refs);
        }
        for leaf in &row.hashes {
            self.frontier.push_visiting(*leaf, |level, place, hash| {
                if level > 0 && level.is_multiple_of(HEIGHT) {
                    upper(level / HEIGHT, place, hash);
                }
            });
        }
        match &row.close {
            Some(close) if close.frontier == self.frontier => Ok(()),
            _ => Err(BadRow::Frontier),
        }
    }
}
