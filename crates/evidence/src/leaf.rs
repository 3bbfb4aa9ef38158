//! The leaf of an event: commitments to its columns, each of which can be shown alone, in a form that outlives the erasure of the payload.
//!
//! A column becomes a disclosure of RFC 9901, `["<salt>","<name>",<value>]` in base64url, and its digest stands in the entry. The payload's columns
//! stand one level deeper, in a disclosure of their own: when the payload is erased, only that disclosure's digest is kept, and the entry is rebuilt from it.
//! Salts come from the event's key: those of the kept columns from a key that survives and does not lead back to the event's key.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::base64;
use crate::field::{Field, PAYLOAD, Values};
use crate::hash::Hash;

/// 128 bits that make a digest hide its value.
pub type Secret = [u8; 16];

/// What the column `seal_key` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealKey {
    Live(Secret),
    /// After an erasure: enough for the same leaf, nothing to try values against.
    Erased {
        kept: Secret,
        payload: Hash,
    },
}

impl SealKey {
    /// `None` for bytes that are no key.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            16 => Some(Self::Live(bytes.try_into().ok()?)),
            48 => {
                let (kept, payload) = bytes.split_at(16);
                Some(Self::Erased { kept: kept.try_into().ok()?, payload: Hash::from_slice(payload)? })
            }
            _ => None,
        }
    }

    pub fn is_erased(&self) -> bool {
        matches!(self, Self::Erased { .. })
    }

    fn salts(&self) -> Salts {
        match self {
            Self::Live(key) => {
                let live = keyed(key);
                Salts { kept: keyed(&mac(&live, "kept")), live: Some(live) }
            }
            Self::Erased { kept, .. } => Salts { kept: keyed(kept), live: None },
        }
    }
}

/// The two keys, ready for use.
struct Salts {
    kept: Hmac<Sha256>,
    live: Option<Hmac<Sha256>>,
}

fn keyed(key: &Secret) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn mac(key: &Hmac<Sha256>, text: &str) -> Secret {
    let mut key = key.clone();
    key.update(text.as_bytes());
    let bytes: [u8; 32] = key.finalize().into_bytes().into();
    *bytes.first_chunk().expect("16 of 32 bytes")
}

/// Why a row has no leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLeaf {
    /// A key of an erased payload, and a payload.
    PayloadBesideErasedKey,
}

/// An event taken apart, for receipts and exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosed {
    /// Of the kept columns, in their order, each with its digest.
    pub kept: Vec<(Field, String, Hash)>,
    /// `None` after an erasure.
    pub payload: Option<String>,
    pub payload_digest: Hash,
    /// Of the payload's columns, in their order.
    pub in_payload: Vec<(Field, String)>,
    pub entry: String,
    pub leaf: Hash,
}

impl Disclosed {
    /// The disclosures of the columns asked for, all if none are named, and the digests at the top of what is withheld. Id and workspace are always shown.
    pub fn select(&self, fields: Option<&[Field]>) -> (Vec<&str>, Vec<String>) {
        let is_asked = |field: Field| {
            matches!(field, Field::Id | Field::WorkspaceId) || fields.is_none_or(|fields| fields.contains(&field))
        };
        let (mut shown, mut withheld) = (Vec::new(), Vec::new());
        for (field, disclosure, digest) in &self.kept {
            if is_asked(*field) {
                shown.push(disclosure.as_str());
            } else {
                withheld.push(base64::encode_url(&digest.0));
            }
        }
        match &self.payload {
            Some(payload) if fields.is_none_or(|fields| fields.iter().any(|field| field.is_payload())) => {
                shown.push(payload);
                let columns = self.in_payload.iter().filter(|(field, _)| is_asked(*field));
                shown.extend(columns.map(|(_, disclosure)| disclosure.as_str()));
            }
            _ => withheld.push(base64::encode_url(&self.payload_digest.0)),
        }
        withheld.sort_unstable();
        (shown, withheld)
    }
}

/// Makes leaves. It keeps its buffers from one event to the next.
#[derive(Default)]
pub struct LeafMaker {
    json: Vec<u8>,
    disclosure: Vec<u8>,
    top: Vec<[u8; 43]>,
    inner: Vec<[u8; 43]>,
    entry: Vec<u8>,
}

impl LeafMaker {
    pub fn new() -> Self {
        Self::default()
    }

    /// The leaf hash of a row: what sealing, erasing, purging and verifying need of it.
    pub fn leaf(&mut self, values: &Values, key: &SealKey) -> Result<Hash, NoLeaf> {
        self.build(values, key, &mut |_, _, _| ())
    }

