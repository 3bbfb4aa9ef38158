//! A path: a file, a folder of tiles, or a folder of bundles with the root log's among them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::lines::{Lines, Unreadable};
use super::root_log::Heads;
use super::workspace::{self, Beside};
use super::{ColdFiles, root_log, tiles, verify_file, without_rows};
use crate::verify::{Code, Finding, Report, Trust};

/// Verifies whatever is at a path; `-` is the standard input.
pub fn verify_path(
    path: &Path,
    trust: &Trust,
    cold: Option<&dyn ColdFiles>,
    report: &mut Report,
) -> Result<(), Unreadable> {
    if trust.is_empty() {
        let detail = match trust.heads.is_empty() {
            true => "neither key nor checkpoint was given: what is here fits itself, and that is all that is proven",
            false => "neither key nor checkpoint was given: nothing but the kept heads says whose log this is",
        };
        report.add(Finding::new(Code::SignatureMissing, detail));
    }
    if path == Path::new("-") {
        return verify_file(std::io::stdin().lock(), trust, cold, report);
    }
    if !path.is_dir() {
        return verify_file(open(path)?, trust, cold, report);
    }
    if path.join("tile").is_dir() {
        without_rows("a folder of tiles", cold)?;
        return tiles::verify(path, trust, report);
    }
    verify_folder(path, &Beside { trust, cold }, report)
}

fn open(path: &Path) -> Result<BufReader<File>, Unreadable> {
    Ok(BufReader::with_capacity(1 << 16, File::open(path)?))
}

/// All heads of all workspaces are known from the root log, so each bundle must have them all, and each workspace its bundle.
fn verify_folder(folder: &Path, beside: &Beside, report: &mut Report) -> Result<(), Unreadable> {
    let mut root = None;
    let mut workspaces = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_file() || !begins_as_bundle(&path)? {
            continue;
        }
        let header = within(&path, Lines::new(open(&path)?).header())?;
        let before = match header.workspace {
            None => root.replace(path),
            Some(workspace) => workspaces.insert(workspace, path),
        };
        if let Some(before) = before {
            return Err(Unreadable::Other(format!("{} is the second bundle of its log", before.display())));
        }
    }
    let Some(root) = root else {
        return Err(Unreadable::Other("the folder has neither tiles nor the bundle of a root log".into()));
    };
    let mut lines = Lines::new(open(&root)?);
    let header = lines.header()?;
    let mut heads = within(&root, root_log::verify(lines, header, beside.trust, report))?;
    judge_root_log(&heads, beside.trust, report);
    let mut asked: BTreeSet<Uuid> = beside.trust.workspaces.iter().copied().collect();
    for (workspace, path) in workspaces {
        pass_unshown(&mut heads, Some(workspace), &mut asked, beside.trust, report)?;
        let mut lines = Lines::new(open(&path)?);
        let header = lines.header()?;
        within(&path, workspace::verify(lines, header, beside, Some(&mut heads), report))?;
        asked.remove(&workspace);
    }
    pass_unshown(&mut heads, None, &mut asked, beside.trust, report)?;
    for workspace in asked {
        let detail = "the root log has no head of it";
        report.add(Finding::new(Code::EventsNotShown, detail).of(Some(workspace)));
    }
    Ok(())
}

/// Who has no head after the place where the root log begins is not known, but for whoever kept a checkpoint from there on.
fn judge_root_log(heads: &Heads, trust: &Trust, report: &mut Report) {
    let (origin, first) = heads.beginning();
    if first > 0 && !trust.of_origin(origin).any(|kept| kept.size >= first) {
        let detail =
            format!("heads 0 to {} of {origin} are not shown, nor the workspaces that have no later ones", first - 1);
        report.add(Finding::new(Code::EventsNotShown, detail));
    }
}

/// Tells of the workspaces before this one that the root log has and no bundle shows; of all that are left, if there is none.
fn pass_unshown(
    heads: &mut Heads,
    before: Option<Uuid>,
    asked: &mut BTreeSet<Uuid>,
    trust: &Trust,
    report: &mut Report,
) -> Result<(), Unreadable> {
    heads.pass_to(before, |newest| {
        report.summary.unshown_logs += 1;
        report.summary.unshown_places += newest.size;
        asked.remove(&newest.workspace);
        if trust.asks_for(newest.workspace) {
            let detail = format!("no bundle shows its {} places", newest.size);
            report.add(Finding::new(Code::EventsNotShown, detail).of(Some(newest.workspace)));
        }
    })
}

fn begins_as_bundle(path: &PathBuf) -> Result<bool, Unreadable> {
    let mut beginning = [0; 16];
    let read = File::open(path)?.read(&mut beginning)?;
    Ok(beginning[..read].starts_with(b"{\"kind\":\"bundle\""))
}

fn within<T>(path: &Path, result: Result<T, Unreadable>) -> Result<T, Unreadable> {
    result.map_err(|problem| match problem {
        Unreadable::Io(error) => Unreadable::Io(error),
        other => Unreadable::Other(format!("{}: {other}", path.display())),
    })
}
