//! What the verifier brings along. Trust comes from outside: what lies beside the data proves nothing.

use uuid::Uuid;

use super::finding::{Code, Finding};
use super::report::{Report, Seen};
use crate::checkpoint::{Checkpoint, base};
use crate::hash::Hash;
use crate::note::{Note, PublicKey, Verdict};
use crate::tree::verify_consistency;

/// Keys, checkpoints and heads that the verifier kept.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Of the log; one of them must have signed.
    pub keys: Vec<PublicKey>,
    pub witnesses: Vec<PublicKey>,
    /// How many of the witnesses must have signed; all, if nothing is said.
    pub quorum: Option<usize>,
    pub checkpoints: Vec<Checkpoint>,
    /// Heads of workspaces.
    pub heads: Vec<Checkpoint>,
    /// What is asked for of a folder of bundles: these workspaces, all if none is named.
    pub workspaces: Vec<Uuid>,
}

impl Trust {
    /// Whether what is verified is compared with nothing from outside.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.checkpoints.is_empty()
    }

    /// Whether a folder has to show this workspace.
    pub fn asks_for(&self, workspace: Uuid) -> bool {
        self.workspaces.is_empty() || self.workspaces.contains(&workspace)
    }

    /// The name under which a key signs the checkpoints of an origin: it is the key of one origin or of all with its base.
    fn signs(key: &PublicKey, origin: &str) -> bool {
        key.name == origin || key.name == base(origin) || base(&key.name) == base(origin)
    }

    /// Judges who signed a checkpoint.
    pub fn judge_note(&self, note: &Note, checkpoint: &Checkpoint, timestamps: Vec<Vec<u8>>, report: &mut Report) {
        let origin = checkpoint.origin.as_str();
        let mut seen = Seen {
            origin: origin.into(),
            size: checkpoint.size,
            body: note.text.clone(),
            signed_by: Vec::new(),
            witnessed_by: Vec::new(),
            timestamps,
        };
        let mut tell = |code, detail: String| report.add(Finding::new(code, detail));
        for key in self.keys.iter().filter(|key| Self::signs(key, origin)) {
            match key.verify(note, origin) {
                Verdict::Good { .. } => seen.signed_by.push(key.to_string()),
                Verdict::Bad => tell(Code::SignatureBad, format!("{origin} at size {}", checkpoint.size)),
                Verdict::Absent => (),
            }
        }
        for witness in &self.witnesses {
            match witness.verify(note, &witness.name) {
                Verdict::Good { at } => seen.witnessed_by.push((witness.name.clone(), at.unwrap_or_default())),
                Verdict::Bad => tell(Code::SignatureBad, format!("{} under {origin}", witness.name)),
                Verdict::Absent => (),
            }
        }
        if !self.keys.is_empty() && seen.signed_by.is_empty() {
            tell(Code::SignatureMissing, format!("no key that was given signed {origin} at size {}", checkpoint.size));
        }
        let (asked, witnessed) = (self.quorum.unwrap_or(self.witnesses.len()), seen.witnessed_by.len());
        if witnessed < asked {
            tell(
                Code::SignatureMissing,
                format!("{witnessed} of {asked} witnesses signed {origin} at size {}", checkpoint.size),
            );
        }
        if !report.summary.checkpoints.contains(&seen) {
            report.summary.checkpoints.push(seen);
        }
    }

    /// The checkpoints that were kept of one root log.
    pub fn of_origin<'t>(&'t self, origin: &'t str) -> impl Iterator<Item = &'t Checkpoint> {
        self.checkpoints.iter().filter(move |kept| kept.origin == origin)
    }

    /// Judges every kept checkpoint by the only one that is shown, and says whether one of them is the same. `shown_by` says nothing about other root logs.
    pub fn judge_all_kept(&self, shown: &Checkpoint, shown_by: &str, report: &mut Report) -> bool {
        let mut is_kept = false;
        for kept in &self.checkpoints {
            if kept.origin != shown.origin {
                let detail = format!("{shown_by} says nothing about {}", kept.origin);
                report.add(Finding::new(Code::HeadsNotShown, detail));
                continue;
            }
            match Self::judge_kept(kept, shown, None) {
                Ok(()) => is_kept = true,
                Err(finding) => report.add(finding),
            }
        }
        is_kept
    }

    /// Judges a kept checkpoint by the newest one that is shown: `root_at` gives the root at a smaller size where it is known.
    pub fn judge_kept(kept: &Checkpoint, newest: &Checkpoint, root_at: Option<Hash>) -> Result<(), Finding> {
        let Checkpoint { origin, size, .. } = kept;
        if *size > newest.size {
            let detail = format!("{origin} was kept at size {size} and is {} here", newest.size);
            return Err(Finding::new(Code::CheckpointAhead, detail));
        }
        let root = if *size == newest.size { Some(newest.root) } else { root_at };
        match root {
            Some(root) if root == kept.root => Ok(()),
            Some(_) => Err(Finding::new(Code::CheckpointFork, format!("{origin} has another root at size {size}"))),
            None => {
                let detail =
                    format!("no proof that {origin} at size {} continues the one kept at size {size}", newest.size);
                Err(Finding::new(Code::HeadsNotShown, detail))
            }
        }
    }

    /// The same by a proof of consistency.
    pub fn judge_consistency(kept: &Checkpoint, newest: &Checkpoint, path: &[Hash]) -> Result<(), Finding> {
        verify_consistency(kept.size, newest.size, path, &kept.root, &newest.root).map_err(|_| {
            let detail =
                format!("{} at size {} does not continue the one kept at size {}", kept.origin, newest.size, kept.size);
            Finding::new(Code::CheckpointFork, detail)
        })
    }
}