    /// What `seal_key` becomes when the payload is erased: its leaf stays the same.
    pub fn erased_key(&mut self, values: &Values, key: &Secret) -> [u8; 48] {
        let salts = SealKey::Live(*key).salts();
        let live = salts.live.as_ref().expect("a live key");
        let digest = self.payload(values, live, &mut |_, _, _| ());
        let mut erased = [0; 48];
        erased[..16].copy_from_slice(&mac(live, "kept"));
        erased[16..].copy_from_slice(&digest.0);
        erased
    }

    /// All disclosures of an event.
    pub fn disclose(&mut self, values: &Values, key: &SealKey) -> Result<Disclosed, NoLeaf> {
        let (mut kept, mut payload, mut in_payload) = (Vec::new(), None, Vec::new());
        let mut payload_digest = match key {
            SealKey::Erased { payload, .. } => *payload,
            SealKey::Live(_) => Hash::of_nothing(),
        };
        let leaf = self.build(values, key, &mut |field, disclosure, digest| match field {
            Some(field) if field.is_payload() => in_payload.push((field, ascii(disclosure))),
            Some(field) => kept.push((field, ascii(disclosure), digest)),
            None => {
                payload = Some(ascii(disclosure));
                payload_digest = digest;
            }
        })?;
        Ok(Disclosed { kept, payload, payload_digest, in_payload, entry: ascii(&self.entry), leaf })
    }

    /// Visits each disclosure with its digest; the payload's own is that of no field.
    fn build(&mut self, values: &Values, key: &SealKey, visit: Visit) -> Result<Hash, NoLeaf> {
        if key.is_erased() && values.has_payload() {
            return Err(NoLeaf::PayloadBesideErasedKey);
        }
        let salts = key.salts();
        self.top.clear();
        for field in &Field::ALL[..Field::KEPT] {
            if let Some(value) = values.get(*field) {
                let digest = self.column(&salts.kept, *field, value, visit);
                self.top.push(base64::digest_text(&digest.0));
            }
        }
        let payload = match (key, &salts.live) {
            (SealKey::Erased { payload, .. }, _) => *payload,
            (_, live) => self.payload(values, live.as_ref().expect("a live key"), visit),
        };
        self.top.push(base64::digest_text(&payload.0));
        self.top.sort_unstable();
        self.entry.clear();
        write_entry(&self.top, &mut self.entry);
        Ok(Hash::of_leaf(&self.entry))
    }

    fn payload(&mut self, values: &Values, live: &Hmac<Sha256>, visit: Visit) -> Hash {
        self.inner.clear();
        for field in &Field::ALL[Field::KEPT..] {
            if let Some(value) = values.get(*field) {
                let digest = self.column(live, *field, value, visit);
                self.inner.push(base64::digest_text(&digest.0));
            }
        }
        self.inner.sort_unstable();
        self.begin(live, PAYLOAD);
        self.json.extend_from_slice(b"{\"_sd\":");
        write_list(&self.inner, &mut self.json);
        self.json.push(b'}');
        self.end(None, visit)
    }

    fn column(&mut self, key: &Hmac<Sha256>, field: Field, value: &str, visit: Visit) -> Hash {
        self.begin(key, field.name());
        write_string(value, &mut self.json);
        self.end(Some(field), visit)
    }

    fn begin(&mut self, key: &Hmac<Sha256>, name: &str) {
        self.json.clear();
        self.json.extend_from_slice(b"[\"");
        base64::append_url(&mac(key, name), &mut self.json);
        self.json.extend_from_slice(b"\",\"");
        self.json.extend_from_slice(name.as_bytes());
        self.json.extend_from_slice(b"\",");
    }

    fn end(&mut self, field: Option<Field>, visit: Visit) -> Hash {
        self.json.push(b']');
        self.disclosure.clear();
        base64::append_url(&self.json, &mut self.disclosure);
        let digest = Hash::of(&self.disclosure);
        visit(field, &self.disclosure, digest);
        digest
    }
}

type Visit<'v> = &'v mut dyn FnMut(Option<Field>, &[u8], Hash);

/// The entry of a leaf: the digests, sorted.
pub(crate) fn write_entry(digests: &[[u8; 43]], to: &mut Vec<u8>) {
    to.extend_from_slice(b"{\"_sd\":");
    write_list(digests, to);
    to.extend_from_slice(b",\"_sd_alg\":\"sha-256\",\"v\":1}");
}

pub(crate) fn write_list(texts: &[[u8; 43]], to: &mut Vec<u8>) {
    to.push(b'[');
    for (place, text) in texts.iter().enumerate() {
        if place > 0 {
            to.push(b',');
        }
        to.push(b'"');
        to.extend_from_slice(text);
        to.push(b'"');
    }
    to.push(b']');
}

/// As JSON.stringify writes it.
pub(crate) fn write_string(text: &str, to: &mut Vec<u8>) {
    serde_json::to_writer(to, text).expect("a buffer takes everything");
}

fn ascii(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("base64 and JSON of it are ASCII")
}
