//! Collects findings as they come and counts what was verified. Findings are handed on at once, so their number costs no memory.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::finding::{Finding, Severity};
use crate::field::Field;

/// How many events an entry accounts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub erased: u64,
    pub removed: u64,
    /// In cold storage, where no files are given.
    pub cold: u64,
    /// In cold storage, with their rows in files that are given.
    pub in_files: u64,
    /// In none of the files that are given.
    pub missing: Option<Missing>,
}

/// Events that are missing, and the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    pub count: u64,
    pub index: u64,
    pub event: Uuid,
}

/// A checkpoint, who signed it and when a witness saw it, in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub origin: String,
    pub size: u64,
    pub body: String,
    pub signed_by: Vec<String>,
    pub witnessed_by: Vec<(String, u64)>,
    /// Tokens of RFC 3161, to be verified by other means.
    pub timestamps: Vec<Vec<u8>>,
}

/// What was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events whose leaf follows from what is shown of them.
    pub events: u64,
    /// Of those, the ones whose payload is erased.
    pub erased: u64,
    /// Of those, the ones of which columns are withheld.
    pub withheld: u64,
    /// Leaves without an event.
    pub removed: u64,
    /// Of those, the ones whose rows are in files of cold storage that were given.
    pub in_files: u64,
    /// Leaves of a root log.
    pub heads: u64,
    /// Logs that are not shown from their beginning on, and how many places that leaves out.
    pub unshown_logs: u64,
    pub unshown_places: u64,
    pub taken: BTreeMap<Uuid, Taken>,
    /// Events of a file of cold storage that are beyond the log that is shown: how many, and the first of them.
    pub beyond: BTreeMap<u32, (u64, Uuid)>,
    pub checkpoints: Vec<Seen>,
    /// What a receipt shows of its event, as JSON.
    pub shown: Vec<(Field, String)>,
}

/// Where findings go.
pub struct Report<'r> {
    receive: &'r mut dyn FnMut(Finding),
    worst: Option<Severity>,
    pub summary: Summary,
}

impl<'r> Report<'r> {
    pub fn new(receive: &'r mut dyn FnMut(Finding)) -> Self {
        Self { receive, worst: None, summary: Summary::default() }
    }

    pub fn add(&mut self, finding: Finding) {
        self.worst = self.worst.max(Some(finding.code.severity()));
        (self.receive)(finding);
    }

    pub fn is_critical(&self) -> bool {
        self.worst == Some(Severity::Critical)
    }

    /// 0 sound, 1 something critical, 2 warnings only.
    pub fn exit_code(&self) -> u8 {
        match self.worst {
            None | Some(Severity::Info) => 0,
            Some(Severity::Critical) => 1,
            Some(Severity::Warning) => 2,
        }
    }
}
