//! What a signer or a witness is asked: the checkpoint it saw last, a proof that the log only grew since, and the new checkpoint (the body of C2SP
//! tlog-witness `add-checkpoint`).

use std::fmt;

use crate::checkpoint::{Checkpoint, parse_size};
use crate::hash::Hash;
use crate::note::{Note, with_one_line_end};
use crate::tree::{BadProof, verify_consistency};

/// `old <size>`, a line for each hash of the proof, a blank line, the note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    pub old_size: u64,
    pub proof: Vec<Hash>,
    pub note: Note,
}

/// Why a checkpoint is not signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The text of the note is no checkpoint.
    NotACheckpoint,
    /// The proof begins at another size than was signed last.
    OtherOldSize { signed: u64 },
    /// The log is smaller than what was signed.
    Shrunk { signed: u64 },
    /// The log is not a continuation of what was signed: history was rewritten.
    Fork(BadProof),
}

impl AddCheckpoint {
    pub fn parse(text: &str) -> Option<Self> {
        let (head, note) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old_size = parse_size(lines.next()?.strip_prefix("old ")?)?;
        let proof = lines.map(Hash::from_base64).collect::<Option<Vec<_>>>()?;
        // A path has a hash for each level at most.
        (proof.len() <= 63).then_some(())?;
        Some(Self { old_size, proof, note: Note::parse(note)? })
    }

    /// A request that went through files and shells.
    pub fn read(text: &str) -> Option<Self> {
        Self::parse(&with_one_line_end(text))
    }

    /// What may be signed, given what was signed last for this origin: the same log, grown or as it was.
    pub fn accept(&self, last: Option<&Checkpoint>) -> Result<Checkpoint, Refusal> {
        let new = Checkpoint::parse(&self.note.text).ok_or(Refusal::NotACheckpoint)?;
        let (signed, root) = last.map_or((0, Hash::of_nothing()), |last| (last.size, last.root));
        if new.size < signed {
            return Err(Refusal::Shrunk { signed });
        }
        if self.old_size != signed {
            return Err(Refusal::OtherOldSize { signed });
        }
        // Of a log that is seen first there is nothing to compare with.
        if last.is_some() || new.size == 0 {
            verify_consistency(signed, new.size, &self.proof, &root, &new.root).map_err(Refusal::Fork)?;
        }
        Ok(new)
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.note)
    }
}
