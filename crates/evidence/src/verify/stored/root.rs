//! A root log beside the seals that made it, and the checkpoints that the verifier kept of it.

use std::collections::BTreeMap;

use super::heads::SealedHead;
use super::log::StoredLog;
use super::upper::Upper;
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::tiles::refs::{self, HEAD_REF};
use crate::tiles::{BadRow, Row};
use crate::verify::{Code, Finding, Report, Trust};
use crate::window::Time;

/// A seal, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    pub seal: i64,
    pub sealed_at: Time,
    pub head_count: u64,
    pub root_size: u64,
    pub root: Option<Hash>,
}

/// The root log of an incarnation on its way through its rows.
pub struct RootLog<'t> {
    incarnation: i32,
    origin: String,
    log: StoredLog,
    upper: Upper,
    kept: Vec<&'t Checkpoint>,
    /// The sizes of kept checkpoints, with the roots that the log had there.
    roots: BTreeMap<u64, Vec<Hash>>,
    /// The next seal that was not compared yet.
    next: Option<Seal>,
    last: Option<Seal>,
    wrong: Option<(Seal, u64)>,
}

impl<'t> RootLog<'t> {
    /// `seals` gives its seals, one after another, here and below.
    pub fn new(incarnation: i32, origin: &'t str, trust: &'t Trust, mut seals: impl FnMut() -> Option<Seal>) -> Self {
        let kept: Vec<&Checkpoint> = trust.of_origin(origin).collect();
        let roots = kept.iter().map(|kept| (kept.size, Vec::new())).collect();
        let mut log = Self {
            incarnation,
            origin: origin.into(),
            log: StoredLog::new(HEAD_REF),
            upper: Upper::default(),
            kept,
            roots,
            next: seals(),
            last: None,
            wrong: None,
        };
        log.reached(&StoredLog::new(HEAD_REF), &mut seals);
        log
    }

    fn find(&self, code: Code, detail: String) -> Finding {
        Finding::new(code, format!("{} {detail}", self.origin))
    }

    /// Takes the next row of leaves and hands out its heads. `stored` as in [`Upper::push`].
    pub fn row<E>(
        &mut self,
        row: &Row,
        mut seals: impl FnMut() -> Option<Seal>,
        mut heads: impl FnMut(SealedHead),
        mut stored: impl FnMut(u32, u64) -> Result<Vec<Hash>, E>,
        report: &mut Report,
    ) -> Result<(), E> {
        let named = refs::heads(&row.refs).unwrap_or_default();
        let mut uppers = Vec::new();
        let mut log = std::mem::replace(&mut self.log, StoredLog::new(HEAD_REF));
        let verdict = log.row(
            row,
            |log, at| {
                // The seal that holds this leaf is the first that ends behind it.
                let sealed_at = self.next.map_or(Time::MAX, |seal| seal.sealed_at);
                if let Some(head) = named.get(at) {
                    heads(SealedHead {
                        workspace: head.workspace,
                        incarnation: self.incarnation,
                        index: row.first + at as u64,
                        size: head.size,
                        from: head.from,
                        leaf: row.hashes[at],
                        sealed_at,
                    });
                }
                self.reached(log, &mut seals);
            },
            |level, _, hash| uppers.push((level, hash)),
        );
        if verdict.is_err() {
            self.reached(&log, &mut seals);
        }
        self.log = log;
        report.summary.heads += row.hashes.len() as u64;
        if let Err(bad) = verdict {
            let detail = format!("has a row of leaves at place {} that {}", row.first, describe(bad));
            report.add(self.find(Code::TileMismatch, detail));
        }
        for (level, hash) in uppers {
            let differs = self.upper.push(level, hash, &mut stored)?;
            self.judge_upper(differs, report);
        }
        Ok(())
    }

    fn judge_upper(&self, differs: Option<(u32, u64)>, report: &mut Report) {
        if let Some((level, first)) = differs.filter(|_| self.log.is_whole()) {
            report.add(self.find(Code::TileMismatch, format!("has another tile of level {level} at place {first}")));
        }
    }

    /// Compares the log at its present size with seals, and keeps its root where it is asked for.
    fn reached(&mut self, log: &StoredLog, mut seals: impl FnMut() -> Option<Seal>) {
        let size = log.size();
        if let Some(roots) = self.roots.get_mut(&size) {
            *roots = log.roots().collect();
        }
        while let Some(seal) = self.next.filter(|seal| seal.root_size <= size) {
            let is_of = seal.root_size == size && log.roots().any(|root| Some(root) == seal.root);
            self.pass(seal, is_of);
            self.next = seals();
        }
    }

    /// Seals grow, and each by as many heads as it says.
    fn pass(&mut self, seal: Seal, is_of: bool) {
        let before = self.last.map_or(0, |last| last.root_size);
        if !is_of || before + seal.head_count != seal.root_size {
            self.wrong = Some(self.wrong.map_or((seal, 1), |(first, count)| (first, count + 1)));
        }
        self.last = Some(seal);
    }

    /// Judges the log at its end, and what was kept of it.
    pub fn finish<E>(
        mut self,
        mut seals: impl FnMut() -> Option<Seal>,
        stored: impl FnMut(u32, u64) -> Result<Vec<Hash>, E>,
        report: &mut Report,
    ) -> Result<(), E> {
        if self.log.is_whole() {
            let differs = self.upper.finish(stored)?;
            self.judge_upper(differs, report);
        }
        let size = self.log.size();
        while let Some(seal) = self.next {
            self.pass(seal, false);
            self.next = seals();
        }
        let end = self.last.map_or(0, |last| last.root_size);
        match self.wrong {
            Some((seal, count)) => {
                let others = if count > 1 { format!(", nor that of {} later ones", count - 1) } else { String::new() };
                let detail = format!("is not the log of seal {} at size {}{others}", seal.seal, seal.root_size);
                report.add(self.find(Code::RootMismatch, detail));
            }
            None if end != size => {
                report.add(self.find(Code::RootMismatch, format!("has {size} heads, and its last seal has {end}")));
            }
            None => (),
        }
        for kept in &self.kept {
            if let Err(finding) = self.judge_kept(kept) {
                report.add(finding);
            }
        }
        Ok(())
    }
}

impl RootLog<'_> {
    /// A log that is not whole may have several roots at a size: the one that was kept counts, if it is among them.
    fn judge_kept(&self, kept: &Checkpoint) -> Result<(), Finding> {
        let roots = &self.roots[&kept.size];
        let root = roots.iter().find(|root| **root == kept.root).or(roots.first()).copied();
        let newest = Checkpoint { origin: self.origin.clone(), size: self.log.size(), root: root.unwrap_or(kept.root) };
        Trust::judge_kept(kept, &newest, root)
    }
}

/// Why a row of leaves is not one of its log.
pub fn describe(bad: BadRow) -> &'static str {
    match bad {
        BadRow::Place => "does not begin where the row before it ends",
        BadRow::Refs => "names more or fewer leaves than it has",
        BadRow::Frontier => "does not fit its leaves and those before it",
    }
}
