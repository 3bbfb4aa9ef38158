//! What `audit-cold` says of a file that it read back from the store.
//!
//! ```json
//! {"format": 1, "object": "…", "replaces": null, "workspace": "…", "month": "2026-01", "columns": ["id", "created_at", …],
//!  "chunks": [{"events": 65536, "bytes": 24000000, "sha256": "…"}], "tool": "audit-cold version 0.1.0", "evidence": null,
//!  "event_count": 65536, "first": {"created_at": "2026-01-01T00:00:00.000000Z", "id": "…"}, "last": {…},
//!  "file_bytes": 4000000, "file_sha256": "…"}
//! ```
//!
//! Nothing else is in it: the catalog keeps it, and no payload must come there.

use std::collections::BTreeMap;

use audit_cold_row::{MAX_CHUNK_BYTES, MAX_CHUNK_EVENTS, MAX_EVENT_BYTES, MAX_SUCCESSOR_CHUNK_BYTES};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::event::column::Column;
use crate::ids::WorkspaceId;
use crate::month::Month;
use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;
use crate::time::Timestamp;

pub const FORMAT: u64 = 1;
/// Of an object.
pub const MAX_EVENTS: u64 = 5_000_000;
/// The name and version of a program.
const LONGEST_TOOL: usize = 200;
/// Where a field of the manifest itself is.
const WHOLE: &str = "the document";

/// PostgreSQL's JSON has numbers of any size, and documents of any depth.
const MODEST: &str = "made of numbers up to 10^308, and not nested more than 127 deep";

const FIELDS: [&str; 14] = [
    "format",
    "object",
    "replaces",
    "workspace",
    "month",
    "columns",
    "chunks",
    "tool",
    "evidence",
    "event_count",
    "first",
    "last",
    "file_bytes",
    "file_sha256",
];

/// A field of a manifest, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    field: String,
    must: String,
}

impl Unfit {
    pub fn new(field: impl Into<String>, must: impl Into<String>) -> Unfit {
        Unfit { field: field.into(), must: must.into() }
    }
}

impl IntoReport for Unfit {
    fn report(&self) -> Report {
        Report::new(SqlState::InvalidParameterValue, format!("p_manifest does not fit: {}", self.field))
            .detail(format!("It must be {}.", self.must))
            .hint("Pass the manifest that audit-cold makes of the file of this object, once it has read the file back.")
    }
}

/// Where an event stands in the order of its workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub created_at: Timestamp,
    pub id: Uuid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkEntry {
    pub events: u64,
    /// Of their canonical rows.
    pub bytes: u64,
    pub sha256: [u8; 32],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub object: Uuid,
    pub replaces: Option<Uuid>,
    pub workspace: WorkspaceId,
    pub month: Month,
    pub chunks: Vec<ChunkEntry>,
    /// The text of a checkpoint, or null.
    pub evidence: Value,
    pub event_count: u64,
    pub first: Key,
    pub last: Key,
    pub file_bytes: u64,
    pub file_sha256: [u8; 32],
}

impl Manifest {
    /// None: there is no text.
    pub fn read(text: Option<&str>) -> Result<Manifest, Unfit> {
        let no_object = || Unfit::new(WHOLE, "a JSON object");
        let fields: BTreeMap<String, &RawValue> =
            serde_json::from_str(text.ok_or_else(no_object)?).map_err(|_| no_object())?;
        let read = |(name, text): (String, &RawValue)| match serde_json::from_str(text.get()) {
            Ok(value) => Ok((name, value)),
            Err(_) if FIELDS.contains(&name.as_str()) => Err(Unfit::new(name, MODEST)),
            // Refused below, for its name.
            Err(_) => Ok((name, Value::Null)),
        };
        Manifest::parse(&Value::Object(fields.into_iter().map(read).collect::<Result<_, _>>()?))
    }

    pub fn parse(manifest: &Value) -> Result<Manifest, Unfit> {
        let fields = Fields::of(manifest, WHOLE, &FIELDS)?;
        fields.demand_format()?;
        let month = fields.get("month", "a month, as \"2026-01\"", |value| month(value.as_str()?))?;
        let replaces = fields.get("replaces", "the id of an object, or null", |value| match value {
            Value::Null => Some(None),
            id => uuid(id).map(Some),
        })?;
        let parsed = Manifest {
            object: fields.uuid("object")?,
            replaces,
            workspace: WorkspaceId(fields.uuid("workspace")?),
            month,
            chunks: fields.chunks(replaces.is_some())?,
            evidence: fields.get("evidence", "the text of a checkpoint, or null", |value| {
                (value.is_null() || value.is_string()).then(|| value.clone())
            })?,
            event_count: fields.count("event_count", MAX_EVENTS)?,
            first: fields.key("first", month)?,
            last: fields.key("last", month)?,
            file_bytes: fields.count("file_bytes", i64::MAX as u64)?,
            file_sha256: fields.sha256("file_sha256")?,
        };
        parsed.demand_sums()?;
        Ok(parsed)
    }

    fn demand_sums(&self) -> Result<(), Unfit> {
        let events: u64 = self.chunks.iter().map(|chunk| chunk.events).sum();
        if events != self.event_count {
            return Err(Unfit::new("event_count", "the sum of the events of its chunks"));
        }
        let is_ordered = if self.event_count == 1 { self.first == self.last } else { self.first < self.last };
        is_ordered
            .then_some(())
            .ok_or_else(|| Unfit::new("last", "behind \"first\", and the same where there is one event"))
    }

