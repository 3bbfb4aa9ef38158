//! Sorts more records than memory holds: sorted runs go to files without a name, and are merged when they are read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// So many runs become one, which counts as one of the next level. A process may open 1,024 files, and so few are never reached.
const MERGED: usize = 64;

/// Records of `N` bytes, in the order of their bytes.
pub struct Sorter<const N: usize> {
    held: Vec<[u8; N]>,
    /// Each with its level; the levels fall.
    runs: Vec<(u32, File)>,
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
        self.runs.push((0, file.into_inner()?));
        self.merge()
    }

    /// Merges the last runs while enough of them have one level.
    fn merge(&mut self) -> io::Result<()> {
        while let Some(first) = self.runs.len().checked_sub(MERGED) {
            let level = self.runs[first].0;
            if self.runs.last().is_none_or(|last| last.0 != level) {
                break;
            }
            let runs = self.runs.drain(first..).map(|(_, file)| Run::of_file(file)).collect::<io::Result<_>>()?;
            let (mut sorted, mut file) = (Sorted::<N>::of(runs)?, BufWriter::new(tempfile::tempfile()?));
            while let Some(record) = sorted.take()? {
                file.write_all(&record)?;
            }
            self.runs.push((level + 1, file.into_inner()?));
        }
        Ok(())
    }

    pub fn sorted(mut self) -> io::Result<Sorted<N>> {
        self.held.sort_unstable();
        let mut runs = self.runs.into_iter().map(|(_, file)| Run::of_file(file)).collect::<io::Result<Vec<_>>>()?;
        runs.push(Run::Memory(self.held.into_iter()));
        Sorted::of(runs)
    }
}

enum Run<const N: usize> {
    File(BufReader<File>),
    Memory(std::vec::IntoIter<[u8; N]>),
}

impl<const N: usize> Run<N> {
    fn of_file(mut file: File) -> io::Result<Self> {
        file.rewind()?;
        Ok(Self::File(BufReader::new(file)))
    }
}

/// The records in their order.
pub struct Sorted<const N: usize> {
    runs: Vec<Run<N>>,
    next: BinaryHeap<Reverse<([u8; N], usize)>>,
}

impl<const N: usize> Sorted<N> {
    fn of(runs: Vec<Run<N>>) -> io::Result<Self> {
        let mut sorted = Self { runs, next: BinaryHeap::new() };
        for run in 0..sorted.runs.len() {
            sorted.advance(run)?;
        }
        Ok(sorted)
    }

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

    #[test]
    fn few_files_are_open() {
        let records: Vec<[u8; 4]> =
            (0..5_000_u32).map(|number| number.wrapping_mul(0x9e37_79b9).to_be_bytes()).collect();
        let mut sorter = Sorter::new(1);
        for record in &records {
            sorter.push(*record).unwrap();
            assert!(sorter.runs.len() < 3 * MERGED);
        }
        let (mut sorted, mut seen) = (sorter.sorted().unwrap(), Vec::new());
        while let Some(record) = sorted.take().unwrap() {
            seen.push(record);
        }
        let mut expected = records;
        expected.sort_unstable();
        assert_eq!(seen, expected);
    }

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
