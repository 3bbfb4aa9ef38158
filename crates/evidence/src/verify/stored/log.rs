//! Builds a log again from its stored rows, and goes on behind a row that is not what it ought to be: one change is one finding, and what stands behind it is
//! still compared.

use crate::hash::Hash;
use crate::tiles::{BadRow, HEIGHT, Row, WIDTH};
use crate::tree::Frontier;

/// A log on its way through its rows of level 0.
#[derive(Clone, Debug)]
pub struct StoredLog {
    frontier: Frontier,
    /// What the log is if the leaves of the last row were changed, and not its frontier.
    other: Option<Frontier>,
    ref_length: usize,
    is_whole: bool,
    /// Whether the last row was not what it ought to be.
    is_in_doubt: bool,
}

impl StoredLog {
    /// `ref_length`: 16 in the log of a workspace, 32 in a root log.
    pub fn new(ref_length: usize) -> Self {
        Self { frontier: Frontier::new(), other: None, ref_length, is_whole: true, is_in_doubt: false }
    }

    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Whether all rows so far were what they ought to be: only then do the hashes of upper levels follow from them.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The roots that the log can have here: one, unless the last row is in doubt.
    pub fn roots(&self) -> impl Iterator<Item = Hash> + use<'_> {
        [Some(&self.frontier), self.other.as_ref()].into_iter().flatten().map(Frontier::root)
    }

    /// Takes the next row. Visits the log behind each of its leaves, and each hash that an upper level must hold, as (tile level, place, hash).
    pub fn row(
        &mut self,
        row: &Row,
        mut reached: impl FnMut(&Self, usize),
        mut upper: impl FnMut(u32, u64, Hash),
    ) -> Result<(), BadRow> {
        let mut verdict = self.judge_place(row);
        let was_told = std::mem::replace(&mut self.is_in_doubt, false);
        if verdict == Err(BadRow::Place) {
            // What is missing before it cannot be made up for; its own frontier says where the log is behind it.
            self.is_whole = false;
            if let Some(close) = &row.close {
                (self.frontier, self.other) = (close.frontier.clone(), None);
            }
            (0..row.hashes.len()).for_each(|at| reached(self, at));
            // A row that lost or got a leaf was told already.
            return if was_told { Ok(()) } else { verdict };
        }
        for (at, leaf) in row.hashes.iter().enumerate() {
            self.frontier.push_visiting(*leaf, |level, place, hash| {
                if level > 0 && level.is_multiple_of(HEIGHT) {
                    upper(level / HEIGHT, place, hash);
                }
            });
            if let Some(other) = &mut self.other {
                other.push(*leaf);
            }
            if at + 1 == row.hashes.len() {
                verdict = verdict.and(self.judge_frontier(row));
            }
            reached(self, at);
        }
        self.is_in_doubt = verdict.is_err();
        self.is_whole &= verdict.is_ok();
        verdict
    }

    fn judge_place(&self, row: &Row) -> Result<(), BadRow> {
        let last = row.end().checked_sub(1).filter(|last| *last >= row.first).ok_or(BadRow::Place)?;
        if row.level != 0 || row.first != self.size() || row.first / WIDTH != last / WIDTH {
            return Err(BadRow::Place);
        }
        if row.refs.len() == row.hashes.len() * self.ref_length { Ok(()) } else { Err(BadRow::Refs) }
    }

    fn judge_frontier(&mut self, row: &Row) -> Result<(), BadRow> {
        let stored = row.close.as_ref().map(|close| &close.frontier).filter(|stored| stored.size() == self.size());
        let other = self.other.take();
        match stored {
            Some(stored) if *stored == self.frontier => Ok(()),
            // It was the row before this one whose leaves were changed.
            Some(stored) if other.as_ref() == Some(stored) => {
                self.frontier = stored.clone();
                Ok(())
            }
            stored => {
                self.other = stored.cloned();
                Err(BadRow::Frontier)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::Appender;

    /// Rows of a log that was sealed `step` leaves at a time.
    fn rows(size: u64, step: u64) -> (Vec<Row>, Hash) {
        let (mut rows, mut frontier) = (Vec::new(), Frontier::new());
        for first in (0..size).step_by(step as usize) {
            let mut log = Appender::new(frontier);
            for place in first..(first + step).min(size) {
                log.push(Hash::of(&place.to_be_bytes()), &[0; 16], &mut rows);
            }
            frontier = log.finish(Some(0), &mut rows);
        }
        rows.retain(|row| row.level == 0);
        (rows, frontier.root())
    }

    fn read(rows: &[Row]) -> (StoredLog, Vec<(u64, BadRow)>) {
        let mut log = StoredLog::new(16);
        let judge = |row: &Row| log.row(row, |_, _| (), |_, _, _| ()).err().map(|bad| (row.first, bad));
        let found = rows.iter().filter_map(judge).collect();
        (log, found)
    }

    #[test]
    fn one_change_is_one_finding_and_the_log_goes_on() {
        let (sound, root) = rows(600, 7);
        let (log, found) = read(&sound);
        assert_eq!((found, log.is_whole(), log.roots().collect::<Vec<_>>()), (vec![], true, vec![root]));
        type Change = fn(&mut Row);
        let changes: [(Change, BadRow); 3] = [
            (|row| row.hashes[0] = Hash::of(b"another"), BadRow::Frontier),
            (|row| row.close = None, BadRow::Frontier),
            (|row| row.refs.truncate(1), BadRow::Refs),
        ];
        for (change, problem) in changes {
            for at in [0, 5, sound.len() - 1] {
                let mut rows = sound.clone();
                change(&mut rows[at]);
                let (log, found) = read(&rows);
                assert_eq!(found, [(rows[at].first, problem)]);
                assert!(log.roots().any(|reached| reached == root) && !log.is_whole());
            }
        }
        let mut other_frontier = sound.clone();
        let close = other_frontier[4].close.as_mut().unwrap();
        close.frontier = Frontier::from_roots(35, vec![root; 3]).unwrap();
        let (log, found) = read(&other_frontier);
        assert_eq!(found, [(28, BadRow::Frontier)]);
        assert_eq!(log.roots().collect::<Vec<_>>(), [root]);
    }

    #[test]
    fn a_leaf_that_was_cut_out_is_told_once() {
        let (mut rows, root) = rows(600, 7);
        rows[3].hashes.remove(2);
        rows[3].refs.truncate(16 * 6);
        let (log, found) = read(&rows);
        assert_eq!(found, [(21, BadRow::Frontier)]);
        assert_eq!(log.roots().collect::<Vec<_>>(), [root]);
    }

    #[test]
    fn a_missing_row_is_told_at_the_next_one() {
        let (mut rows, root) = rows(600, 7);
        rows.remove(3);
        let (log, found) = read(&rows);
        assert_eq!(found, [(28, BadRow::Place)]);
        assert_eq!(log.roots().collect::<Vec<_>>(), [root]);
    }
}
