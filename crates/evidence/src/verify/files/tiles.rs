//! A folder of tiles (C2SP tlog-tiles): the root log with its entries and its checkpoint, or a workspace's log with its head.

use std::fs;
use std::path::Path;

use super::lines::Unreadable;
use super::root_log::read_note;
use crate::bundle::{Head, Line};
use crate::checkpoint::Checkpoint;
use crate::hash::{Hash, split};
use crate::tiles::{HEIGHT, Tile, WIDTH, entries_path};
use crate::tree::{Frontier, verify_inclusion};
use crate::verify::{Code, Finding, Report, Trust};

/// Verifies the tiles of a folder that has a `checkpoint` or a `head`.
pub fn verify(folder: &Path, trust: &Trust, report: &mut Report) -> Result<(), Unreadable> {
    let is_root = folder.join("checkpoint").exists();
    if is_root {
        let text = fs::read_to_string(folder.join("checkpoint"))?;
        let (note, checkpoint) = read_note(&text).ok_or_else(|| odd("checkpoint", "is no checkpoint"))?;
        trust.judge_note(&note, &checkpoint, Vec::new(), report);
        let mut wanted: Vec<&Checkpoint> = trust.of_origin(&checkpoint.origin).collect();
        for kept in trust.checkpoints.iter().filter(|kept| kept.origin != checkpoint.origin) {
            report.add(Finding::new(Code::CheckpointFork, format!("the root log is not that of {}", kept.origin)));
        }
        wanted.sort_by_key(|kept| kept.size);
        return rebuild(folder, &checkpoint, true, &wanted, report);
    }
    let head = read_head(folder, trust, report)?;
    let mut wanted: Vec<&Checkpoint> = trust.heads.iter().filter(|kept| kept.workspace() == head.workspace()).collect();
    if wanted.is_empty() {
        let detail = "no kept head (--head) says that this is the log others see";
        report.add(Finding::new(Code::HeadsNotShown, detail).of(head.workspace().map(|(_, workspace)| workspace)));
    }
    wanted.sort_by_key(|kept| kept.size);
    rebuild(folder, &head, false, &wanted, report)
}

/// The file `head` is the line that a bundle has of it.
fn read_head(folder: &Path, trust: &Trust, report: &mut Report) -> Result<Checkpoint, Unreadable> {
    let text = fs::read_to_string(folder.join("head"))?;
    let line = Line::parse(text.strip_suffix('\n').unwrap_or(&text)).map_err(|problem| odd("head", &problem.0))?;
    let Line::Head(Head { index, head, path, checkpoint, timestamps }) = line else {
        return Err(odd("head", "is no head"));
    };
    let (note, checkpoint) = read_note(&checkpoint).ok_or_else(|| odd("head", "has no checkpoint"))?;
    let head = Checkpoint::parse(&head).ok_or_else(|| odd("head", "is no head"))?;
    trust.judge_note(&note, &checkpoint, timestamps, report);
    let is_bound = verify_inclusion(&head.leaf(), index, checkpoint.size, &path, &checkpoint.root).is_ok()
        && head.workspace().is_some_and(|(origin, _)| origin == checkpoint.origin);
    if !is_bound {
        report.add(Finding::new(Code::HeadMismatch, "the head is not under its checkpoint"));
    }
    trust.judge_all_kept(&checkpoint, "the head", report);
    Ok(head)
}

