//! The heads of a workspace's log, as the root logs have them, beside the log itself.

use uuid::Uuid;

use super::log::StoredLog;
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::verify::{Code, Finding, Report};
use crate::window::Time;

/// Bytes of a head on its way through the sorting.
const LEN: usize = 16 + 4 + 8 + 8 + 32 + 8 + 8;

/// A leaf of a root log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedHead {
    pub workspace: Uuid,
    pub incarnation: i32,
    /// In the root log.
    pub index: u64,
    /// Of the workspace's log.
    pub size: u64,
    /// The size at its head before, as the root log names it.
    pub from: u64,
    pub leaf: Hash,
    pub sealed_at: Time,
}

impl SealedHead {
    /// Bytes that sort by workspace and then as the log grew.
    pub fn to_bytes(&self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        bytes[..16].copy_from_slice(self.workspace.as_bytes());
        bytes[16..20].copy_from_slice(&self.incarnation.to_be_bytes());
        bytes[20..28].copy_from_slice(&self.index.to_be_bytes());
        bytes[28..36].copy_from_slice(&self.size.to_be_bytes());
        bytes[36..68].copy_from_slice(&self.leaf.0);
        bytes[68..76].copy_from_slice(&self.sealed_at.to_be_bytes());
        bytes[76..].copy_from_slice(&self.from.to_be_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; LEN] = bytes.try_into().ok()?;
        let eight = |at: usize| bytes[at..at + 8].try_into().ok();
        Some(Self {
            workspace: Uuid::from_slice(&bytes[..16]).ok()?,
            incarnation: i32::from_be_bytes(bytes[16..20].try_into().ok()?),
            index: u64::from_be_bytes(eight(20)?),
            size: u64::from_be_bytes(eight(28)?),
            leaf: Hash::from_slice(&bytes[36..68])?,
            sealed_at: Time::from_be_bytes(eight(68)?),
            from: u64::from_be_bytes(eight(76)?),
        })
    }

    /// Whether it is the head of a log with this root.
    pub fn is_of(&self, origin: &str, root: Hash) -> bool {
        Checkpoint::of_workspace(origin, self.workspace, self.size, root).leaf() == self.leaf
    }
}

/// The heads of one workspace, compared with its log as that grows.
pub struct HeadsOf<'a> {
    workspace: Uuid,
    origins: &'a dyn Fn(i32) -> Option<&'a str>,
    /// Heads of it that the verifier kept.
    kept: Vec<Checkpoint>,
    next: Option<SealedHead>,
    /// The size of the log before the seal that holds the next leaf.
    seal_start: u64,
    last: Option<SealedHead>,
    /// The first head that is another one, and how many there are.
    wrong: Option<(SealedHead, u64)>,
}

impl<'a> HeadsOf<'a> {
    /// `next` is its first head; `origins` gives the origin of an incarnation.
    pub fn new(
        workspace: Uuid,
        origins: &'a dyn Fn(i32) -> Option<&'a str>,
        kept: impl Iterator<Item = Checkpoint>,
        next: Option<SealedHead>,
    ) -> Self {
        let kept = kept.collect();
        Self { workspace, origins, kept, next, seal_start: 0, last: None, wrong: None }
    }

    /// When the next leaf was sealed, and how large the log was before that seal.
    pub fn seal_of_next(&self) -> (u64, Option<Time>) {
        (self.seal_start, self.next.map(|head| head.sealed_at))
    }

    /// Compares the log at its present size. `advance` gives the next head of this workspace.
    pub fn reached(&mut self, log: &StoredLog, mut advance: impl FnMut() -> Option<SealedHead>, report: &mut Report) {
        let size = log.size();
        for kept in self.kept.iter().filter(|kept| kept.size == size) {
            if log.roots().all(|root| root != kept.root) {
                let detail = format!("the head that was kept at size {size} has another root");
                report.add(Finding::new(Code::HeadMismatch, detail).of(Some(self.workspace)));
            }
        }
        while let Some(head) = self.next.filter(|head| head.size <= size) {
            let origin = (self.origins)(head.incarnation).unwrap_or_default();
            let is_next = head.from == self.last.map_or(0, |last| last.size);
            let is_of = is_next && head.size == size && log.roots().any(|root| head.is_of(origin, root));
            self.pass(head, is_of);
            self.next = advance();
        }
    }

    fn pass(&mut self, head: SealedHead, is_of: bool) {
        if !is_of {
            self.wrong = Some(self.wrong.map_or((head, 1), |(first, count)| (first, count + 1)));
        }
        self.seal_start = head.size;
        self.last = Some(head);
    }

    /// Judges the log at its end: its newest head must be there, and nothing behind it.
    pub fn finish(mut self, size: u64, mut advance: impl FnMut() -> Option<SealedHead>, report: &mut Report) {
        let workspace = self.workspace;
        let mut tell = |code, detail: String| report.add(Finding::new(code, detail).of(Some(workspace)));
        let beyond = self.next;
        while let Some(head) = self.next {
            self.pass(head, false);
            self.next = advance();
        }
        if let Some((head, count)) = self.wrong {
            let origin = (self.origins)(head.incarnation).unwrap_or_default();
            let others = if count > 1 { format!(", nor are {} later heads", count - 1) } else { String::new() };
            let detail = match beyond {
                Some(_) if beyond.map(|head| head.index) == Some(head.index) => {
                    format!(
                        "the log has {size} places, and place {} of {origin} is its head at {}",
                        head.index, head.size
                    )
                }
                _ => format!(
                    "place {} of {origin} is not the head of this log at size {}{others}",
                    head.index, head.size
                ),
            };
            tell(Code::HeadMismatch, detail);
        } else if self.last.map_or(0, |last| last.size) != size {
            let end = self.last.map_or(0, |last| last.size);
            tell(Code::HeadMismatch, format!("the log has {size} places, and its newest head is of size {end}"));
        }
        for kept in self.kept.iter().filter(|kept| kept.size > size) {
            let detail = format!("a head was kept at size {}, and the log has {size} places", kept.size);
            tell(Code::CheckpointAhead, detail);
        }
    }
}
