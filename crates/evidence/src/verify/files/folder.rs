//! A path: a file, a folder of tiles, or a folder of bundles with the root log's among them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::lines::{Lines, Unreadable};
use super::workspace::{self, Beside};
use super::{ColdFiles, root_log, tiles, verify_file};
use crate::verify::{Code, Finding, Report, Trust};

/// Verifies whatever is at a path; `-` is the standard input.
pub fn verify_path(
    path: &Path,
    trust: &Trust,
    cold: Option<&dyn ColdFiles>,
    report: &mut Report,
) -> Result<(), Unreadable> {
    if trust.is_empty() {
        let detail = "neither key nor checkpoint was given: what is here fits itself, and that is all that is proven";
        report.add(Finding::new(Code::SignatureMissing, detail));
    }
    if path == Path::new("-") {
        return verify_file(std::io::stdin().lock(), trust, cold, report);
    }
    if !path.is_dir() {
        return verify_file(open(path)?, trust, cold, report);
    }
    if path.join("tile").is_dir() {
        return tiles::verify(path, trust, report);
    }
    verify_folder(path, &Beside { trust, cold }, report)
}

fn open(path: &Path) -> Result<BufReader<File>, Unreadable> {
    Ok(BufReader::with_capacity(1 << 16, File::open(path)?))
}

/// All heads of all workspaces are known from the root log, so each bundle must have them all.
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
    for path in workspaces.into_values() {
        let mut lines = Lines::new(open(&path)?);
        let header = lines.header()?;
        within(&path, workspace::verify(lines, header, beside, Some(&mut heads), report))?;
    }
    Ok(())
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
