//! Deletions as a verifier sees them: an entry of the deletion log, whose id is made of its content, and the list of what it took.
//!
//! A sealed event names the entry by its digest, so the log of the workspace vouches for entry and list, also after the event's own payload is gone.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use uuid::{Builder, Uuid};

use crate::checkpoint::parse_uuid;
use crate::hash::Hash;
use crate::leaf::write_string;

/// A value of an entry: a column as text (times as the leaf has them, bytes in hex), a flag or a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Bool(bool),
    /// Within what every JSON reader keeps exactly: 2^53 - 1 either way.
    Count(i64),
    Text(String),
}

/// The columns that an entry of the first release has; each is there, NULL or not. Columns of a later release are there if they are not NULL, so the
/// content of an older entry stays what it was.
pub const COLUMNS: [&str; 14] = [
    "acting_role",
    "approval_ticket_id",
    "deleted_at",
    "deleted_by_role",
    "deleted_by_user_id",
    "deletion_authority",
    "deletion_reason",
    "event_count",
    "event_ids_sha256",
    "is_irrevocable",
    "newest_event_at",
    "oldest_event_at",
    "subject_user_id",
    "workspace_id",
];

/// Columns of the log that an entry has only where they are not NULL.
pub const LATER_COLUMNS: [&str; 5] = ["cutoff", "held_workspaces", "include_events_about_user", "kind", "parent_id"];

/// The authority of adoption; nobody else may use it.
pub const ADOPTION: &str = "ADOPTION";

const MOST: i64 = (1 << 53) - 1;

/// An entry of `audit_deletion_log`: all its columns but `id` and `event_list_id`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    columns: BTreeMap<String, Value>,
}

/// What an entry did to the events of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Their payload was erased.
    Erasure,
    /// They were removed.
    Purge,
    /// They came without a key and had been erased before.
    Adoption,
    /// They went to cold storage, or back there after a loan.
    ColdRelease,
    /// They moved between tables: it took nothing.
    Move,
}

impl Operation {
    /// The action of the event that vouches for such an entry.
    pub fn action(self) -> Option<&'static str> {
        match self {
            Self::Erasure => Some("AUDIT_EVENTS_ERASED"),
            Self::Purge => Some("AUDIT_EVENTS_PURGED"),
            Self::Adoption => Some("AUDIT_EVENTS_ADOPTED"),
            Self::ColdRelease => Some("AUDIT_COLD_RELEASED"),
            Self::Move => None,
        }
    }

    pub fn is_vouching(action: &str) -> bool {
        [Self::Erasure, Self::Purge, Self::Adoption, Self::ColdRelease].iter().any(|one| one.action() == Some(action))
    }
}

/// Why a text is no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnEntry(pub String);

impl Entry {
    /// From the columns of a row. NULLs of later columns are left out.
    pub fn new(columns: impl IntoIterator<Item = (String, Value)>) -> Result<Self, NotAnEntry> {
        let first = |name: &str| COLUMNS.contains(&name);
        let columns: BTreeMap<_, _> =
            columns.into_iter().filter(|(name, value)| first(name) || *value != Value::Null).collect();
        let entry = Self { columns };
        entry.check().map(|()| entry)
    }

    /// Takes the canonical text and no other.
    pub fn parse(text: &str) -> Result<Self, NotAnEntry> {
        let entry: Self = serde_json::from_str(text).map_err(|error| NotAnEntry(error.to_string()))?;
        entry.check()?;
        if entry.canonical() == text { Ok(entry) } else { Err(NotAnEntry("not in canonical form".into())) }
    }

    /// One that was read as it came, if it is an entry.
    pub fn checked(self) -> Result<Self, NotAnEntry> {
        self.check().map(|()| self)
    }

    fn check(&self) -> Result<(), NotAnEntry> {
        let fail = |what: &str, name: &str| Err(NotAnEntry(format!("{what} {name}")));
        if let Some(missing) = COLUMNS.iter().find(|name| !self.columns.contains_key(**name)) {
            return fail("without", missing);
        }
        for (name, value) in &self.columns {
            let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
            if !name.bytes().all(plain) || ["id", "event_list_id"].contains(&name.as_str()) {
                return fail("with", name);
            }
            let fits = match value {
                Value::Null => COLUMNS.contains(&name.as_str()),
                Value::Count(count) => count.abs() <= MOST,
                Value::Bool(_) | Value::Text(_) => true,
            };
            if !fits {
                return fail("odd value of", name);
            }
        }
        let typed = self.count().is_some_and(|count| count >= 0)
            && self.workspace().is_some()
            && matches!(self.columns["is_irrevocable"], Value::Bool(_))
            && self.text("deletion_authority").is_some();
        if typed { Ok(()) } else { fail("odd value of", "a column") }
    }

    /// RFC 8785: names in order, no white space. Names are ASCII and numbers whole, so sorting bytes and printing digits is all of it.
    pub fn canonical(&self) -> String {
        let mut json = vec![b'{'];
        for (name, value) in &self.columns {
            if json.len() > 1 {
                json.push(b',');
            }
            write_string(name, &mut json);
            json.push(b':');
            match value {
                Value::Null => json.extend_from_slice(b"null"),
                Value::Bool(flag) => json.extend_from_slice(if *flag { b"true" } else { b"false" }),
                Value::Count(count) => json.extend_from_slice(count.to_string().as_bytes()),
                Value::Text(text) => write_string(text, &mut json),
            }
        }
        json.push(b'}');
        String::from_utf8(json).expect("made of texts")
    }

    pub fn digest(&self) -> Hash {
        Hash::of(self.canonical().as_bytes())
    }

