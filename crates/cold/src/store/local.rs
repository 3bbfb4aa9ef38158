//! A directory as a store.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use super::error::StoreError;
use super::limit::ABANDONED;
use super::url::Location;

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
    // The root itself has lost its slash.
    if location.folder.is_empty() { Path::new("/") } else { Path::new(&location.folder) }
}

/// So that a removed file does not come back after a crash.
pub fn sync_folder_of(location: &Location, path: &str) -> io::Result<()> {
    match folder(location).join(path).parent().map(File::open) {
        Some(Ok(folder)) => folder.sync_all(),
        // Without its folder there is no file.
        Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes files that were being written when their program died; the store gives them the final name, `#` and a number, and shows them to nobody.
pub fn remove_abandoned(location: &Location) -> io::Result<usize> {
    let mut count = 0;
    for workspace in entries(folder(location), |name| name.starts_with("workspace="))? {
        for year in entries(&workspace, |name| name.starts_with("year="))? {
            for file in entries(&year, is_staged)? {
                if is_abandoned(&file)? {
                    fs::remove_file(file)?;
                    count += 1;
                }
            }
        }
    }
    Ok(count)
}

fn entries(folder: &Path, wanted: fn(&str) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(wanted) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn is_staged(name: &str) -> bool {
    let staged = name.rsplit_once('#');
    staged.is_some_and(|(name, number)| {
        (name.ends_with(".parquet") || name.ends_with(".parquet.part"))
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_abandoned(file: &Path) -> io::Result<bool> {
    let age = SystemTime::now().duration_since(fs::metadata(file)?.modified()?);
    Ok(age.is_ok_and(|age| age > ABANDONED))
}
