//! Writes a file, chunk by chunk; one chunk at a time is in memory.

use std::io::{BufWriter, Write};

use audit_cold_row::{self as row, COLUMNS, Column, Row, Rows};
use bytes::Bytes;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter};

use super::FileError;
use super::column::{Described, EVENT, Kind};
use super::field::{EPOCH, is_told_by_columns};
use super::hash::{Hash, Hashing};
use super::layout;
use super::manifest::{ChunkEntry, Footer, Key, Manifest, Object};

/// The length of a uuid's text.
const UUID_TEXT: usize = 36;

pub struct Writer<W: Write + Send> {
    object: Object,
    file: SerializedFileWriter<Hashing<BufWriter<W>>>,
    chunks: Vec<ChunkEntry>,
    first: Option<Key>,
    last: Option<Key>,
    /// The order of the last row.
    last_order: Option<Vec<u8>>,
}

impl<W: Write + Send> Writer<W> {
    pub fn new(out: W, object: Object) -> Result<Writer<W>, FileError> {
        let out = Hashing::new(BufWriter::new(out));
        let file = SerializedFileWriter::new(out, layout::schema()?, layout::properties()?)?;
        Ok(Writer { object, file, chunks: Vec::new(), first: None, last: None, last_order: None })
    }

    /// Writes rows as one chunk. They follow those before them in the order of the file.
    pub fn write_chunk(&mut self, bytes: impl Into<Bytes>) -> Result<(), FileError> {
        let bytes = bytes.into();
        let sha256 = Hash::of(&bytes);
        let rows = Index::of(&bytes)?;
        if rows.starts.is_empty() {
            return Ok(());
        }
        self.check(&bytes)?;
        self.chunks.push(ChunkEntry { events: rows.starts.len(), bytes: bytes.len(), sha256 });
        let mut group = self.file.next_row_group()?;
        for described in &EVENT {
            write_column(&mut group, described, &rows)?;
        }
        write_exact_rows(&mut group, &bytes)?;
        group.close()?;
        Ok(())
    }

    /// Ends the file. What was written is where it belongs only once the caller has flushed it.
    pub fn finish(self) -> Result<(W, Manifest), FileError> {
        let Writer { object, mut file, chunks, first, last, .. } = self;
        let footer = Footer::new(&object, chunks);
        for entry in footer.entries()? {
            file.append_key_value_metadata(entry);
        }
        let (out, file_bytes, file_sha256) = file.into_inner()?.finish();
        let out = out.into_inner().map_err(|error| FileError::Io(error.into_error()))?;
        Ok((out, Manifest::new(footer, [first, last], file_bytes, file_sha256)))
    }

    /// That the rows are events of this object, each after the one before it.
    fn check(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let mut last = self.last_order.take();
        for row in Rows::new(bytes) {
            let row = &row?;
            let workspace = row.get(Column::WorkspaceId);
            if workspace != Some(self.object.workspace_id.as_bytes()) {
                return Err(FileError::Event { column: "workspace_id", problem: "is not the object's" });
            }
            let key = Key::of(row).ok_or(FileError::Event { column: "created_at or id", problem: "is no key" })?;
            if key.created_at.get(..7) != Some(&self.object.month) {
                return Err(FileError::Event { column: "created_at", problem: "is in another month than the object" });
            }
            let order = order(row);
            if last.as_ref().is_some_and(|last| *last >= order) {
                return Err(FileError::Event {
                    column: "created_at",
                    problem: "comes before that of the event before it",
                });
            }
            last = Some(order);
            self.first.get_or_insert_with(|| key.clone());
            self.last = Some(key);
        }
        self.last_order = last;
        Ok(())
    }
}

/// Where the fields of each row begin in the bytes of a chunk: a quarter of what the rows themselves would take.
struct Index<'a> {
    bytes: &'a Bytes,
    starts: Vec<[u32; COLUMNS]>,
}

/// Where a field is NULL. No field begins there, because its length stands before it.
const ABSENT: u32 = 0;

impl<'a> Index<'a> {
    fn of(bytes: &'a Bytes) -> Result<Index<'a>, FileError> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(FileError::Format("a chunk has four gigabytes or more".to_owned()));
        }
        let mut starts = Vec::new();
        for row in Rows::new(bytes) {
            let row = row?;
            starts.push(EVENT.each_ref().map(|described| match row.get(described.column) {
                Some(field) => (field.as_ptr().addr() - bytes.as_ptr().addr()) as u32,
                None => ABSENT,
            }));
        }
        Ok(Index { bytes, starts })
    }

    /// The fields of a column, row by row.
    fn fields(&self, column: Column) -> impl Iterator<Item = Option<&'a [u8]>> + Clone + '_ {
        let bytes: &'a [u8] = self.bytes;
        self.starts.iter().map(move |starts| {
            let (before, field) = bytes.split_at_checked(starts[column as usize] as usize)?;
            let length = i32::from_be_bytes(*before.last_chunk()?);
            field.get(..usize::try_from(length).ok()?)
        })
    }
}

/// Bytes that sort as created_at and id do.
fn order(row: &Row) -> Vec<u8> {
    let mut order = row.get(Column::CreatedAt).unwrap_or_default().to_vec();
    if let Some(sign) = order.first_mut() {
        *sign ^= 0x80;
    }
    order.extend_from_slice(row.get(Column::Id).unwrap_or_default());
    order
}