    /// UUIDv8 of the digest's first half.
    pub fn id(&self) -> Uuid {
        id_of(&self.digest())
    }

    /// What the vouching event has as `resource_type`.
    pub fn resource_type(&self) -> String {
        format!("{RESOURCE_TYPE}{}", self.digest().to_hex())
    }

    pub fn text(&self, column: &str) -> Option<&str> {
        match self.columns.get(column)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn workspace(&self) -> Option<Uuid> {
        self.text("workspace_id").and_then(parse_uuid)
    }

    pub fn count(&self) -> Option<i64> {
        match self.columns.get("event_count")? {
            Value::Count(count) => Some(*count),
            _ => None,
        }
    }

    pub fn is_irrevocable(&self) -> bool {
        self.flag("is_irrevocable") == Some(true)
    }

    pub fn flag(&self, column: &str) -> Option<bool> {
        match self.columns.get(column)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The digest of its list; `None` where it has none.
    pub fn list_digest(&self) -> Option<&str> {
        self.text("event_ids_sha256")
    }

    /// What it did, by its content alone; `None` for a kind of a later release, which covers nothing here.
    ///
    /// Entries that need no `kind` have none: a person is erased, ADOPTION adopts, what is irrevocable purges, all else moves.
    pub fn operation(&self) -> Option<Operation> {
        let is_person = self.text("subject_user_id").is_some();
        let is_irrevocable = self.is_irrevocable();
        let is_adoption = self.text("deletion_authority") == Some(ADOPTION);
        match (self.columns.get("kind"), is_person, is_adoption, is_irrevocable) {
            (None, true, false, _) => Some(Operation::Erasure),
            (None, false, true, false) => Some(Operation::Adoption),
            (None, false, false, true) => Some(Operation::Purge),
            (None, false, false, false) => Some(Operation::Move),
            (Some(Value::Text(kind)), person, false, irrevocable) => match (kind.as_str(), person, irrevocable) {
                ("erasure" | "person_erasure", true, _) => Some(Operation::Erasure),
                ("purge" | "offboarding", false, true) => Some(Operation::Purge),
                ("cold", false, false) => Some(Operation::ColdRelease),
                _ => None,
            },
            _ => None,
        }
    }
}

const RESOURCE_TYPE: &str = "audit_deletion_log/";

fn id_of(digest: &Hash) -> Uuid {
    let bytes = *digest.0.first_chunk().expect("16 of 32 bytes");
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// The digest of the entry that an event names, if the event's two columns fit each other.
pub fn named_entry(resource_id: Option<&str>, resource_type: Option<&str>) -> Option<(Uuid, String)> {
    let id = parse_uuid(resource_id?)?;
    let digest = resource_type?.strip_prefix(RESOURCE_TYPE)?;
    let is_hex = digest.len() == 64 && digest.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let bytes: Option<Vec<u8>> =
        is_hex.then(|| (0..32).filter_map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).ok()).collect());
    (id_of(&Hash::from_slice(&bytes?)?) == id).then(|| (id, digest.into()))
}

/// An event of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: Uuid,
    /// `None` where the row had no key; such a line covers nothing.
    pub leaf: Option<Hash>,
}

/// Bytes of an event in a list.
const LISTED: usize = 48;
/// Events of a part.
pub const PART: usize = 170;

/// Writes a list: parts of 170 events, and the digest over all of them.
#[derive(Default)]
pub struct ListWriter {
    part: Vec<u8>,
    digest: sha2::Sha256,
    count: i64,
}

impl ListWriter {
    /// Takes the next event. A part that was full before it is handed out to be stored.
    pub fn push(&mut self, event: Listed) -> Option<Vec<u8>> {
        let full = (self.part.len() == PART * LISTED).then(|| std::mem::take(&mut self.part));
        let start = self.part.len();
        self.part.extend_from_slice(event.id.as_bytes());
        self.part.extend_from_slice(&event.leaf.map_or([0; 32], |leaf| leaf.0));
        sha2::Digest::update(&mut self.digest, &self.part[start..]);
        self.count += 1;
        full
    }

    /// The last part, how many events there are, and the digest; nothing for an empty list.
    pub fn finish(self) -> Option<(Vec<u8>, i64, Hash)> {
        (self.count > 0).then(|| (self.part, self.count, Hash(sha2::Digest::finalize(self.digest).into())))
    }
}

/// The events of a part, `None` if it is none.
pub fn read_part(part: &[u8]) -> Option<Vec<Listed>> {
    let (events, rest) = part.as_chunks::<LISTED>();
    let one = |event: &[u8; LISTED]| {
        let (id, leaf) = event.split_at(16);
        let leaf = Hash::from_slice(leaf).filter(|leaf| leaf.0 != [0; 32]);
        Some(Listed { id: Uuid::from_slice(id).ok()?, leaf })
    };
    if rest.is_empty() && (1..=PART).contains(&events.len()) { events.iter().map(one).collect() } else { None }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;
        impl<'de> Visitor<'de> for Columns {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an entry of the deletion log")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut columns = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if columns.insert(name, value).is_some() {
                        return Err(de::Error::custom("a column twice"));
                    }
                }
                Ok(Entry { columns })
            }
        }
        deserializer.deserialize_map(Columns)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Null => Ok(Self::Null),
            serde_json::Value::Bool(flag) => Ok(Self::Bool(flag)),
            serde_json::Value::String(text) => Ok(Self::Text(text)),
            serde_json::Value::Number(number) => {
                number.as_i64().map(Self::Count).ok_or_else(|| de::Error::custom("a number that is no count"))
            }
            _ => Err(de::Error::custom("a value that no column has")),
        }
    }
}
