//! A store is recognised by its files.
//!
//! A wrong endpoint, a bucket of the same name elsewhere, or a disk that is not mounted has no files of the catalog, and answers as if they had been
//! removed. So one of them must be found there before a file that is not there counts as removed, and before new files are written: those would pass
//! for the store's own later on.

use super::work::Work;
use crate::failure::Failure;
use crate::store::StoreError;

/// So many files are looked for. Where none of them is, the store is another one, or has lost too much to go on as if nothing were.
const MOST_LOOKED_FOR: i64 = 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recognition {
    /// It has a file that the catalog knows to be there.
    Ours,
    /// The catalog knows of no file there.
    Unused,
}

/// Looks for files that the catalog knows. An error where there should be some and none is there.
pub fn recognise(work: &mut Work, url: &str) -> Result<Recognition, Failure> {
    if work.recognised.contains(url) {
        return Ok(Recognition::Ours);
    }
    let known = work.database.kept_in(url, MOST_LOOKED_FOR)?;
    let store = work.store(url)?;
    for object in &known {
        if store.length(&object.path)? == u64::try_from(object.file_bytes).ok() {
            work.recognised.insert(url.to_owned());
            return Ok(Recognition::Ours);
        }
    }
    match known.len() {
        0 => Ok(Recognition::Unused),
        count => Err(StoreError::new(format!(
            "{url} has none of the {count} files that were looked for and should be there: is it the right one? \
             Look at the endpoint (AWS_ENDPOINT), the bucket, or whether the disk is mounted"
        ))
        .into()),
    }
}
