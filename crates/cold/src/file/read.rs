//! Reads a file back into the rows that were written; one chunk at a time is in memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use audit_cold_row::{MAX_CHUNK_EVENTS, Row};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::file::reader::{ChunkReader, FileReader, RowGroupReader, SerializedFileReader};

use super::FileError;
use super::column::{EVENT, Kind};
use super::field::{EPOCH, is_shown_by, write_array, write_inet};
use super::hash::Hash;
use super::layout;
use super::manifest::Footer;
use super::pages::{self, Shared};

/// So many rows of all columns are put together at once.
const BATCH: usize = 4_096;

/// No chunk goes to the database, or comes from it, that is no bytea.
const MAX_CHUNK: usize = 1 << 30;

/// What a chunk is read into, at least. glibc gives so much back to the system as soon as it is free; less it keeps, in pieces that the next chunk may not
/// fit in. What is never written to costs nothing.
const GIVEN_BACK: usize = 33 << 20;

pub struct Reader<R: ChunkReader + 'static> {
    file: SerializedFileReader<Shared<R>>,
    shared: Shared<R>,
    footer: Footer,
}

impl<R: ChunkReader + 'static> Reader<R> {
    pub fn new(file: R) -> Result<Reader<R>, FileError> {
        decoded(|| {
            let file = Arc::new(file);
            let shared = Shared(Arc::clone(&file));
            let file = SerializedFileReader::new(Shared(file))?;
            let metadata = file.metadata().file_metadata();
            let footer = Footer::read(metadata.key_value_metadata())?;
            if *metadata.schema_descr().root_schema().get_fields() != *layout::schema()?.get_fields() {
                return Err(FileError::Format("the columns are not those of the format".to_owned()));
            }
            if file.num_row_groups() != footer.chunks.len() {
                return Err(FileError::Format("the footer names other chunks than the file has".to_owned()));
            }
            if footer.chunks.iter().any(|chunk| chunk.events > MAX_CHUNK_EVENTS || chunk.bytes > MAX_CHUNK) {
                return Err(FileError::Format("the footer names a chunk that is larger than any".to_owned()));
            }
            Ok(Reader { file, shared, footer })
        })
    }

    pub fn footer(&self) -> &Footer {
        &self.footer
    }

    pub fn chunk_count(&self) -> usize {
        self.footer.chunks.len()
    }

    /// The rows of a chunk, if they are those that the footer promises.
    pub fn chunk(&self, chunk: usize) -> Result<Vec<u8>, FileError> {
        let entry =
            self.footer.chunks.get(chunk).ok_or_else(|| FileError::Format(format!("there is no chunk {chunk}")))?;
        let rows = decoded(|| {
            let group = self.file.get_row_group(chunk)?;
            if usize::try_from(group.metadata().num_rows()) != Ok(entry.events) {
                let problem = format!("chunk {chunk} has another number of events than the footer says");
                return Err(FileError::Format(problem));
            }
            pages::judge(&self.shared, group.metadata(), entry)?;
            rows(group.as_ref(), entry.bytes)
        })?;
        if Hash::of(&rows) != entry.sha256 {
            return Err(FileError::Format(format!("the events of chunk {chunk} are not those that the footer names")));
        }
        Ok(rows)
    }
}

/// Bytes that no program wrote may bring a decoder to a panic. It ends the reading of one file, and not of the others.
fn decoded<T>(decode: impl FnOnce() -> Result<T, FileError>) -> Result<T, FileError> {
    let panicked = |_| Err(FileError::Format("the file cannot be decoded".to_owned()));
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(panicked)
}

fn rows(group: &dyn RowGroupReader, byte_count: usize) -> Result<Vec<u8>, FileError> {
    let mut columns = Vec::with_capacity(EVENT.len());
    for (place, described) in EVENT.iter().enumerate() {
        columns.push(Column::open(described.kind, group.get_column_reader(place)?));
    }
    let mut exact_rows = Values::<ByteArrayType>::new(group.get_column_reader(EVENT.len())?);
    let mut out = Vec::with_capacity(byte_count.clamp(GIVEN_BACK, audit_cold_row::MAX_EVENT_BYTES));
    let mut scratch = Vec::new();
    let mut left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    while left > 0 {
        let batch = left.min(BATCH);
        columns.iter_mut().try_for_each(|column| column.read(batch))?;
        exact_rows.read(batch)?;
        for _ in 0..batch {
            let exact = exact_rows.next().map(|row| row.data().to_vec());
            let begin = out.len();
            out.extend_from_slice(&(EVENT.len() as i16).to_be_bytes());
            columns.iter_mut().try_for_each(|column| column.write_field(&mut out))?;
            if let Some(exact) = exact {
                // Readers of columns must not be shown something else than what the digests are of.
                if !is_shown_by(&Row::split_from(&exact)?.0, &Row::split_from(&out[begin..])?.0, &mut scratch) {
                    return Err(FileError::Format("the columns of a row are not those of its exact_row".to_owned()));
                }
                out.truncate(begin);
                out.extend_from_slice(&exact);
            }
            // One value of a dictionary may stand for more than any memory holds.
            if out.len() > byte_count {
                return Err(FileError::Format("a chunk has more bytes than the footer says".to_owned()));
            }
        }
        left -= batch;
    }
    Ok(out)
}