/// Builds the log from its tiles and compares every tile above them, the root, and the roots at kept sizes.
fn rebuild(
    folder: &Path,
    end: &Checkpoint,
    is_root: bool,
    wanted: &[&Checkpoint],
    report: &mut Report,
) -> Result<(), Unreadable> {
    let mut log = Frontier::new();
    let mut upper = Upper { folder, open: Default::default() };
    let mut wanted = wanted.iter().peekable();
    while let Some(kept) = wanted.next_if(|kept| kept.size == 0) {
        judge_kept(kept, &log, is_root, report);
    }
    for tile in Tile::of_level(end.size, 0) {
        let hashes = read_tile(folder, &tile)?;
        if is_root {
            compare_entries(folder, &tile, &hashes, report)?;
        }
        let mut full = Vec::new();
        for leaf in hashes {
            log.push_visiting(leaf, |level, place, hash| {
                if level > 0 && level.is_multiple_of(HEIGHT) {
                    full.push((level / HEIGHT, place, hash));
                }
            });
            while let Some(kept) = wanted.next_if(|kept| kept.size == log.size()) {
                judge_kept(kept, &log, is_root, report);
            }
        }
        for (level, place, hash) in full {
            upper.push(level, place, hash, report)?;
        }
    }
    upper.finish(end.size, report)?;
    for kept in wanted.filter(|kept| kept.size > end.size) {
        let detail = format!("{} was kept at size {} and is {} here", kept.origin, kept.size, end.size);
        report.add(Finding::new(Code::CheckpointAhead, detail));
    }
    if log.root() != end.root {
        let detail = format!("the tiles are not those under {} at size {}", end.origin, end.size);
        report.add(Finding::new(Code::RootMismatch, detail));
    }
    Ok(())
}

fn judge_kept(kept: &Checkpoint, log: &Frontier, is_root: bool, report: &mut Report) {
    if kept.root != log.root() {
        let code = if is_root { Code::CheckpointFork } else { Code::HeadMismatch };
        report.add(Finding::new(code, format!("{} has another root at size {}", kept.origin, kept.size)));
    }
}

/// The tiles above the first level, as far as they are not compared yet.
struct Upper<'f> {
    folder: &'f Path,
    open: [Vec<Hash>; 8],
}

impl Upper<'_> {
    /// Takes the root of a full tile. A tile that it fills is compared.
    fn push(&mut self, level: u32, place: u64, hash: Hash, report: &mut Report) -> Result<(), Unreadable> {
        let open = &mut self.open[level as usize];
        open.push(hash);
        if open.len() as u64 == WIDTH {
            let hashes = std::mem::take(open);
            compare(self.folder, Tile { level, place: place / WIDTH, width: WIDTH }, &hashes, report)?;
        }
        Ok(())
    }

    fn finish(self, end: u64, report: &mut Report) -> Result<(), Unreadable> {
        for (level, hashes) in self.open.iter().enumerate().filter(|(_, hashes)| !hashes.is_empty()) {
            let last = Tile::of_level(end, level as u32).last();
            compare(self.folder, last.expect("a level that has hashes"), hashes, report)?;
        }
        Ok(())
    }
}

fn compare(folder: &Path, tile: Tile, hashes: &[Hash], report: &mut Report) -> Result<(), Unreadable> {
    if read_tile(folder, &tile)? != hashes {
        report.add(Finding::new(Code::TileMismatch, tile.path()));
    }
    Ok(())
}

fn compare_entries(folder: &Path, tile: &Tile, hashes: &[Hash], report: &mut Report) -> Result<(), Unreadable> {
    let path = entries_path(tile.place, tile.width);
    let entries = read_entries(&read(folder, &path)?).ok_or_else(|| odd(&path, "holds no entries"))?;
    if entries != hashes {
        report.add(Finding::new(Code::TileMismatch, path));
    }
    report.summary.heads += entries.len() as u64;
    Ok(())
}

fn read_tile(folder: &Path, tile: &Tile) -> Result<Vec<Hash>, Unreadable> {
    let path = tile.path();
    let hashes = split(&read(folder, &path)?).filter(|hashes| hashes.len() as u64 == tile.width);
    hashes.ok_or_else(|| odd(&path, "has another length"))
}

/// The leaf hashes of entries, each with its length in two bytes before it.
fn read_entries(mut bytes: &[u8]) -> Option<Vec<Hash>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length) as usize)?;
        entries.push(Hash::of_leaf(entry));
        bytes = rest;
    }
    bytes.is_empty().then_some(entries)
}

fn read(folder: &Path, path: &str) -> Result<Vec<u8>, Unreadable> {
    fs::read(folder.join(path)).map_err(|error| odd(path, &error.to_string()))
}

fn odd(path: &str, problem: &str) -> Unreadable {
    Unreadable::Other(format!("{path}: {problem}"))
}
