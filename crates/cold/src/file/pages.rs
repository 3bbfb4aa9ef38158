//! What the pages of a chunk say of themselves, read before any is decoded: a few bytes of a file may stand for gigabytes of memory.

use std::io::{self, Read, Take};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, Length};

use super::FileError;
use super::manifest::ChunkEntry;

/// For all that is no value: levels, and what blocks of few values are filled up with.
const BESIDE_VALUES: u64 = 1 << 20;

/// A file that the decoder has, and this module too.
pub struct Shared<R>(pub Arc<R>);

impl<R: ChunkReader> Length for Shared<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Shared<R> {
    type T = R::T;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        self.0.get_bytes(start, length)
    }
}

/// Refuses a chunk whose pages hold more than its events can take.
pub fn judge(file: &impl ChunkReader, group: &RowGroupMetaData, entry: &ChunkEntry) -> Result<(), FileError> {
    let (events, bytes) = (entry.events as u64, entry.bytes as u64);
    // Ids and addresses take twice the bytes that they have in a row, and a row may stand in `exact_row` once more.
    let mut left = 3 * bytes + BESIDE_VALUES;
    for column in group.columns() {
        let (start, length) = column.byte_range();
        let end = start.checked_add(length).ok_or_else(odd)?;
        // Each element of an array takes four bytes of a row, if only to say that it is NULL.
        let (mut at, mut values_left) = (start, events + bytes / 4);
        while at < end {
            let mut input = Input { bytes: file.get_read(at)?.take(end - at), count: 0 };
            let page = Header::read(&mut input).ok_or_else(odd)?;
            at += input.count + page.compressed;
            left = left.checked_sub(page.uncompressed).ok_or_else(swollen)?;
            values_left = values_left.checked_sub(page.values).ok_or_else(swollen)?;
            // Before each entry stands its length, and a number is longer than that.
            if page.entries > page.uncompressed / 4 {
                return Err(swollen());
            }
        }
        if at > end {
            return Err(odd());
        }
    }
    Ok(())
}

fn odd() -> FileError {
    FileError::Format("a page has a header that none of the format has".to_owned())
}

fn swollen() -> FileError {
    FileError::Format("the pages of a chunk hold more than the events that the footer names".to_owned())
}

/// What is in front of a page: a struct of Thrift's compact protocol. Only what the format has is read, in the one way in which it is written.
#[derive(Default, PartialEq, Eq, Debug)]
struct Header {
    uncompressed: u64,
    compressed: u64,
    /// Of a page of data: values, and places without one.
    values: u64,
    /// Of a dictionary.
    entries: u64,
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const STRUCT: u8 = 12;

const DATA: u8 = 5;
const DICTIONARY: u8 = 7;

impl Header {
    fn read(input: &mut Input<impl Read>) -> Option<Header> {
        let (mut header, mut field) = (Header::default(), 0);
        while let Some(kind) = input.field(&mut field)? {
            match (field, kind) {
                // What kind of page it is, and its checksum.
                (1 | 4, I32) => drop(input.integer()?),
                (2, I32) => header.uncompressed = input.size()?,
                (3, I32) => header.compressed = input.size()?,
                (DATA, STRUCT) => header.values = input.page(DATA)?,
                (DICTIONARY, STRUCT) => header.entries = input.page(DICTIONARY)?,
                _ => return None,
            }
        }
        Some(header)
    }
}

/// What is left of a column, and how much of it was read.
struct Input<R> {
    bytes: Take<R>,
    count: u64,
}

impl<R: Read> Input<R> {
    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.bytes.read_exact(&mut byte).ok()?;
        self.count += 1;
        Some(byte[0])
    }

    /// Goes on to the next field, and gives its kind; nothing at the end of the struct.
    fn field(&mut self, field: &mut u8) -> Option<Option<u8>> {
        let byte = self.byte()?;
        let (step, kind) = (byte >> 4, byte & 0xf);
        match (step, kind) {
            (0, 0) => Some(None),
            (0, _) | (_, 0) => None,
            _ => {
                *field = field.checked_add(step)?;
                Some(Some(kind))
            }
        }
    }

    fn integer(&mut self) -> Option<u64> {
        let mut integer = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            integer |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(integer);
            }
        }
        None
    }

    /// An integer of 32 bits that is not negative.
    fn size(&mut self) -> Option<u64> {
        let integer = self.integer()?;
        (integer & 1 == 0 && integer >> 1 <= i32::MAX as u64).then_some(integer >> 1)
    }

    /// How many values the page has.
    fn page(&mut self, kind_of_page: u8) -> Option<u64> {
        let (mut values, mut field) = (0, 0);
        while let Some(kind) = self.field(&mut field)? {
            match (kind_of_page, field, kind) {
                (_, 1, I32) => values = self.size()?,
                // How values and levels are written.
                (_, 2, I32) | (DATA, 3 | 4, I32) => drop(self.integer()?),
                (DATA, 5, STRUCT) => self.statistics()?,
                (DICTIONARY, 3, TRUE | FALSE) => (),
                _ => return None,
            }
        }
        Some(values)
    }

    fn statistics(&mut self) -> Option<()> {
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            match kind {
                TRUE | FALSE => (),
                I32 | I64 => self.skip_integer()?,
                BINARY => {
                    let length = self.integer()?;
                    let skipped = io::copy(&mut self.bytes.by_ref().take(length), &mut io::sink()).ok()?;
                    self.count += skipped;
                    (skipped == length).then_some(())?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn skip_integer(&mut self) -> Option<()> {
        (0..10).find_map(|_| self.byte().filter(|byte| *byte < 0x80)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<(Header, u64)> {
        let mut input = Input { bytes: bytes.take(1_000), count: 0 };
        Header::read(&mut input).map(|header| (header, input.count))
    }

    #[test]
    fn a_header_is_read_in_one_way() {
        // A page of 300 bytes in 100, with 50 values and statistics.
        let statistics = [0x18, 2, b'z', b'y', 0x26, 4, 0x51, 0];
        let data = [&[0x15, 100, 0x15, 0, 0x15, 6, 0x15, 6, 0x1c][..], &statistics, &[0]].concat();
        let sizes = [0x15, 0, 0x15, 0xd8, 4, 0x15, 0xc8, 1];
        let page = [&sizes[..], &[0x2c], &data, &[0]].concat();
        let header = Header { uncompressed: 300, compressed: 100, values: 50, entries: 0 };
        assert_eq!(read(&page), Some((header, page.len() as u64)));
        let dictionary = [&sizes[..], &[0x4c, 0x15, 100, 0x15, 0, 0x12, 0, 0]].concat();
        let header = Header { uncompressed: 300, compressed: 100, values: 0, entries: 50 };
        assert_eq!(read(&dictionary), Some((header, dictionary.len() as u64)));
        let refused: [&[u8]; 8] = [
            &page[..page.len() - 1],
            // A number of a field that is written out, once more, or of another kind.
            &[0x05, 4, 0xd8, 4, 0],
            &[0x15, 0, 0x15, 2, 0x05, 4, 2, 0],
            &[0x26, 2, 0],
            // A negative size, and one of more than 32 bits.
            &[0x25, 1, 0],
            &[0x25, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0],
            // A page of another version, and a list.
            &[0x15, 0, 0x15, 2, 0x15, 2, 0x5c, 0, 0],
            &[0x15, 0, 0x15, 2, 0x15, 2, 0x29, 0, 0],
        ];
        for bytes in refused {
            assert_eq!(read(bytes), None, "{bytes:x?}");
        }
    }
}
