//! A directory as a store.
//!
//! Files are looked for only where the database puts them, and links are not followed: what else lies in the directory of a store, such as `lost+found`,
//! neither stops anything nor leads out of it.

use std::fs::{self, DirEntry, File, FileType};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use super::error::StoreError;
use super::limit::ABANDONED;
use super::stored::{Stored, UNFINISHED};
use super::url::{Location, is_ours};

/// The directory must be there: one that is made by mistake, where nothing is mounted, would be lost.
pub fn open(location: &Location) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let folder = folder(location);
    if !folder.is_dir() {
        return Err(StoreError::new(format!("there is no directory {}", folder.display())));
    }
    // Without it a file could be lost in a crash after the database was told of it.
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
}

fn folder(location: &Location) -> &Path {
    Path::new(&location.folder)
}

/// So that a removed file does not come back after a crash.
pub fn sync_folder_of(location: &Location, path: &str) -> io::Result<()> {
    match folder(location).join(path).parent().map(File::open) {
        Some(Ok(folder)) => folder.sync_all(),
        // Without its folder there is no file.
        Some(Err(error)) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub fn list(location: &Location) -> io::Result<Vec<Stored>> {
    let mut listed = Vec::new();
    for (path, file) in files(location)? {
        if let Some(about) = unless_gone(file.metadata())?.filter(|_| is_ours(&path)) {
            listed.push(Stored { path, bytes: about.len() });
        }
    }
    Ok(listed)
}

/// Removes files that were being written when their program died. The store shows to nobody those that have `#` and a number after their names.
pub fn remove_abandoned(location: &Location) -> io::Result<usize> {
    let mut count = 0;
    for (path, file) in files(location)? {
        // Another run may be as far.
        if is_unfinished(&path) && is_abandoned(&file)? && unless_gone(fs::remove_file(file.path()))?.is_some() {
            count += 1;
        }
    }
    Ok(count)
}

/// What is in folders of a year, with its path in the store.
fn files(location: &Location) -> io::Result<Vec<(String, DirEntry)>> {
    let mut files = Vec::new();
    for (workspace, folder) in entries(folder(location), "workspace=", FileType::is_dir)? {
        for (year, folder) in entries(&folder.path(), "year=", FileType::is_dir)? {
            for (name, file) in entries(&folder.path(), "", FileType::is_file)? {
                files.push((format!("{workspace}/{year}/{name}"), file));
            }
        }
    }
    Ok(files)
}

fn entries(folder: &Path, prefix: &str, wanted: fn(&FileType) -> bool) -> io::Result<Vec<(String, DirEntry)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string()
            && name.starts_with(prefix)
            && unless_gone(entry.file_type())?.is_some_and(|kind| wanted(&kind))
        {
            found.push((name, entry));
        }
    }
    Ok(found)
}

/// None: somebody has removed it meanwhile.
fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

fn is_unfinished(path: &str) -> bool {
    let path = match path.rsplit_once('#') {
        Some((path, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => path,
        Some(_) => return false,
        None if !path.ends_with(UNFINISHED) => return false,
        None => path,
    };
    is_ours(path.strip_suffix(UNFINISHED).unwrap_or(path))
}

fn is_abandoned(file: &DirEntry) -> io::Result<bool> {
    let Some(about) = unless_gone(file.metadata())? else { return Ok(false) };
    let age = SystemTime::now().duration_since(about.modified()?);
    Ok(age.is_ok_and(|age| age > ABANDONED))
}
