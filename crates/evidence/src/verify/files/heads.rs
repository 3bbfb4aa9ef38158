//! The heads that a workspace's bundle shows: what binds its log to checkpoints, and to what the verifier kept.

use std::io::Read;

use uuid::Uuid;

use super::lines::Unreadable;
use super::root_log::{KnownHead, read_note};
use crate::bundle::Head;
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::tree::{Frontier, verify_inclusion};
use crate::verify::{Code, Finding, Report, Trust};

/// A problem with a line that can be read, which ends the verification.
pub type Problem = Option<String>;

struct ShownHead {
    head: Checkpoint,
    checkpoint: Checkpoint,
    index: u64,
}

pub struct ShownHeads<'t> {
    workspace: Uuid,
    trust: &'t Trust,
    shown: Vec<ShownHead>,
    /// Heads of this workspace that the verifier kept.
    kept: Vec<Checkpoint>,
    is_bound: bool,
    proof: Option<(u64, Vec<Hash>)>,
}

impl<'t> ShownHeads<'t> {
    pub fn new(workspace: Uuid, trust: &'t Trust) -> Self {
        let is_of = |head: &&Checkpoint| head.workspace().is_some_and(|(_, of)| of == workspace);
        let kept = trust.heads.iter().filter(is_of).cloned().collect();
        Self { workspace, trust, shown: Vec::new(), kept, is_bound: false, proof: None }
    }

    fn find(&self, code: Code, detail: impl Into<String>) -> Finding {
        Finding::new(code, detail).of(Some(self.workspace))
    }

    /// Compares the log at its present size with the heads that were kept.
    pub fn reached(&mut self, log: &Frontier, report: &mut Report) {
        for kept in self.kept.iter().filter(|kept| kept.size == log.size()) {
            self.is_bound = true;
            if kept.root != log.root() {
                let detail = format!("the head that was kept at size {} has another root", kept.size);
                report.add(self.find(Code::HeadMismatch, detail));
            }
        }
    }

    pub fn add(&mut self, line: Head, report: &mut Report) -> Problem {
        let Some((note, checkpoint)) = read_note(&line.checkpoint) else { return Some("not a checkpoint".into()) };
        let Some(head) = Checkpoint::parse(&line.head) else { return Some("not a head".into()) };
        if self.shown.last().is_some_and(|before| before.head.size > head.size) {
            return Some("heads are shown as the log grew".into());
        }
        self.trust.judge_note(&note, &checkpoint, line.timestamps, report);
        if head.workspace() != Some((&checkpoint.origin, self.workspace)) {
            report.add(self.find(Code::HeadMismatch, "the head is of another log than the checkpoint"));
        }
        let path = verify_inclusion(&head.leaf(), line.index, checkpoint.size, &line.path, &checkpoint.root);
        if path.is_err() {
            let detail = format!("the head at size {} is not under its checkpoint", head.size);
            report.add(self.find(Code::HeadMismatch, detail));
        }
        if !self.shown.is_empty() {
            report.add(self.find(Code::Incarnation, checkpoint.origin.clone()));
        }
        self.shown.push(ShownHead { head, checkpoint, index: line.index });
        None
    }

    pub fn consistency(&mut self, old: u64, path: Vec<Hash>, checkpoint: &str) -> Problem {
        let of = read_note(checkpoint).map(|(_, checkpoint)| checkpoint);
        if self.proof.is_some() || of.as_ref() != self.shown.last().map(|newest| &newest.checkpoint) {
            return Some("a proof for another checkpoint".into());
        }
        self.proof = Some((old, path));
        None
    }

    /// Every head must be the log's at its size, and the last one its end. `leaves`: the leaf hashes from the bundle's first on.
    pub fn judge_log(
        &self,
        prefix: &Frontier,
        log: &Frontier,
        mut leaves: impl Read,
        report: &mut Report,
    ) -> Result<(), Unreadable> {
        let mut at = prefix.clone();
        for ShownHead { head, .. } in &self.shown {
            let mut leaf = [0; 32];
            while at.size() < head.size.min(log.size()) {
                leaves.read_exact(&mut leaf)?;
                at.push(Hash(leaf));
            }
            if at.size() == head.size && at.root() != head.root {
                let detail = format!("the events are not those under the head at size {}", head.size);
                report.add(self.find(Code::HeadMismatch, detail));
            }
        }
        let (end, shown) = (self.shown.last().map_or(0, |newest| newest.head.size), log.size());
        if end > shown {
            let detail = format!("the log has {end} places, and the bundle ends at place {shown}");
            report.add(self.find(Code::RowMissing, detail));
        } else if end < shown {
            let detail = format!("the log has {end} places, and the bundle shows {shown}");
            report.add(self.find(Code::HeadMismatch, detail));
        }
        Ok(())
    }

    /// Whether the log passes a head that was kept.
    pub fn is_bound(&self) -> bool {
        self.is_bound
    }

    /// The incarnations whose heads are shown, oldest first.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.shown.iter().map(|shown| &*shown.checkpoint.origin)
    }

    /// The checkpoint over the newest head.
    pub fn newest(&self) -> Option<&Checkpoint> {
        self.shown.last().map(|newest| &newest.checkpoint)
    }

    /// The log must continue what was kept outside. `newest`: the workspace's last head in the root log, where that was verified too.
    pub fn judge_binding(&self, newest: Option<Option<KnownHead>>, size: u64, report: &mut Report) {
        for kept in self.kept.iter().filter(|kept| kept.size > size) {
            let detail = format!("a head was kept at size {}, and the log has {size} places", kept.size);
            report.add(self.find(Code::CheckpointAhead, detail));
        }
        let Some(newest) = newest else {
            self.judge_checkpoints(report);
            if !self.is_bound {
                let detail =
                    "neither the root log's heads nor a kept head (--head) says that this is the log others see";
                report.add(self.find(Code::HeadsNotShown, detail));
            }
            return;
        };
        let last = self.shown.last();
        let is_newest = newest.zip(last).is_some_and(|(newest, last)| {
            newest.origin == last.checkpoint.origin
                && newest.head.index == last.index
                && newest.head.size == last.head.size
        });
        if !is_newest {
            report.add(self.find(Code::HeadMismatch, "the bundle does not end at the newest head in the root log"));
        }
    }

    fn judge_checkpoints(&self, report: &mut Report) {
        for kept in &self.trust.checkpoints {
            // The newest of an origin is the one that a proof, if there is one, belongs to.
            let newest = self.shown.iter().rev().find(|shown| shown.checkpoint.origin == kept.origin);
            let verdict = match (newest, &self.proof) {
                (None, _) => {
                    Err(self.find(Code::HeadsNotShown, format!("the bundle says nothing about {}", kept.origin)))
                }
                (Some(newest), Some((old, path))) if *old == kept.size && self.is_last(newest) => {
                    Trust::judge_consistency(kept, &newest.checkpoint, path)
                }
                (Some(newest), _) => Trust::judge_kept(kept, &newest.checkpoint, None),
            };
            if let Err(finding) = verdict {
                report.add(finding);
            }
        }
    }

    fn is_last(&self, head: &ShownHead) -> bool {
        self.shown.last().is_some_and(|last| last.checkpoint == head.checkpoint)
    }
}
