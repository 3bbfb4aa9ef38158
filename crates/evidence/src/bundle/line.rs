//! The lines of a bundle, read. What is not printed just so is no line.

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::base64;
use crate::checkpoint::parse_uuid;
use crate::deletion::Entry;
use crate::field::Field;
use crate::hash::Hash;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `None`: the root log.
    pub workspace: Option<Uuid>,
    pub first: u64,
    /// The columns that were asked for; `None`: all.
    pub fields: Option<Vec<Field>>,
    /// The roots of the perfect subtrees before the first leaf.
    pub prefix: Vec<Hash>,
}

/// An event that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    pub index: u64,
    pub disclosures: Vec<&'a str>,
    pub digests: Vec<&'a str>,
    /// Of an erased event: the entry that names it.
    pub deletion_log_id: Option<Uuid>,
}

/// An event that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    pub index: u64,
    pub id: Uuid,
    pub leaf: Hash,
    pub deletion_log_id: Uuid,
}

/// An entry of the deletion log and its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion<'a> {
    pub entry: Entry,
    pub parts: Vec<Vec<u8>>,
    /// The event that vouches for the entry, where it is none of the bundle's.
    pub vouching: Option<Vouching<'a>>,
}

/// An event before the bundle's first, with its path to the log's head; or one that is recorded and not sealed yet, which is without place and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouching<'a> {
    pub index: Option<u64>,
    pub disclosures: Vec<&'a str>,
    pub digests: Vec<&'a str>,
    pub path: Vec<Hash>,
}

/// The head of the workspace's log, its path in the root log, and the checkpoint over it. One for each incarnation that has a head of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub index: u64,
    pub head: String,
    pub path: Vec<Hash>,
    pub checkpoint: String,
    pub timestamps: Vec<Vec<u8>>,
}

/// A leaf of the root log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootHead {
    pub index: u64,
    pub workspace: Uuid,
    pub size: u64,
    /// Of the workspace's log. The leaf follows from it, so nothing in the line is a mere claim.
    pub root: Hash,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    Header(Header),
    Event(Event<'a>),
    Removed(Removed),
    Deletion(Deletion<'a>),
    Head(Head),
    /// Begins the heads of an incarnation's root log: its origin.
    Incarnation(String),
    RootHead(RootHead),
    /// Ends the heads of an incarnation's root log.
    Checkpoint(String),
    /// What shows that the log under the last checkpoint continues the one of `old` leaves.
    Consistency {
        old: u64,
        path: Vec<Hash>,
        checkpoint: String,
    },
}

/// A line that cannot be read, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotALine(pub String);

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Raw<'a> {
    Bundle {
        v: u32,
        #[serde(borrow)]
        workspace_id: Option<&'a str>,
        first: u64,
        #[serde(borrow)]
        fields: Option<Vec<&'a str>>,
        #[serde(borrow)]
        prefix: Vec<&'a str>,
    },
    Removed {
        index: u64,
        id: &'a str,
        leaf: &'a str,
        deletion_log_id: &'a str,
    },
    Incarnation {
        origin: String,
    },
    Checkpoint {
        checkpoint: String,
    },
    Consistency {
        old: u64,
        #[serde(borrow)]
        path: Vec<&'a str>,
        checkpoint: String,
    },
}

/// Most lines are events, and a tagged enum reads twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvent<'a> {
    #[serde(rename = "kind")]
    _kind: &'a str,
    index: u64,
    #[serde(borrow)]
    disclosures: Vec<&'a str>,
    #[serde(borrow)]
    digests: Vec<&'a str>,
    deletion_log_id: Option<&'a str>,
}

/// An entry has to be read as it stands, which a tagged enum cannot do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDeletion<'a> {
    #[serde(rename = "kind")]
    _kind: &'a str,
    #[serde(borrow)]
    entry: &'a RawValue,
    #[serde(borrow)]
    event_ids: Vec<&'a str>,
    #[serde(borrow)]
    event: Option<RawVouching<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVouching<'a> {
    index: Option<u64>,
    #[serde(borrow)]
    disclosures: Vec<&'a str>,
    #[serde(borrow)]
    digests: Vec<&'a str>,
    #[serde(borrow)]
    path: Vec<&'a str>,
}

