//! A bundle of the root log: all heads of all workspaces, an incarnation after the other, each ended by its checkpoint.

use std::collections::BTreeMap;
use std::io::BufRead;

use uuid::Uuid;

use super::lines::{Lines, Unreadable};
use super::sort::{Sorted, Sorter};
use crate::bundle::{Header, Line, RootHead};
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::note::Note;
use crate::tree::Frontier;
use crate::verify::{Code, Finding, Report, Trust};

/// workspace, which incarnation, index, size, root.
const RECORD: usize = 16 + 4 + 8 + 8 + 32;
const MEMORY: usize = 16 << 20;

/// The heads of all workspaces, in the order of workspaces.
pub struct Heads {
    /// Of the incarnations, oldest first.
    origins: Vec<String>,
    /// Heads of the oldest that are not shown.
    first: u64,
    sorted: Sorted<RECORD>,
}

/// A head, as the root log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownHead {
    pub origin: String,
    pub head: RootHead,
}

impl Heads {
    /// The next head of a workspace; those of workspaces before it are passed over.
    pub fn peek(&mut self, workspace: Uuid) -> Result<Option<KnownHead>, Unreadable> {
        while let Some(record) = self.sorted.peek() {
            let head = self.read(record);
            match head.head.workspace.cmp(&workspace) {
                std::cmp::Ordering::Less => self.sorted.take()?,
                std::cmp::Ordering::Equal => return Ok(Some(head)),
                std::cmp::Ordering::Greater => return Ok(None),
            };
        }
        Ok(None)
    }

    pub fn pass(&mut self) -> Result<(), Unreadable> {
        self.sorted.take()?;
        Ok(())
    }

    /// Passes over the workspaces before this one, all that are left if there is none, and tells of the newest head of each.
    pub fn pass_to(&mut self, workspace: Option<Uuid>, mut tell: impl FnMut(&RootHead)) -> Result<(), Unreadable> {
        let mut newest: Option<RootHead> = None;
        while let Some(record) = self.sorted.peek() {
            let head = self.read(record).head;
            if workspace.is_some_and(|workspace| head.workspace >= workspace) {
                break;
            }
            if let Some(newest) = newest.filter(|newest| newest.workspace != head.workspace) {
                tell(&newest);
            }
            newest = Some(head);
            self.pass()?;
        }
        newest.iter().for_each(tell);
        Ok(())
    }

    /// Whether the root log of an incarnation is shown.
    pub fn shows(&self, origin: &str) -> bool {
        self.origins.iter().any(|shown| shown == origin)
    }

    /// The oldest root log that is shown, and where its heads begin.
    pub fn beginning(&self) -> (&str, u64) {
        (self.origins.first().map_or("", String::as_str), self.first)
    }

    fn read(&self, record: &[u8; RECORD]) -> KnownHead {
        let number = |at: usize| u64::from_be_bytes(record[at..at + 8].try_into().expect("8 bytes"));
        let section = u32::from_be_bytes(record[16..20].try_into().expect("4 bytes"));
        let head = RootHead {
            index: number(20),
            workspace: Uuid::from_slice(&record[..16]).expect("16 bytes"),
            size: number(28),
            root: Hash::from_slice(&record[36..]).expect("32 bytes"),
        };
        KnownHead { origin: self.origins.get(section as usize).cloned().unwrap_or_default(), head }
    }
}

/// A root log that is being read.
struct Section {
    origin: String,
    log: Frontier,
    /// Roots at the sizes at which a checkpoint was kept.
    roots: BTreeMap<u64, Hash>,
    kept_sizes: Vec<u64>,
}

impl Section {
    fn new(origin: String, log: Frontier, trust: &Trust) -> Self {
        let kept_sizes = trust.of_origin(&origin).map(|kept| kept.size).collect();
        let mut section = Self { origin, log, roots: BTreeMap::new(), kept_sizes };
        section.note_root();
        section
    }

    fn push(&mut self, head: &RootHead) {
        let text = Checkpoint::of_workspace(&self.origin, head.workspace, head.size, head.root);
        self.log.push(text.leaf());
        self.note_root();
    }

    fn note_root(&mut self) {
        if self.kept_sizes.contains(&self.log.size()) {
            self.roots.insert(self.log.size(), self.log.root());
        }
    }
}

