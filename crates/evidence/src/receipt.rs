//! A receipt: one event, shown as far as its holder wants, with its path to a checkpoint.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, parse_uuid};
use crate::disclosure::{NotAnEvent, Shown, of_receipt};
use crate::hash::Hash;
use crate::note::Note;
use crate::tree::{BadProof, verify_inclusion};

/// As it is printed: a JSON object with these keys in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub v: u32,
    pub event_id: String,
    pub workspace_id: String,
    pub index: u64,
    pub entry: String,
    pub disclosures: Vec<String>,
    /// From the leaf to the head of the workspace's log, in base64.
    pub path: Vec<String>,
    pub head: String,
    pub head_index: u64,
    /// From the head to the checkpoint.
    pub head_path: Vec<String>,
    pub checkpoint: String,
}

/// What a receipt shows once it is checked; whether its checkpoint is to be trusted is judged outside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    pub shown: Shown,
    pub index: u64,
    pub head: Checkpoint,
    pub checkpoint: Checkpoint,
    pub note: Note,
}

/// Why a receipt proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadReceipt {
    /// Not a receipt: this part cannot be read.
    Unreadable(&'static str),
    Event(NotAnEvent),
    /// Its parts name different events, workspaces or logs.
    Mismatch(&'static str),
    /// The event is not in the log of its workspace.
    NotInLog(BadProof),
    /// The head of the workspace's log is not in the root log.
    HeadNotInRoot(BadProof),
}

impl fmt::Display for BadReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(part) => write!(f, "{part} cannot be read"),
            Self::Event(problem) => problem.fmt(f),
            Self::Mismatch(part) => write!(f, "{part} is another one's"),
            Self::NotInLog(_) => f.write_str("the event is not in the log of its workspace"),
            Self::HeadNotInRoot(_) => f.write_str("the head of the workspace's log is not under the checkpoint"),
        }
    }
}

impl Receipt {
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(|receipt: &Self| receipt.v == 1)
    }

    pub fn verify(&self) -> Result<Proven, BadReceipt> {
        let unreadable = BadReceipt::Unreadable;
        let disclosures: Vec<&str> = self.disclosures.iter().map(String::as_str).collect();
        let shown = of_receipt(&disclosures, &self.entry).map_err(BadReceipt::Event)?;
        let uuid = |text: &str, part| parse_uuid(text).ok_or(unreadable(part));
        let same = |is: bool, part| if is { Ok(()) } else { Err(BadReceipt::Mismatch(part)) };
        same(uuid(&self.event_id, "event_id")? == shown.id, "event_id")?;
        same(uuid(&self.workspace_id, "workspace_id")? == shown.workspace, "workspace_id")?;
        let head = Checkpoint::parse(&self.head).ok_or(unreadable("head"))?;
        let note = Note::parse(&self.checkpoint).ok_or(unreadable("checkpoint"))?;
        let checkpoint = Checkpoint::parse(&note.text).ok_or(unreadable("checkpoint"))?;
        same(head.workspace() == Some((&checkpoint.origin, shown.workspace)), "head")?;
        let path = hashes(&self.path).ok_or(unreadable("path"))?;
        let head_path = hashes(&self.head_path).ok_or(unreadable("head_path"))?;
        verify_inclusion(&shown.leaf, self.index, head.size, &path, &head.root).map_err(BadReceipt::NotInLog)?;
        verify_inclusion(&head.leaf(), self.head_index, checkpoint.size, &head_path, &checkpoint.root)
            .map_err(BadReceipt::HeadNotInRoot)?;
        Ok(Proven { shown, index: self.index, head, checkpoint, note })
    }
}

fn hashes(texts: &[String]) -> Option<Vec<Hash>> {
    texts.iter().map(|text| Hash::from_base64(text)).collect()
}
