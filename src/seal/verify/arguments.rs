//! What is to be verified, how deeply, and what the verifier brings along.

use std::collections::BTreeSet;

use audit_core::argument::Argument;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::note::{Note, PublicKey};
use audit_evidence::verify::{Code, Finding, Report, Trust};
use uuid::Uuid;

use crate::pg::array::read_texts;
use crate::pg::call::Call;
use crate::seal::checkpoint::Incarnation;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Root logs, and the newest head of each workspace.
    Heads,
    /// All logs whole.
    Tiles,
    /// All events.
    Rows,
}

impl Depth {
    const ALL: [Depth; 3] = [Depth::Heads, Depth::Tiles, Depth::Rows];

    pub fn name(self) -> &'static str {
        match self {
            Depth::Heads => "heads",
            Depth::Tiles => "tiles",
            Depth::Rows => "rows",
        }
    }
}

pub struct Asked {
    pub workspace: Option<Uuid>,
    pub depth: Depth,
    pub trust: Trust,
    /// The checkpoints that were given with signatures.
    notes: Vec<(Note, Checkpoint)>,
    /// Given checkpoints of logs that this trail does not know.
    unknown: Vec<Checkpoint>,
    /// Oldest first.
    pub incarnations: Vec<Incarnation>,
}

impl Asked {
    pub fn read(call: &Call, incarnations: &[Incarnation]) -> Result<Asked, Argument> {
        let depth = call.text(3).unwrap_or_default();
        let depth = Depth::ALL.into_iter().find(|one| one.name() == depth).ok_or(
            Argument::new("p_depth").problem("must be heads, tiles or rows").hint("Leave it out to verify all events."),
        )?;
        let mut asked = Asked {
            workspace: call.uuid(0),
            depth,
            trust: Trust::default(),
            notes: Vec::new(),
            unknown: Vec::new(),
            incarnations: incarnations.to_vec(),
        };
        for text in texts(call, 1) {
            asked.take_checkpoint(text.as_deref()).ok_or(
                Argument::new("p_checkpoints")
                    .problem("has an element that is not a checkpoint")
                    .hint("Give the texts that audit_checkpoint() returned, as they are."),
            )?;
        }
        for text in texts(call, 2) {
            let key = text.as_deref().and_then(PublicKey::parse).ok_or(
                Argument::new("p_keys")
                    .problem("has an element that is not a public key")
                    .hint("Give what audit-verify keygen printed: name+id+key."),
            )?;
            if key.is_witness() { asked.trust.witnesses.push(key) } else { asked.trust.keys.push(key) }
        }
        Ok(asked)
    }

    /// A checkpoint, or the head of a workspace, whose origin has the workspace behind that of the root log.
    fn take_checkpoint(&mut self, text: Option<&str>) -> Option<()> {
        let note = Note::read(text?)?;
        let given = Checkpoint::parse(&note.text)?;
        let is_known = |origin: &str| self.incarnations.iter().any(|incarnation| incarnation.origin == origin);
        if is_known(&given.origin) {
            self.trust.checkpoints.push(given.clone());
        } else if given.workspace().is_some_and(|(origin, _)| is_known(origin)) {
            self.trust.heads.push(given);
            return Some(());
        } else {
            self.unknown.push(given.clone());
        }
        if !note.signatures.is_empty() {
            self.notes.push((note, given));
        }
        Some(())
    }

    /// Whether a key was given.
    pub fn has_keys(&self) -> bool {
        !self.trust.keys.is_empty() || !self.trust.witnesses.is_empty()
    }

    /// Judges what can be judged of the given checkpoints by themselves.
    pub fn tell_of_unknown(&self, report: &mut Report) {
        for kept in &self.unknown {
            let detail = format!("no root log with origin {} is here", kept.origin);
            report.add(Finding::new(Code::CheckpointFork, detail));
        }
        if self.has_keys() {
            self.notes.iter().for_each(|(note, given)| self.trust.judge_note(note, given, Vec::new(), report));
        }
    }

    /// The kept heads of a workspace.
    pub fn heads_of(&self, workspace: Uuid) -> impl Iterator<Item = &Checkpoint> {
        self.trust.heads.iter().filter(move |head| head.workspace().is_some_and(|(_, of)| of == workspace))
    }

    /// The workspaces that are verified and of which heads were kept.
    pub fn workspaces_with_heads(&self) -> BTreeSet<Uuid> {
        let is_asked = |workspace: &Uuid| self.workspace.is_none_or(|asked| asked == *workspace);
        self.trust.heads.iter().filter_map(|head| Some(head.workspace()?.1)).filter(is_asked).collect()
    }

    pub fn origin(&self, incarnation: i32) -> Option<&str> {
        self.incarnations.iter().find(|one| one.number == incarnation).map(|one| one.origin.as_str())
    }
}

/// The elements of an array; none where it is NULL.
fn texts(call: &Call, argument: usize) -> Vec<Option<String>> {
    call.datum(argument).map(read_texts).unwrap_or_default()
}
