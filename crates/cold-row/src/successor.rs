//! The rows of a chunk after an erasure. They may be longer than the rows before, so their length is bounded, and memory that is not there is an error.

use crate::MAX_SUCCESSOR_CHUNK_BYTES;
use crate::row::Row;

/// Why a row was not added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotAdded {
    /// The chunk would be longer than this.
    TooLong { limit: usize },
    /// The system does not give so many bytes.
    NoMemory { bytes: usize },
}

#[derive(Debug)]
pub struct SuccessorRows {
    bytes: Vec<u8>,
    limit: usize,
}

impl SuccessorRows {
    /// Rows of a chunk that has so many bytes before the erasure: most of them stay.
    pub fn of_chunk(bytes: usize) -> Result<SuccessorRows, NotAdded> {
        SuccessorRows::within(MAX_SUCCESSOR_CHUNK_BYTES, bytes)
    }

    fn within(limit: usize, expected: usize) -> Result<SuccessorRows, NotAdded> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(expected).map_err(|_| NotAdded::NoMemory { bytes: expected })?;
        Ok(SuccessorRows { bytes, limit })
    }

    pub fn add(&mut self, row: &Row) -> Result<(), NotAdded> {
        let length = self.bytes.len() + row.byte_count();
        if length > self.limit {
            return Err(NotAdded::TooLong { limit: self.limit });
        }
        self.bytes.try_reserve(row.byte_count()).map_err(|_| NotAdded::NoMemory { bytes: length })?;
        row.write(&mut self.bytes);
        Ok(())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::COLUMNS;

    #[test]
    fn no_row_goes_past_the_limit() {
        let row = Row::new([None; COLUMNS]);
        let mut rows = SuccessorRows::within(2 * row.byte_count(), 0).unwrap();
        assert_eq!(rows.add(&row), Ok(()));
        assert_eq!(rows.add(&row), Ok(()), "as long as the limit");
        assert_eq!(rows.add(&row), Err(NotAdded::TooLong { limit: 2 * row.byte_count() }));
        assert_eq!(rows.as_bytes().len(), 2 * row.byte_count());
    }

    #[test]
    fn memory_that_is_not_there_is_an_error() {
        let error = SuccessorRows::of_chunk(usize::MAX).unwrap_err();
        assert_eq!(error, NotAdded::NoMemory { bytes: usize::MAX });
    }
}
