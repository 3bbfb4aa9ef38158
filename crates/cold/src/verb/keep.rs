//! A file is brought to the store and read back. Only what was read back is told to the database.

use std::fs::File;

use super::work::{Work, spool};
use crate::database::Begun;
use crate::failure::Failure;
use crate::file::{Manifest, Reader};
use crate::store::{Got, StoreError};

/// Brings a file there, if there is none, and proves that the store gives its rows back.
pub fn keep(work: &mut Work, url: &str, begun: &Begun, mut file: File, manifest: &Manifest) -> Result<(), Failure> {
    let store = work.store(url)?;
    // A file that is there already may be this one, if the answer to an earlier request was lost.
    store.put(&begun.path, &mut file)?;
    drop(file);
    let mut returned = spool()?;
    let wrong = |problem: &str| StoreError::new(format!("object {}: {} {problem}", begun.id, begun.path));
    let written = Got::Whole { bytes: manifest.file_bytes, hash: manifest.file_sha256 };
    match store.get(&begun.path, Some(manifest.file_bytes), &mut returned)? {
        Got::Nothing => Err(wrong("was written and is not there").into()),
        got if got != written => Err(wrong("is not what was written").into()),
        _ => {
            let reader = Reader::new(returned)?;
            if reader.footer().chunks != manifest.chunks {
                return Err(wrong("holds other chunks than were written").into());
            }
            // Each is compared with its digest.
            (0..reader.chunk_count()).try_for_each(|chunk| reader.chunk(chunk).map(drop))?;
            Ok(())
        }
    }
}