type Group<'a, W> = SerializedRowGroupWriter<'a, Hashing<BufWriter<W>>>;

fn next_column<'a, W: Write + Send>(group: &'a mut Group<'_, W>) -> Result<SerializedColumnWriter<'a>, FileError> {
    group.next_column()?.ok_or_else(|| FileError::Format("the schema has too few columns".to_owned()))
}

fn write_column<W: Write + Send>(group: &mut Group<W>, described: &Described, rows: &Index) -> Result<(), FileError> {
    let (bytes, fields) = (rows.bytes, rows.fields(described.column));
    if described.is_required && fields.clone().any(|field| field.is_none()) {
        return Err(FileError::Event { column: described.name, problem: "is NULL" });
    }
    let mut column = next_column(group)?;
    match described.kind {
        Kind::Integer | Kind::Time => {
            let shift = if described.kind == Kind::Time { EPOCH } else { 0 };
            let values = fields.map(|field| row::microseconds(field?).map(|value| value.saturating_add(shift)));
            let (values, levels) = values_and_levels(values);
            let levels = (!described.is_required).then_some(&levels[..]);
            column.typed::<Int64Type>().write_batch(&values, levels, None)?;
        }
        Kind::Array => {
            let lists = Lists::of(fields, bytes);
            let writer = column.typed::<ByteArrayType>();
            writer.write_batch(&lists.values, Some(&lists.definitions), Some(&lists.repetitions))?;
        }
        kind => {
            let (values, levels) = match kind {
                Kind::Uuid => uuids(fields),
                _ => values_and_levels(fields.map(|field| text(kind, field?, bytes))),
            };
            if described.is_required && values.len() != rows.starts.len() {
                return Err(FileError::Event {
                    column: described.name,
                    problem: "has bytes that are none of its type",
                });
            }
            let levels = (!described.is_required).then_some(&levels[..]);
            column.typed::<ByteArrayType>().write_batch(&values, levels, None)?;
        }
    }
    Ok(column.close()?)
}

/// The values that are there, and for each row whether one is.
fn values_and_levels<T>(fields: impl Iterator<Item = Option<T>>) -> (Vec<T>, Vec<i16>) {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for field in fields {
        levels.push(i16::from(field.is_some()));
        values.extend(field);
    }
    (values, levels)
}

/// A field as the text, or bytes, of its column.
fn text(kind: Kind, field: &[u8], bytes: &Bytes) -> Option<ByteArray> {
    let part = |part: &[u8]| ByteArray::from(bytes.slice_ref(part));
    match kind {
        Kind::Json => row::json(field).map(|text| part(text.as_bytes())),
        Kind::Inet => row::inet(field).map(|inet| ByteArray::from(inet.to_string().into_bytes())),
        Kind::Text => row::text(field).map(|text| part(text.as_bytes())),
        _ => Some(part(field)),
    }
}

/// The texts of all of them in one piece of memory.
fn uuids<'a>(fields: impl Iterator<Item = Option<&'a [u8]>>) -> (Vec<ByteArray>, Vec<i16>) {
    let (ids, levels) = values_and_levels(fields.map(|field| field.and_then(row::uuid)));
    let mut texts = vec![0; ids.len() * UUID_TEXT];
    for (id, text) in ids.iter().zip(texts.chunks_exact_mut(UUID_TEXT)) {
        uuid::Uuid::from_bytes(*id).as_hyphenated().encode_lower(text);
    }
    let mut texts = Bytes::from(texts);
    let values = ids.iter().map(|_| ByteArray::from(texts.split_to(UUID_TEXT))).collect();
    (values, levels)
}

/// Arrays as Parquet's levels: 0 is NULL, 1 an empty array, 2 an element that is NULL, 3 one that is not.
#[derive(Default)]
struct Lists {
    values: Vec<ByteArray>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl Lists {
    fn of<'a>(fields: impl Iterator<Item = Option<&'a [u8]>>, bytes: &Bytes) -> Lists {
        let mut lists = Lists::default();
        for field in fields {
            match field.and_then(row::array) {
                None => lists.push(0, 0),
                Some(elements) if elements.is_empty() => lists.push(1, 0),
                Some(elements) => {
                    for (place, element) in elements.into_iter().enumerate() {
                        lists.push(if element.is_some() { 3 } else { 2 }, i16::from(place > 0));
                        let value = element.map(|element| ByteArray::from(bytes.slice_ref(element.as_bytes())));
                        lists.values.extend(value);
                    }
                }
            }
        }
        lists
    }

    fn push(&mut self, definition: i16, repetition: i16) {
        self.definitions.push(definition);
        self.repetitions.push(repetition);
    }
}

fn write_exact_rows<W: Write + Send>(group: &mut Group<W>, bytes: &[u8]) -> Result<(), FileError> {
    let mut scratch = Vec::new();
    // They were read before, so none is malformed.
    let exact = Rows::new(bytes).flatten().map(|row| {
        (!is_told_by_columns(&row, &mut scratch)).then(|| {
            let mut bytes = Vec::with_capacity(row.byte_count());
            row.write(&mut bytes);
            ByteArray::from(bytes)
        })
    });
    let (values, levels) = values_and_levels(exact);
    let mut column = next_column(group)?;
    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
    Ok(column.close()?)
}