/// The values of a column's next rows, and which of them are there.
struct Values<T: DataType> {
    reader: ColumnReaderImpl<T>,
    is_optional: bool,
    values: Vec<T::T>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    next_value: usize,
    next_level: usize,
}

impl<T: DataType> Values<T> {
    fn new(reader: ColumnReader) -> Values<T> {
        Values {
            reader: get_typed_column_reader(reader),
            is_optional: false,
            values: Vec::new(),
            definitions: Vec::new(),
            repetitions: Vec::new(),
            next_value: 0,
            next_level: 0,
        }
    }

    fn read(&mut self, rows: usize) -> Result<(), FileError> {
        self.values.clear();
        self.definitions.clear();
        self.repetitions.clear();
        (self.next_value, self.next_level) = (0, 0);
        let (definitions, repetitions) = (&mut self.definitions, &mut self.repetitions);
        let (read, ..) = self.reader.read_records(rows, Some(definitions), Some(repetitions), &mut self.values)?;
        self.is_optional = !self.definitions.is_empty();
        if read == rows { Ok(()) } else { Err(FileError::Format("a column ends before the others".to_owned())) }
    }

    /// The value of the next row.
    fn next(&mut self) -> Option<&T::T> {
        if self.is_optional {
            self.next_level += 1;
            if self.definitions.get(self.next_level - 1) != Some(&1) {
                return None;
            }
        }
        self.next_value += 1;
        self.values.get(self.next_value - 1)
    }
}

impl Values<ByteArrayType> {
    /// The elements of the next row's list.
    fn next_list(&mut self, elements: &mut Vec<Option<ByteArray>>) -> bool {
        elements.clear();
        let first = self.next_level;
        let definition = |place: usize| self.definitions.get(place).copied().unwrap_or(0);
        self.next_level += 1;
        if definition(first) == 0 {
            return false;
        }
        if definition(first) == 1 {
            return true;
        }
        while self.repetitions.get(self.next_level) == Some(&1) {
            self.next_level += 1;
        }
        for place in first..self.next_level {
            elements.push(if definition(place) == 3 {
                self.next_value += 1;
                self.values.get(self.next_value - 1).cloned()
            } else {
                None
            });
        }
        true
    }
}

enum Column {
    Bytes(Kind, Values<ByteArrayType>),
    Integers(Kind, Values<Int64Type>),
    Lists(Vec<Option<ByteArray>>, Values<ByteArrayType>),
}

impl Column {
    fn open(kind: Kind, reader: ColumnReader) -> Column {
        match kind {
            Kind::Time | Kind::Integer => Column::Integers(kind, Values::new(reader)),
            Kind::Array => Column::Lists(Vec::new(), Values::new(reader)),
            _ => Column::Bytes(kind, Values::new(reader)),
        }
    }

    fn read(&mut self, rows: usize) -> Result<(), FileError> {
        match self {
            Column::Bytes(_, values) | Column::Lists(_, values) => values.read(rows),
            Column::Integers(_, values) => values.read(rows),
        }
    }

    /// Appends the next row's field, length first.
    fn write_field(&mut self, out: &mut Vec<u8>) -> Result<(), FileError> {
        let begin = out.len();
        out.extend_from_slice(&(-1_i32).to_be_bytes());
        match self {
            Column::Bytes(kind, values) => {
                let Some(value) = values.next() else { return Ok(()) };
                write_value(*kind, value.data(), out)?;
            }
            Column::Integers(kind, values) => {
                let Some(value) = values.next() else { return Ok(()) };
                let shift = if *kind == Kind::Time { EPOCH } else { 0 };
                out.extend_from_slice(&value.wrapping_sub(shift).to_be_bytes());
            }
            Column::Lists(elements, values) => {
                if !values.next_list(elements) {
                    return Ok(());
                }
                write_array(elements.iter().map(|element| element.as_ref().map(ByteArray::data)), out);
            }
        }
        let length = (out.len() - begin - 4) as i32;
        out[begin..begin + 4].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

fn write_value(kind: Kind, value: &[u8], out: &mut Vec<u8>) -> Result<(), FileError> {
    match kind {
        Kind::Uuid => {
            let id =
                uuid::Uuid::try_parse_ascii(value).map_err(|_| FileError::Format("an id is no uuid".to_owned()))?;
            out.extend_from_slice(id.as_bytes());
        }
        Kind::Json => {
            out.push(1);
            out.extend_from_slice(value);
        }
        Kind::Inet => {
            let text = str::from_utf8(value).ok();
            text.and_then(|text| write_inet(text, out))
                .ok_or_else(|| FileError::Format("ip_address has a value that is no address".to_owned()))?;
        }
        _ => out.extend_from_slice(value),
    }
    Ok(())
}
