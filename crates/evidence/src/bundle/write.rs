//! The lines of a bundle, printed: without white space, names in one order, optional names left out when there is nothing to say.

use std::fmt::{self, Display, Formatter, Write};

use uuid::Uuid;

use super::line::{Deletion, Event, Head, Header, Line, Vouching};
use crate::base64;
use crate::hash::Hash;
use crate::leaf::write_string;

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(header) => header.fmt(f),
            Self::Event(event) => event.fmt(f),
            Self::Removed(removed) => {
                write!(f, r#"{{"kind":"removed","index":{},"id":"{}""#, removed.index, removed.id)?;
                write!(f, r#","leaf":"{}","deletion_log_id":"{}"}}"#, removed.leaf.to_base64(), removed.deletion_log_id)
            }
            Self::Deletion(deletion) => deletion.fmt(f),
            Self::Head(head) => head.fmt(f),
            Self::Incarnation(origin) => write!(f, r#"{{"kind":"incarnation","origin":{}}}"#, string(origin)),
            Self::RootHead(head) => {
                write!(f, r#"{{"kind":"head","index":{},"workspace_id":"{}""#, head.index, head.workspace)?;
                write!(f, r#","size":{},"root":"{}"}}"#, head.size, head.root.to_base64())
            }
            Self::Checkpoint(note) => write!(f, r#"{{"kind":"checkpoint","checkpoint":{}}}"#, string(note)),
            Self::Consistency { old, path, checkpoint } => {
                write!(f, r#"{{"kind":"consistency","old":{old},"path":"#)?;
                list(f, path, Hash::to_base64)?;
                write!(f, r#","checkpoint":{}}}"#, string(checkpoint))
            }
        }
    }
}

impl Display for Header {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let workspace = self.workspace.map_or("null".into(), |workspace| format!("\"{workspace}\""));
        write!(f, r#"{{"kind":"bundle","v":1,"workspace_id":{workspace},"first":{},"#, self.first)?;
        if let Some(fields) = &self.fields {
            f.write_str(r#""fields":"#)?;
            list(f, fields, |field| field.name())?;
            f.write_char(',')?;
        }
        f.write_str(r#""prefix":"#)?;
        list(f, &self.prefix, Hash::to_base64)?;
        f.write_char('}')
    }
}

impl Display for Event<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"kind":"event","index":{},"disclosures":"#, self.index)?;
        list(f, &self.disclosures, |disclosure| *disclosure)?;
        f.write_str(r#","digests":"#)?;
        list(f, &self.digests, |digest| *digest)?;
        if let Some(entry) = self.deletion_log_id {
            id(f, "deletion_log_id", entry)?;
        }
        f.write_char('}')
    }
}

impl Display for Deletion<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"kind":"deletion","entry":{},"event_ids":"#, self.entry.canonical())?;
        list(f, &self.parts, |part| base64::encode(part))?;
        if let Some(Vouching { index, disclosures, digests, path }) = &self.vouching {
            let index = index.map_or("null".into(), |index| index.to_string());
            write!(f, r#","event":{{"index":{index},"disclosures":"#)?;
            list(f, disclosures, |disclosure| *disclosure)?;
            f.write_str(r#","digests":"#)?;
            list(f, digests, |digest| *digest)?;
            f.write_str(r#","path":"#)?;
            list(f, path, Hash::to_base64)?;
            f.write_char('}')?;
        }
        f.write_char('}')
    }
}

impl Display for Head {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"kind":"head","index":{},"head":{},"path":"#, self.index, string(&self.head))?;
        list(f, &self.path, Hash::to_base64)?;
        write!(f, r#","checkpoint":{},"timestamps":"#, string(&self.checkpoint))?;
        list(f, &self.timestamps, |token| base64::encode(token))?;
        f.write_char('}')
    }
}

fn id(f: &mut Formatter<'_>, name: &str, id: Uuid) -> fmt::Result {
    write!(f, r#","{name}":"{id}""#)
}

/// Texts without anything to escape.
fn list<T, S: AsRef<str>>(f: &mut Formatter<'_>, values: &[T], text: impl Fn(&T) -> S) -> fmt::Result {
    f.write_char('[')?;
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            f.write_char(',')?;
        }
        f.write_char('"')?;
        f.write_str(text(value).as_ref())?;
        f.write_char('"')?;
    }
    f.write_char(']')
}

fn string(text: &str) -> String {
    let mut json = Vec::new();
    write_string(text, &mut json);
    String::from_utf8(json).expect("made of a text")
}