/// The head of a workspace has a text, that of the root log a root.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHead<'a> {
    #[serde(rename = "kind")]
    _kind: &'a str,
    index: u64,
    head: Option<String>,
    #[serde(borrow)]
    path: Option<Vec<&'a str>>,
    checkpoint: Option<String>,
    #[serde(borrow)]
    timestamps: Option<Vec<&'a str>>,
    workspace_id: Option<&'a str>,
    size: Option<u64>,
    root: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub fn parse(text: &'a str) -> Result<Self, NotALine> {
        let line = Self::read(text)?;
        if line.to_string() == text { Ok(line) } else { Err(NotALine("not in canonical form".into())) }
    }

    fn read(text: &'a str) -> Result<Self, NotALine> {
        if text.starts_with(r#"{"kind":"event","#) {
            let RawEvent { index, disclosures, digests, deletion_log_id, .. } = json(text)?;
            let deletion_log_id = deletion_log_id.map(uuid).transpose()?;
            return Ok(Line::Event(Event { index, disclosures, digests, deletion_log_id }));
        }
        if text.starts_with(r#"{"kind":"deletion","#) {
            return json::<RawDeletion>(text)?.read();
        }
        if text.starts_with(r#"{"kind":"head","#) {
            return json::<RawHead>(text)?.read().ok_or_else(|| odd("head"));
        }
        json::<Raw>(text)?.read()
    }
}

impl<'a> Raw<'a> {
    fn read(self) -> Result<Line<'a>, NotALine> {
        match self {
            Self::Bundle { v: 1, workspace_id, first, fields, prefix } => Ok(Line::Header(Header {
                workspace: workspace_id.map(uuid).transpose()?,
                first,
                fields: fields.map(|fields| all(fields, Field::named)).transpose()?,
                prefix: hashes(prefix)?,
            })),
            Self::Bundle { v, .. } => Err(NotALine(format!("a bundle of version {v}"))),
            Self::Removed { index, id, leaf, deletion_log_id } => Ok(Line::Removed(Removed {
                index,
                id: uuid(id)?,
                leaf: Hash::from_base64(leaf).ok_or_else(|| odd("leaf"))?,
                deletion_log_id: uuid(deletion_log_id)?,
            })),
            Self::Incarnation { origin } => Ok(Line::Incarnation(origin)),
            Self::Checkpoint { checkpoint } => Ok(Line::Checkpoint(checkpoint)),
            Self::Consistency { old, path, checkpoint } => {
                Ok(Line::Consistency { old, path: hashes(path)?, checkpoint })
            }
        }
    }
}

impl<'a> RawDeletion<'a> {
    fn read(self) -> Result<Line<'a>, NotALine> {
        let entry = Entry::parse(self.entry.get()).map_err(|problem| NotALine(format!("an entry {}", problem.0)))?;
        let vouching = |event: RawVouching<'a>| {
            let RawVouching { index, disclosures, digests, path } = event;
            Ok(Vouching { index, disclosures, digests, path: hashes(path)? })
        };
        let parts = all(self.event_ids, base64::decode)?;
        Ok(Line::Deletion(Deletion { entry, parts, vouching: self.event.map(vouching).transpose()? }))
    }
}

impl<'a> RawHead<'a> {
    fn read(self) -> Option<Line<'a>> {
        let index = self.index;
        if let Some(head) = self.head {
            let path = hashes(self.path?).ok()?;
            let timestamps = all(self.timestamps?, base64::decode).ok()?;
            return Some(Line::Head(Head { index, head, path, checkpoint: self.checkpoint?, timestamps }));
        }
        let (workspace, root) = (parse_uuid(self.workspace_id?)?, Hash::from_base64(self.root?)?);
        Some(Line::RootHead(RootHead { index, workspace, size: self.size?, root }))
    }
}

fn json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, NotALine> {
    serde_json::from_str(text).map_err(|error| NotALine(error.to_string()))
}

fn odd(what: &str) -> NotALine {
    NotALine(format!("an odd {what}"))
}

fn uuid(text: &str) -> Result<Uuid, NotALine> {
    parse_uuid(text).ok_or_else(|| odd("id"))
}

fn hashes(texts: Vec<&str>) -> Result<Vec<Hash>, NotALine> {
    all(texts, Hash::from_base64)
}

fn all<T>(texts: Vec<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, NotALine> {
    texts.into_iter().map(read).collect::<Option<_>>().ok_or_else(|| odd("value in a list"))
}