    /// Whether it is of this object.
    pub fn demand_object(
        &self,
        object: Uuid,
        replaces: Option<Uuid>,
        workspace: WorkspaceId,
        month: Month,
    ) -> Result<(), Unfit> {
        let fitting = [
            ("object", self.object == object, object.to_string()),
            ("replaces", self.replaces == replaces, replaces.map_or("null".to_owned(), |id| id.to_string())),
            ("workspace", self.workspace == workspace, workspace.to_string()),
            ("month", self.month == month, month.as_iso()),
        ];
        match fitting.into_iter().find(|(_, fits, _)| !fits) {
            Some((field, _, expected)) => Err(Unfit::new(field, expected)),
            None => Ok(()),
        }
    }
}

/// The fields of a JSON object, and where it is in the manifest.
struct Fields<'a> {
    values: &'a Map<String, Value>,
    place: String,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value, place: &str, known: &[&str]) -> Result<Fields<'a>, Unfit> {
        let values = value.as_object().ok_or_else(|| Unfit::new(place, "a JSON object"))?;
        match values.keys().find(|name| !known.contains(&name.as_str())) {
            // Its name may be anything, so it is not repeated.
            Some(_) => Err(Unfit::new(format!("another field in {place}"), format!("one of {}", known.join(", ")))),
            None => Ok(Fields { values, place: place.to_owned() }),
        }
    }

    /// Where a field is.
    fn place(&self, name: &str) -> String {
        if self.place == WHOLE { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    fn get<T>(&self, name: &str, must: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Result<T, Unfit> {
        self.values.get(name).and_then(read).ok_or_else(|| Unfit::new(self.place(name), must))
    }

    fn uuid(&self, name: &str) -> Result<Uuid, Unfit> {
        self.get(name, "a UUID", uuid)
    }

    fn count(&self, name: &str, most: u64) -> Result<u64, Unfit> {
        self.get(name, &format!("a whole number from 1 to {most}"), |value| {
            value.as_u64().filter(|count| (1..=most).contains(count))
        })
    }

    fn sha256(&self, name: &str) -> Result<[u8; 32], Unfit> {
        self.get(name, "64 hexadecimal digits in lower case", |value| sha256(value.as_str()?))
    }

    fn key(&self, name: &str, month: Month) -> Result<Key, Unfit> {
        let value = self.get(name, "an object with created_at and id", Some)?;
        let fields = Fields::of(value, name, &["created_at", "id"])?;
        let created_at =
            fields.get("created_at", "a time of the month, as \"2026-01-31T12:00:00.000000Z\"", |value| {
                time(value.as_str()?).filter(|time| Month::of(*time) == Some(month))
            })?;
        Ok(Key { created_at, id: fields.uuid("id")? })
    }

    fn chunks(&self, is_successor: bool) -> Result<Vec<ChunkEntry>, Unfit> {
        let chunks = self.get("chunks", "a list with an entry for each chunk", |value| {
            value.as_array().filter(|chunks| !chunks.is_empty())
        })?;
        let read = |(number, chunk)| {
            let fields = Fields::of(chunk, &format!("chunks[{number}]"), &["events", "bytes", "sha256"])?;
            let events = fields.count("events", MAX_CHUNK_EVENTS as u64)?;
            let most = match (is_successor, events) {
                // An erasure may make rows longer, and leaves the chunks as they were cut.
                (true, _) => MAX_SUCCESSOR_CHUNK_BYTES,
                (false, 1) => MAX_EVENT_BYTES,
                (false, _) => MAX_CHUNK_BYTES,
            };
            Ok(ChunkEntry { events, bytes: fields.count("bytes", most as u64)?, sha256: fields.sha256("sha256")? })
        };
        chunks.iter().enumerate().map(read).collect()
    }

    /// What has one value in this format.
    fn demand_format(&self) -> Result<(), Unfit> {
        self.get("format", &FORMAT.to_string(), |value| (value.as_u64() == Some(FORMAT)).then_some(()))?;
        self.get("columns", "the list of an event's columns, in their order", |value| {
            let names = value.as_array()?;
            let is_same = names.len() == Column::COUNT
                && names.iter().zip(Column::ALL).all(|(name, column)| name.as_str() == Some(column.name()));
            is_same.then_some(())
        })?;
        let must = format!("the name of a program, of up to {LONGEST_TOOL} characters");
        self.get("tool", &must, |value| {
            let tool = value.as_str()?;
            let is_fit = !tool.is_empty() && tool.len() <= LONGEST_TOOL && !tool.contains(char::is_control);
            is_fit.then_some(())
        })
    }
}

/// In the form that a UUID is printed in, so that one id has one text.
fn uuid(value: &Value) -> Option<Uuid> {
    let text = value.as_str()?;
    Uuid::try_parse(text).ok().filter(|id| id.to_string() == text)
}

fn month(text: &str) -> Option<Month> {
    let (year, number) = text.split_once('-').filter(|(year, number)| (year.len(), number.len()) == (4, 2))?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    Month::new(digits(year)?, digits(number)?)
}

/// To the microsecond, in UTC.
fn time(text: &str) -> Option<Timestamp> {
    let time: jiff::Timestamp = text.strip_suffix('Z').and_then(|_| text.parse().ok())?;
    (time.as_nanosecond() % 1_000 == 0).then(|| Timestamp::from_unix(time.as_microsecond()))
}

fn sha256(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let bytes: [u8; 64] = text.as_bytes().try_into().ok()?;
    let mut hash = [0; 32];
    for (place, pair) in bytes.chunks_exact(2).enumerate() {
        hash[place] = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests;
