//! An event as somebody shows it: disclosures of some of its columns, digests of the rest, and the leaf that both lead to.
//!
//! Disclosures are hashed as they are given. They are read only for their names and values.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::base64;
use crate::checkpoint::parse_uuid;
use crate::field::{Field, PAYLOAD};
use crate::hash::Hash;
use crate::leaf::write_entry;

type Text = [u8; 43];

/// Why what is shown is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnEvent {
    /// Not base64url of `["salt","name",value]`.
    Disclosure,
    /// A name that no column has, a name twice, or names in another order than the export's.
    Names,
    /// A value of another kind than the name demands.
    Value,
    /// A disclosure whose digest does not stand where it belongs.
    NotBound,
    /// Not 7 or 8 digests that differ, each 43 characters of base64url, sorted.
    Digests,
    /// An entry with another text than its digests have.
    Entry,
    /// Id or workspace are not shown.
    Nameless,
}

impl fmt::Display for NotAnEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disclosure => "a disclosure is not base64url of [\"salt\",\"name\",value]",
            Self::Names => "the names of the columns are unknown, twice or out of order",
            Self::Value => "a value is not of the kind that its column has",
            Self::NotBound => "a disclosure does not belong to this event",
            Self::Digests => "an entry has 7 or 8 digests, all different and sorted",
            Self::Entry => "the entry is not made of its digests",
            Self::Nameless => "id and workspace_id are always shown",
        })
    }
}

/// An event whose disclosures all belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub id: Uuid,
    pub workspace: Uuid,
    pub leaf: Hash,
    /// The columns that are shown, in their order, as JSON strings.
    pub values: Vec<(Field, Box<RawJson>)>,
    /// Digests at the top that nothing shows: withheld columns, or the payload's.
    pub hidden: usize,
    /// Whether the payload's digests are shown.
    pub has_payload: bool,
    /// Columns of the payload that are not shown though the payload has them.
    pub hidden_in_payload: usize,
}

/// A value as it stands in its disclosure.
pub type RawJson = str;

impl Shown {
    /// The text of a column that is shown.
    pub fn text(&self, field: Field) -> Option<String> {
        let (_, json) = self.values.iter().find(|(shown, _)| *shown == field)?;
        serde_json::from_str(json).ok()
    }
}

/// The three parts of a disclosure. Neither salt nor name has an escape, so both are read where they stand.
#[derive(Deserialize)]
struct Parts<'a>(&'a str, &'a str, #[serde(borrow)] &'a RawValue);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload<'a> {
    #[serde(borrow, rename = "_sd")]
    digests: Vec<&'a str>,
}

/// An event of a bundle: its entry is formed of what is shown and what is withheld.
pub fn of_export(disclosures: &[&str], withheld: &[&str]) -> Result<Shown, NotAnEvent> {
    let withheld = withheld.iter().map(|digest| text_of(digest)).collect::<Option<Vec<_>>>();
    let mut reader = Reader { top: withheld.ok_or(NotAnEvent::Digests)?, ..Reader::default() };
    if !reader.top.is_sorted() {
        return Err(NotAnEvent::Digests);
    }
    let hidden = reader.top.len();
    let mut last = None;
    for disclosure in disclosures {
        let place = reader.take(disclosure, true)?;
        if last >= Some(place) {
            return Err(NotAnEvent::Names);
        }
        last = Some(place);
    }
    reader.finish(hidden)
}

/// An event of a receipt: its entry is given, and each disclosure must stand in it.
pub fn of_receipt(disclosures: &[&str], entry: &str) -> Result<Shown, NotAnEvent> {
    #[derive(Deserialize)]
    struct Entry<'a> {
        #[serde(borrow, rename = "_sd")]
        digests: Vec<&'a str>,
    }
    let parsed: Entry = serde_json::from_str(entry).map_err(|_| NotAnEvent::Entry)?;
    let digests = parsed.digests.iter().map(|digest| text_of(digest)).collect::<Option<Vec<_>>>();
    let mut reader = Reader { top: digests.ok_or(NotAnEvent::Digests)?, ..Reader::default() };
    if !reader.top.is_sorted() {
        return Err(NotAnEvent::Digests);
    }
    let mut names = 0_u32;
    let mut at_top = 0;
    for disclosure in ordered(disclosures)? {
        let place = reader.take(disclosure, false)?;
        if names & (1 << place) != 0 {
            return Err(NotAnEvent::Names);
        }
        names |= 1 << place;
        at_top += usize::from(place <= Field::KEPT);
    }
    let hidden = reader.top.len().checked_sub(at_top).ok_or(NotAnEvent::Digests)?;
    let shown = reader.finish(hidden)?;
    if Hash::of_leaf(entry.as_bytes()) == shown.leaf { Ok(shown) } else { Err(NotAnEvent::Entry) }
}