/// Verifies the root log and gives the heads in it.
pub fn verify<R: BufRead>(
    mut lines: Lines<R>,
    header: Header,
    trust: &Trust,
    report: &mut Report,
) -> Result<Heads, Unreadable> {
    let first = header.first;
    let prefix = Frontier::from_roots(first, header.prefix);
    let mut prefix = Some(prefix.ok_or_else(|| lines.problem("a prefix has a hash for each perfect subtree"))?);
    let mut sorter = Sorter::new(MEMORY);
    let mut open: Option<Section> = None;
    let mut shown = Vec::new();
    while let Some(line) = lines.next()? {
        match (line, &mut open) {
            (Line::Incarnation(origin), None) => {
                open = Some(Section::new(origin, prefix.take().unwrap_or_default(), trust));
            }
            (Line::RootHead(head), Some(section)) if head.index == section.log.size() => {
                section.push(&head);
                sorter.push(record(&head, shown.len() as u32))?;
                report.summary.heads += 1;
            }
            (Line::Checkpoint(note), Some(_)) => {
                let (note, checkpoint) = read_note(&note).ok_or_else(|| lines.problem("not a checkpoint"))?;
                let section = open.take().filter(|section| section.origin == checkpoint.origin);
                let section = section.ok_or_else(|| lines.problem("the checkpoint of another log"))?;
                trust.judge_note(&note, &checkpoint, Vec::new(), report);
                judge_section(&section, &checkpoint, report);
                if !shown.is_empty() {
                    report.add(Finding::new(Code::Incarnation, checkpoint.origin.clone()));
                }
                shown.push(Shown { checkpoint, roots: section.roots, proof: None });
            }
            (Line::Consistency { old, path, checkpoint }, None) => {
                let of = read_note(&checkpoint).map(|(_, checkpoint)| checkpoint);
                match shown.last_mut().filter(|last| of.as_ref() == Some(&last.checkpoint)) {
                    Some(last) => last.proof = Some((old, path)),
                    None => return Err(lines.problem("a proof for another checkpoint")),
                }
            }
            _ => return Err(lines.problem("out of place")),
        }
    }
    if open.is_some() || shown.is_empty() {
        return Err(lines.problem("the bundle is cut off"));
    }
    trust.checkpoints.iter().for_each(|kept| judge_kept(kept, &shown, report));
    let origins = shown.into_iter().map(|shown| shown.checkpoint.origin).collect();
    Ok(Heads { origins, first, sorted: sorter.sorted()? })
}

fn record(head: &RootHead, section: u32) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[..16].copy_from_slice(head.workspace.as_bytes());
    record[16..20].copy_from_slice(&section.to_be_bytes());
    record[20..28].copy_from_slice(&head.index.to_be_bytes());
    record[28..36].copy_from_slice(&head.size.to_be_bytes());
    record[36..].copy_from_slice(&head.root.0);
    record
}

pub fn read_note(text: &str) -> Option<(Note, Checkpoint)> {
    let note = Note::parse(text).filter(|note| note.to_string() == text)?;
    let checkpoint = Checkpoint::parse(&note.text)?;
    Some((note, checkpoint))
}

fn judge_section(section: &Section, checkpoint: &Checkpoint, report: &mut Report) {
    let (size, origin) = (section.log.size(), &checkpoint.origin);
    if size != checkpoint.size {
        let detail = format!("{size} heads are shown of {} under {origin}", checkpoint.size);
        report.add(Finding::new(Code::RootMismatch, detail));
    } else if section.log.root() != checkpoint.root {
        report.add(Finding::new(Code::RootMismatch, format!("the heads are not those under {origin} at size {size}")));
    }
}

/// A root log that was read.
struct Shown {
    checkpoint: Checkpoint,
    roots: BTreeMap<u64, Hash>,
    proof: Option<(u64, Vec<Hash>)>,
}

fn judge_kept(kept: &Checkpoint, shown: &[Shown], report: &mut Report) {
    let Some(shown) = shown.iter().find(|shown| shown.checkpoint.origin == kept.origin) else {
        let detail = format!("no root log with origin {} is here", kept.origin);
        report.add(Finding::new(Code::CheckpointFork, detail));
        return;
    };
    let Shown { checkpoint, roots, proof } = shown;
    let verdict = match proof {
        Some((old, path)) if *old == kept.size && !roots.contains_key(old) => {
            Trust::judge_consistency(kept, checkpoint, path)
        }
        _ => Trust::judge_kept(kept, checkpoint, roots.get(&kept.size).copied()),
    };
    if let Err(finding) = verdict {
        report.add(finding);
    }
}
