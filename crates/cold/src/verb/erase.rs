//! Erasures reach into files: the database erases the bytes, and a file of what is left takes the place of the old one.

use serde_json::json;

use super::keep::keep;
use super::patience::Patience;
use super::work::{Work, spool};
use crate::database::{Begun, Object};
use crate::failure::Failure;
use crate::file::{self, Reader, Writer};

/// Gives what the store did not do, when all else was done.
pub fn erase(work: &mut Work) -> Result<Option<Failure>, Failure> {
    let mut patience = Patience::default();
    for object in work.database.erasable(&work.selection())? {
        let failure = match erase_in(work, &object) {
            Ok(()) => {
                patience.succeeded();
                continue;
            }
            // Another run was faster, and the file is gone or has a successor.
            Err(Failure::Store(_)) if !work.database.is_erasure_pending(object.id)? => continue,
            Err(failure) => failure,
        };
        let facts = json!({"object": object.id, "month": object.month, "problem": failure.to_string()});
        work.report.warn("erasure failed", facts);
        match failure {
            refused if refused.is_refusal() => (),
            Failure::Store(_) => patience.failed(failure)?,
            other => return Err(other),
        }
    }
    Ok(patience.finish())
}

fn erase_in(work: &mut Work, object: &Object) -> Result<(), Failure> {
    let reader = work.open_file(object)?;
    let mut successor: Option<(Begun, Writer<std::fs::File>)> = None;
    let erased = erase_chunks(work, object, &reader, &mut successor);
    let finished = erased.and_then(|()| match successor.take() {
        None => Ok(None),
        Some((begun, writer)) => {
            let (file, manifest) = writer.finish()?;
            successor_kept(work, object, &begun, file, manifest).map(Some)
        }
    });
    match finished {
        Ok(Some(facts)) => work.report.tell("erased", facts),
        Ok(None) if work.database.is_erasure_pending(object.id)? => {
            let facts = json!({"object": object.id, "month": object.month});
            work.report.warn("an erasure is still pending", facts);
        }
        Ok(None) => work.report.tell("nothing to erase", json!({"object": object.id, "month": object.month})),
        Err(failure) => {
            if let Some((begun, _)) = successor {
                let _ = work.database.discard(begun.id, "the erasure failed");
            }
            return Err(failure);
        }
    }
    Ok(())
}

/// Every chunk is presented: the database knows that none was left out.
fn erase_chunks(
    work: &mut Work,
    object: &Object,
    reader: &Reader<std::fs::File>,
    successor: &mut Option<(Begun, Writer<std::fs::File>)>,
) -> Result<(), Failure> {
    for number in 0..reader.chunk_count() {
        let erased = work.database.erase(object.id, number, reader.chunk(number)?)?;
        if erased.is_some() && successor.is_none() {
            let (_, writer) = successor.insert(begin(work, object, reader)?);
            for before in 0..number {
                writer.write_chunk(reader.chunk(before)?)?;
            }
        }
        if let Some((_, writer)) = successor {
            match erased {
                Some(erased) => writer.write_chunk(erased)?,
                // Read once more, which takes less than a second: kept meanwhile, it would be in memory beside what was sent.
                None => writer.write_chunk(reader.chunk(number)?)?,
            }
        }
    }
    Ok(())
}

fn begin(
    work: &mut Work,
    object: &Object,
    reader: &Reader<std::fs::File>,
) -> Result<(Begun, Writer<std::fs::File>), Failure> {
    let month = format!("{}-01", object.month);
    let begun = work.database.begin(object.workspace_id, &month, &object.store, Some(object.id))?;
    let about = file::Object {
        id: begun.id,
        replaces: Some(object.id),
        workspace_id: object.workspace_id,
        month: object.month.clone(),
        // They left the database under this checkpoint, or before the first one.
        evidence: reader.footer().evidence.clone(),
    };
    let writer = Writer::new(spool()?, about)?;
    Ok((begun, writer))
}

fn successor_kept(
    work: &mut Work,
    object: &Object,
    begun: &Begun,
    file: std::fs::File,
    manifest: file::Manifest,
) -> Result<serde_json::Value, Failure> {
    let kept = keep(work, &object.store, begun, file, &manifest);
    if let Err(failure) = kept.and_then(|()| Ok(work.database.replace(object.id, &manifest)?)) {
        // A hold, or another erasure: the old file stays what counts.
        let _ = work.database.discard(begun.id, "it was not to replace the other");
        return Err(failure);
    }
    Ok(
        json!({"object": manifest.object, "replaces": object.id, "workspace": object.workspace_id, "month": object.month,
        "events": manifest.event_count, "bytes": manifest.file_bytes, "path": begun.path}),
    )
}