/// The payload's disclosure goes before those of its columns.
fn ordered<'a>(disclosures: &[&'a str]) -> Result<Vec<&'a str>, NotAnEvent> {
    let mut placed = disclosures
        .iter()
        .map(|disclosure| Ok((read(&decoded(disclosure)?)?.0, *disclosure)))
        .collect::<Result<Vec<_>, NotAnEvent>>()?;
    placed.sort_by_key(|(place, _)| *place);
    Ok(placed.into_iter().map(|(_, disclosure)| disclosure).collect())
}

#[derive(Default)]
struct Reader {
    top: Vec<Text>,
    inner: Option<Vec<Text>>,
    used: usize,
    values: Vec<(Field, Box<RawJson>)>,
}

impl Reader {
    /// Takes a disclosure and gives the place of its name. At the top its digest is added or, in a given entry, looked up.
    fn take(&mut self, disclosure: &str, adds: bool) -> Result<usize, NotAnEvent> {
        let digest = base64::digest_text(&Hash::of(disclosure.as_bytes()).0);
        let json = decoded(disclosure)?;
        let (place, field, value) = read(&json)?;
        if field.is_some_and(Field::is_payload) {
            let inner = self.inner.as_ref().ok_or(NotAnEvent::NotBound)?;
            inner.binary_search(&digest).map_err(|_| NotAnEvent::NotBound)?;
            self.used += 1;
        } else if adds {
            self.top.push(digest);
        } else {
            self.top.binary_search(&digest).map_err(|_| NotAnEvent::NotBound)?;
        }
        match field {
            Some(field) if value.starts_with('"') => self.values.push((field, value.into())),
            None => self.inner = Some(payload(value)?),
            Some(_) => return Err(NotAnEvent::Value),
        }
        Ok(place)
    }

    fn finish(mut self, hidden: usize) -> Result<Shown, NotAnEvent> {
        self.top.sort_unstable();
        let differ = self.top.windows(2).all(|pair| pair[0] < pair[1]);
        if !differ || !(Field::KEPT..=Field::KEPT + 1).contains(&self.top.len()) {
            return Err(NotAnEvent::Digests);
        }
        let mut entry = Vec::with_capacity(480);
        write_entry(&self.top, &mut entry);
        let shown = Shown {
            id: Uuid::nil(),
            workspace: Uuid::nil(),
            leaf: Hash::of_leaf(&entry),
            hidden,
            has_payload: self.inner.is_some(),
            hidden_in_payload: self.inner.map_or(0, |inner| inner.len()) - self.used,
            values: self.values,
        };
        let uuid = |field| shown.text(field).as_deref().and_then(parse_uuid).ok_or(NotAnEvent::Nameless);
        Ok(Shown { id: uuid(Field::Id)?, workspace: uuid(Field::WorkspaceId)?, ..shown })
    }
}

fn decoded(disclosure: &str) -> Result<Vec<u8>, NotAnEvent> {
    base64::decode_url(disclosure).ok_or(NotAnEvent::Disclosure)
}

/// The place of the name, kept columns first, then the payload's digests, then its columns; the column; the value.
fn read(json: &[u8]) -> Result<(usize, Option<Field>, &str), NotAnEvent> {
    let Parts(salt, name, value) = serde_json::from_slice(json).map_err(|_| NotAnEvent::Disclosure)?;
    // 16 bytes in base64url.
    if salt.len() != 22 {
        return Err(NotAnEvent::Disclosure);
    }
    if name == PAYLOAD {
        return Ok((Field::KEPT, None, value.get()));
    }
    let field = Field::named(name).ok_or(NotAnEvent::Names)?;
    Ok((field as usize + usize::from(field.is_payload()), Some(field), value.get()))
}

fn payload(value: &str) -> Result<Vec<Text>, NotAnEvent> {
    let payload: Payload = serde_json::from_str(value).map_err(|_| NotAnEvent::Value)?;
    let digests = payload.digests.iter().map(|digest| text_of(digest)).collect::<Option<Vec<_>>>();
    let digests = digests.ok_or(NotAnEvent::Value)?;
    let differ = digests.windows(2).all(|pair| pair[0] < pair[1]);
    if differ && digests.len() <= Field::COUNT - Field::KEPT { Ok(digests) } else { Err(NotAnEvent::Value) }
}

fn text_of(digest: &str) -> Option<Text> {
    Hash::from_slice(&base64::decode_url(digest)?)?;
    digest.as_bytes().try_into().ok()
}
