//! Files are looked for and compared with what the catalog knows of them.

use std::collections::HashSet;

use serde_json::json;

use super::patience::Patience;
use super::work::Work;
use crate::database::Object;
use crate::failure::Failure;
use crate::file::Reader;
use crate::store::{Got, StoreError};

const OK: &str = "ok";
const UNREADABLE: &str = "unreadable";

pub fn check(work: &mut Work) -> Result<(), Failure> {
    let mut patience = Patience::default();
    for object in work.database.objects(&work.selection(), &["stored", "released"])? {
        match check_object(work, &object)? {
            UNREADABLE => patience.failed(Failure::Store(StoreError::new("several files in a row cannot be read")))?,
            _ => patience.succeeded(),
        }
    }
    let is_of_all = work.options.workspace.is_none() && work.options.month.is_none() && work.options.object.is_none();
    if is_of_all && work.options.store.is_some() {
        tell_orphans(work)?;
    }
    Ok(())
}

/// What was found, as the database is told.
pub fn check_object(work: &mut Work, object: &Object) -> Result<&'static str, Failure> {
    let (result, detail) = match examine(work, object) {
        Err(Failure::Store(error)) => (UNREADABLE, Some(error.to_string())),
        examined => examined?,
    };
    match work.database.report_check(object.id, result, detail.as_deref()) {
        Ok(()) => (),
        // It was discarded or replaced meanwhile.
        Err(refused) if refused.is_refusal => return Ok(OK),
        Err(error) => return Err(error.into()),
    }
    let facts = json!({"object": object.id, "workspace": object.workspace_id, "month": object.month,
        "path": object.path, "problem": detail});
    match result {
        OK => work.report.tell(OK, facts),
        _ => work.report.warn(result, facts),
    }
    Ok(result)
}

/// The problem with the file of an object, in words, if there is one. The database is not told.
pub fn problem(work: &mut Work, object: &Object) -> Result<Option<String>, Failure> {
    match examine(work, object)? {
        (OK, _) => Ok(None),
        (result, detail) => Ok(Some(format!("its file is {result}: {}", detail.unwrap_or_default()))),
    }
}

/// What is found, and in words what is wrong.
fn examine(work: &mut Work, object: &Object) -> Result<(&'static str, Option<String>), Failure> {
    let altered = |found: String| Ok(("altered", Some(format!("{found}; stored were {} bytes", object.file_bytes))));
    let file = match work.fetch(object)? {
        (_, Got::Nothing) => return Ok(("missing", Some(format!("{} has no {}", object.store, object.path)))),
        (_, Got::OfOtherLength(bytes)) => return altered(format!("{bytes} bytes")),
        (_, Got::Whole { bytes, hash }) if Some(hash) != object.file_sha256 => {
            return altered(format!("{bytes} bytes with the SHA-256 {hash}"));
        }
        (file, _) => file,
    };
    if work.options.is_deep {
        let expected = work.database.chunks(object.id)?;
        let decoded = Reader::new(file).and_then(|reader| {
            (0..reader.chunk_count()).try_for_each(|chunk| reader.chunk(chunk).map(drop))?;
            Ok(reader.footer().chunks == expected)
        });
        match decoded {
            Ok(true) => (),
            Ok(false) => return Ok(("altered", Some("its chunks are not those of the catalog".to_owned()))),
            Err(error) => return Ok((UNREADABLE, Some(error.to_string()))),
        }
    }
    Ok((OK, None))
}

/// Files that the catalog does not know. After a recovery to an earlier time they may be all that is left of events, so nobody removes them here.
fn tell_orphans(work: &mut Work) -> Result<(), Failure> {
    let store = work.named_store()?;
    let url = store.url().to_owned();
    let files = store.list()?;
    // Asked after the list was made: what was begun meanwhile is known.
    let known: HashSet<String> = work.database.paths(&url)?.into_iter().collect();
    for file in files.into_iter().filter(|file| !known.contains(&file.path)) {
        work.report.warn("unknown to the catalog", json!({"path": file.path, "bytes": file.bytes}));
    }
    Ok(())
}
