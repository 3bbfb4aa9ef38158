//! What a seal writes: a row per log it touches, a row more for each tile that becomes full, and one row in the place of many.

use super::{HEIGHT, ROWS_OF_A_TILE, WIDTH};
use crate::hash::Hash;
use crate::tree::Frontier;

/// The log as it is after a row's last leaf; rows of level 0 carry it, so the last of them is the log's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    pub frontier: Frontier,
    /// The place of this head in the root log; `None` where a seal goes on behind this row, and in a root log.
    pub head_index: Option<u64>,
}

/// Neighbouring hashes of one tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub level: u32,
    pub first: u64,
    pub hashes: Vec<Hash>,
    /// Of level 0: what each leaf stands for, all of one length.
    pub refs: Vec<u8>,
    /// Of level 0.
    pub close: Option<Close>,
}

impl Row {
    pub fn end(&self) -> u64 {
        self.first + self.hashes.len() as u64
    }
}

/// Appends leaves to a log. It holds a tile per level at most.
pub struct Appender {
    frontier: Frontier,
    /// Of each level, what is not written yet.
    open: Vec<Row>,
}

impl Appender {
    pub fn new(frontier: Frontier) -> Self {
        Self { frontier, open: Vec::new() }
    }

    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends a leaf. Rows whose tile was full before it are done and go to `done`, the lowest level first.
    pub fn push(&mut self, leaf: Hash, reference: &[u8], done: &mut Vec<Row>) {
        self.close_where(|row| row.end().is_multiple_of(WIDTH), None, done);
        let open = &mut self.open;
        self.frontier.push_visiting(leaf, |level, place, hash| {
            if level.is_multiple_of(HEIGHT) {
                let row = row_of(open, level / HEIGHT, place);
                row.hashes.push(hash);
                if level == 0 {
                    row.refs.extend_from_slice(reference);
                }
            }
        });
    }

    /// Ends a seal: what is open is written too. The last row of level 0 is the head, at `head_index` of the root log.
    pub fn finish(mut self, head_index: Option<u64>, done: &mut Vec<Row>) -> Frontier {
        self.close_where(|_| true, head_index, done);
        self.frontier
    }

    fn close_where(&mut self, is_done: impl Fn(&Row) -> bool, head_index: Option<u64>, done: &mut Vec<Row>) {
        for row in self.open.iter_mut().filter(|row| !row.hashes.is_empty() && is_done(row)) {
            let close = (row.level == 0).then(|| Close { frontier: self.frontier.clone(), head_index });
            let rest = Row { level: row.level, first: row.end(), hashes: Vec::new(), refs: Vec::new(), close: None };
            done.push(Row { close, ..std::mem::replace(row, rest) });
        }
    }
}

fn row_of(open: &mut Vec<Row>, level: u32, place: u64) -> &mut Row {
    while open.len() <= level as usize {
        open.push(Row { level: open.len() as u32, first: 0, hashes: Vec::new(), refs: Vec::new(), close: None });
    }
    let row = &mut open[level as usize];
    if row.hashes.is_empty() {
        row.first = place;
    }
    row
}

/// What is known of a stored row without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: u64,
    pub count: u64,
}

/// Whether the rows of one tile become one: it is full, or read in too many steps.
pub fn must_merge(rows: &[Span]) -> bool {
    let count: u64 = rows.iter().map(|row| row.count).sum();
    rows.len() > 1 && (rows.len() >= ROWS_OF_A_TILE || count == WIDTH)
}

/// The one row that neighbouring rows of a tile become, closed as the last of them; `None` if they are no neighbours or of several tiles.
pub fn joined(rows: Vec<Row>) -> Option<Row> {
    let mut rows = rows.into_iter();
    let mut one = rows.next()?;
    for row in rows {
        if row.level != one.level || row.first != one.end() {
            return None;
        }
        one.hashes.extend(row.hashes);
        one.refs.extend(row.refs);
        one.close = row.close;
    }
    (one.first / WIDTH == (one.end() - 1) / WIDTH).then_some(one)
}
