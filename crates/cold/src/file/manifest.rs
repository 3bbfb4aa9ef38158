//! What is said of an object: in the footer of its file, and, with the file's own length and hash, to the database.

use std::io;

use audit_cold_row::{Column, Row};
use parquet::file::metadata::KeyValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::FileError;
use super::column::COLUMN_NAMES;
use super::field::EPOCH;
use super::hash::Hash;

pub const FORMAT: u32 = 1;

/// At most so many events go into one file; the rest go into the next.
pub const MAX_EVENTS: usize = 5_000_000;

/// The program that writes the files.
pub const TOOL: &str = concat!("audit-cold version ", env!("CARGO_PKG_VERSION"));

/// What an object is, before its rows are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Object {
    pub id: Uuid,
    /// The object of which this one is the erased version.
    pub replaces: Option<Uuid>,
    pub workspace_id: Uuid,
    /// As `2026-01`, in UTC.
    pub month: String,
    /// The checkpoint that covers the last event, where the trail is sealed.
    pub evidence: Option<Value>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChunkEntry {
    pub events: usize,
    pub bytes: usize,
    pub sha256: Hash,
}

/// Where an event stands in the order of its workspace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Key {
    pub created_at: String,
    pub id: Uuid,
}

impl Key {
    pub fn of(row: &Row) -> Option<Key> {
        let created_at = audit_cold_row::microseconds(row.get(Column::CreatedAt)?)?;
        let id = audit_cold_row::uuid(row.get(Column::Id)?)?;
        let created_at = jiff::Timestamp::from_microsecond(created_at.checked_add(EPOCH)?).ok()?;
        Some(Key { created_at: format!("{created_at:.6}"), id: Uuid::from_bytes(id) })
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub object: Uuid,
    pub replaces: Option<Uuid>,
    pub workspace: Uuid,
    pub month: String,
    pub columns: Vec<String>,
    pub chunks: Vec<ChunkEntry>,
    pub tool: String,
    pub evidence: Option<Value>,
    pub event_count: usize,
    pub first: Option<Key>,
    pub last: Option<Key>,
    pub file_bytes: u64,
    pub file_sha256: Hash,
}

/// What the footer says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Footer {
    pub format: u32,
    pub object: Uuid,
    pub replaces: Option<Uuid>,
    pub workspace: Uuid,
    pub month: String,
    pub columns: Vec<String>,
    pub chunks: Vec<ChunkEntry>,
    pub tool: String,
    pub evidence: Option<Value>,
}

/// Before the name of each entry in the footer.
const PREFIX: &str = "audit_ext.";

impl Footer {
    pub fn new(object: &Object, chunks: Vec<ChunkEntry>) -> Footer {
        Footer {
            format: FORMAT,
            object: object.id,
            replaces: object.replaces,
            workspace: object.workspace_id,
            month: object.month.clone(),
            columns: COLUMN_NAMES.map(str::to_owned).to_vec(),
            chunks,
            tool: TOOL.to_owned(),
            evidence: object.evidence.clone(),
        }
    }

    /// One entry a field, each JSON.
    pub fn entries(&self) -> Result<Vec<KeyValue>, FileError> {
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else {
            return Err(FileError::Format("the footer is no JSON object".to_owned()));
        };
        Ok(fields
            .into_iter()
            .map(|(name, value)| KeyValue::new(format!("{PREFIX}{name}"), value.to_string()))
            .collect())
    }

    pub fn read(entries: Option<&Vec<KeyValue>>) -> Result<Footer, FileError> {
        let mut fields = serde_json::Map::new();
        for entry in entries.into_iter().flatten() {
            if let (Some(name), Some(text)) = (entry.key.strip_prefix(PREFIX), &entry.value) {
                let value = serde_json::from_str(text).map_err(|_| not_ours(&format!("{} is no JSON", entry.key)))?;
                fields.insert(name.to_owned(), value);
            }
        }
        match fields.get("format") {
            None => return Err(not_ours("its footer does not name a format")),
            Some(format) if *format != FORMAT => {
                return Err(FileError::Format(format!(
                    "the file is of format {format}; this program reads format {FORMAT}"
                )));
            }
            Some(_) => (),
        }
        serde_json::from_value(Value::Object(fields)).map_err(|error| not_ours(&error.to_string()))
    }

    pub fn event_count(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.events).sum()
    }
}

fn not_ours(problem: &str) -> FileError {
    FileError::Format(format!("not a file of cold storage: {problem}"))
}

impl Manifest {
    pub fn new(footer: Footer, [first, last]: [Option<Key>; 2], file_bytes: u64, file_sha256: Hash) -> Manifest {
        let event_count = footer.event_count();
        let Footer { format, object, replaces, workspace, month, columns, chunks, tool, evidence } = footer;
        Manifest {
            format,
            object,
            replaces,
            workspace,
            month,
            columns,
            chunks,
            tool,
            evidence,
            event_count,
            first,
            last,
            file_bytes,
            file_sha256,
        }
    }
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> io::Error {
        io::Error::other(error)
    }
}
