//! Sorts more records than memory holds: sorted runs go to files without a name, and are merged when they are read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Records of `N` bytes, in the order of their bytes.
pub struct Sorter<const N: usize> {
    held: Vec<[u8; N]>,
    runs: Vec<File>,
    most: usize,
}

impl<const N: usize> Sorter<N> {
    /// Holds `memory` bytes at most.
    pub fn new(memory: usize) -> Self {
        Self { held: Vec::new(), runs: Vec::new(), most: (memory / N).max(1) }
    }

    pub fn push(&mut self, record: [u8; N]) -> io::Result<()> {
        if self.held.len() == self.most {
            self.spill()?;
        }
        self.held.push(record);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let mut file = BufWriter::new(tempfile::tempfile()?);
        for record in self.held.drain(..) {
            file.write_all(&record)?;
        }
        self.runs.push(file.into_inner()?);
        Ok(())
    }

    pub fn sorted(mut self) -> io::Result<Sorted<N>> {
        self.held.sort_unstable();
        let mut runs = Vec::new();
        for mut file in self.runs {
            file.rewind()?;
            runs.push(Run::File(BufReader::new(file)));
        }
        runs.push(Run::Memory(self.held.into_iter()));
        let mut sorted = Sorted { runs, next: BinaryHeap::new() };
        for run in 0..sorted.runs.len() {
            sorted.advance(run)?;
        }
        Ok(sorted)
    }
}

enum Run<const N: usize> {
    File(BufReader<File>),
    Memory(std::vec::IntoIter<[u8; N]>),
}

/// The records in their order.
pub struct Sorted<const N: usize> {
    runs: Vec<Run<N>>,
    next: BinaryHeap<Reverse<([u8; N], usize)>>,
}

impl<const N: usize> Sorted<N> {
    fn advance(&mut self, run: usize) -> io::Result<()> {
        let record = match &mut self.runs[run] {
            Run::Memory(records) => records.next(),
            Run::File(file) => {
                let mut record = [0; N];
                match file.read_exact(&mut record) {
                    Ok(()) => Some(record),
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
                    Err(error) => return Err(error),
                }
            }
        };
        self.next.extend(record.map(|record| Reverse((record, run))));
        Ok(())
    }

    pub fn peek(&self) -> Option<&[u8; N]> {
        self.next.peek().map(|Reverse((record, _))| record)
    }

    /// The next record.
    pub fn take(&mut self) -> io::Result<Option<[u8; N]>> {
        let Some(Reverse((record, run))) = self.next.pop() else { return Ok(None) };
        self.advance(run)?;
        Ok(Some(record))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_records_in_their_order(records: Vec<[u8; 3]>, memory in 1..40_usize) {
            let mut sorter = Sorter::new(memory);
            for record in &records {
                sorter.push(*record).unwrap();
            }
            let mut sorted = sorter.sorted().unwrap();
            let mut seen = Vec::new();
            while let Some(record) = sorted.take().unwrap() {
                seen.push(record);
            }
            let mut expected = records;
            expected.sort_unstable();
            prop_assert_eq!(seen, expected);
        }
    }
}
