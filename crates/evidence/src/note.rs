//! Signed notes (C2SP signed-note): a text, a blank line, and a line for each signature. Signatures are Ed25519, of the log itself or, with the time, of a
//! witness (C2SP tlog-cosignature).

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::base64;
use crate::hash::{Hash, hex};

const LOG: u8 = 0x01;
const COSIGNATURE: u8 = 0x04;
/// As Go's package note: more lines are an attack.
pub const MOST_SIGNATURES: usize = 100;

/// A text and who is said to have signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Ends with a line end.
    pub text: String,
    pub signatures: Vec<SignatureLine>,
}

/// `— <name> <base64 of key id and signature>`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    pub name: String,
    pub key_id: [u8; 4],
    pub signature: Vec<u8>,
}

impl Note {
    /// A note with or without signatures; a text alone counts as a note that nobody signed.
    pub fn parse(note: &str) -> Option<Self> {
        if note.chars().any(|letter| letter != '\n' && letter.is_control()) {
            return None;
        }
        let Some((text, lines)) = note.rsplit_once("\n\n") else {
            return note.ends_with('\n').then(|| Self { text: note.into(), signatures: Vec::new() });
        };
        let lines = lines.strip_suffix('\n')?;
        let signatures = lines.split('\n').map(SignatureLine::parse).collect::<Option<Vec<_>>>()?;
        (signatures.len() <= MOST_SIGNATURES).then(|| Self { text: format!("{text}\n"), signatures })
    }

    /// A note that went through files and shells.
    pub fn read(note: &str) -> Option<Self> {
        Self::parse(&with_one_line_end(note))
    }
}

/// A text as files and shells hand it on: `psql` adds a line end, and `$(...)` takes all of them away. Neither changes what is signed.
pub(crate) fn with_one_line_end(text: &str) -> String {
    format!("{}\n", text.trim_end_matches('\n'))
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if !self.signatures.is_empty() {
            f.write_str("\n")?;
        }
        self.signatures.iter().try_for_each(|line| write!(f, "{line}"))
    }
}

impl SignatureLine {
    /// A line, without its end.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, rest) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = base64::decode(rest)?;
        let (key_id, signature) = bytes.split_first_chunk()?;
        let known = is_key_name(name) && !signature.is_empty();
        known.then(|| Self { name: name.into(), key_id: *key_id, signature: signature.into() })
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id[..], &self.signature].concat();
        writeln!(f, "— {} {}", self.name, base64::encode(&bytes))
    }
}

/// Names of keys: no white space, no plus.
fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || letter == '+')
}

/// A public key, as `<name>+<key id>+<base64 of kind and key>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    pub name: String,
    kind: u8,
    key: VerifyingKey,
}

/// What a note says about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has no line of this key.
    Absent,
    /// It has a line of this key that is no signature of this text.
    Bad,
    Good {
        /// In seconds; only a witness says when.
        at: Option<u64>,
    },
}

impl PublicKey {
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let bytes = base64::decode(key)?;
        let (kind, key) = bytes.split_first()?;
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let parsed = Self { name: name.into(), kind: *kind, key };
        let known = is_key_name(name) && [LOG, COSIGNATURE].contains(kind) && hex(&parsed.id(name)) == id;
        known.then_some(parsed)
    }

    /// The same key under another name, which gives it another id.
    pub fn named(&self, name: &str) -> Self {
        Self { name: name.into(), ..self.clone() }
    }

    pub fn is_witness(&self) -> bool {
        self.kind == COSIGNATURE
    }

    fn id(&self, name: &str) -> [u8; 4] {
        key_id(name, self.kind, &self.key)
    }

    /// What the note says about this key under the name `name`: a log's key signs the origins of all its incarnations.
    pub fn verify(&self, note: &Note, name: &str) -> Verdict {
        let id = self.id(name);
        let mut lines = note.signatures.iter().filter(|line| line.name == name && line.key_id == id).peekable();
        if lines.peek().is_none() {
            return Verdict::Absent;
        }
        // The same witness may have signed again later; the first time it saw the text says most.
        let times = lines.map(|line| self.verify_line(&note.text, line)).collect::<Option<Vec<_>>>();
        times.map_or(Verdict::Bad, |times| Verdict::Good { at: times.into_iter().flatten().min() })
    }

    fn verify_line(&self, text: &str, line: &SignatureLine) -> Option<Option<u64>> {
        let (at, signed, signature) = if self.is_witness() {
            let (at, signature) = line.signature.split_first_chunk()?;
            let at = u64::from_be_bytes(*at);
            (Some(at), cosigned_text(at, text), signature)
        } else {
            (None, text.into(), &line.signature[..])
        };
        let signature = Signature::from_slice(signature).ok()?;
        self.key.verify_strict(signed.as_bytes(), &signature).ok().map(|()| at)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.kind][..], self.key.as_bytes()].concat();
        write!(f, "{}+{}+{}", self.name, hex(&self.id(&self.name)), base64::encode(&bytes))
    }
}

fn key_id(name: &str, kind: u8, key: &VerifyingKey) -> [u8; 4] {
    let hash = Hash::of(&[name.as_bytes(), &[b'\n', kind], key.as_bytes()].concat());
    *hash.0.first_chunk().expect("4 of 32 bytes")
}

fn cosigned_text(at: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}

/// A private key. The extension never has one.
pub struct PrivateKey {
    /// Of the key; a log's checkpoints are signed under their origin.
    pub name: String,
    key: SigningKey,
}

impl PrivateKey {
    /// As Go's package note keeps it: `PRIVATE+KEY+<name>+<key id>+<base64 of kind and seed>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.strip_prefix("PRIVATE+KEY+")?.split_once('+')?;
        let (_, seed) = rest.split_once('+')?;
        let bytes = base64::decode(seed)?;
        let (kind, seed) = bytes.split_first()?;
        let parsed = Self::from_seed(name, seed.try_into().ok()?);
        (*kind == LOG && is_key_name(name) && parsed.to_text() == text).then_some(parsed)
    }

    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Self {
        Self { name: name.into(), key: SigningKey::from_bytes(seed) }
    }

    /// The secret itself, for the key's file.
    pub fn to_text(&self) -> String {
        let id = key_id(&self.name, LOG, &self.key.verifying_key());
        let bytes = [&[LOG][..], self.key.as_bytes()].concat();
        format!("PRIVATE+KEY+{}+{}+{}", self.name, hex(&id), base64::encode(&bytes))
    }

    pub fn public_key(&self) -> PublicKey {
        PublicKey { name: self.name.clone(), kind: LOG, key: self.key.verifying_key() }
    }

    /// The line of a log whose origin is `name`.
    pub fn sign(&self, text: &str, name: &str) -> SignatureLine {
        let signature = self.key.sign(text.as_bytes()).to_bytes().to_vec();
        SignatureLine { name: name.into(), key_id: key_id(name, LOG, &self.key.verifying_key()), signature }
    }

    /// The key with which a witness of this name is asked for.
    pub fn witness_key(&self) -> PublicKey {
        PublicKey { kind: COSIGNATURE, ..self.public_key() }
    }

    /// The line of a witness, which says when it saw the text.
    pub fn cosign(&self, text: &str, at: u64) -> SignatureLine {
        let signature = self.key.sign(cosigned_text(at, text).as_bytes()).to_bytes();
        let key_id = key_id(&self.name, COSIGNATURE, &self.key.verifying_key());
        SignatureLine { name: self.name.clone(), key_id, signature: [&at.to_be_bytes()[..], &signature].concat() }
    }
}
