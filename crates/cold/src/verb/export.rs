//! Events of the archive go into files; they stay in the database until they are released.

use std::fs::File;

use serde_json::json;

use super::keep::keep;
use super::recognise::recognise;
use super::work::{Work, spool};
use crate::database::{Begun, DatabaseError, Due};
use crate::failure::Failure;
use crate::file::{Manifest, Object, Writer};

pub fn export(work: &mut Work) -> Result<(), Failure> {
    let url = work.named_store()?.url().to_owned();
    let month = work.selection().month;
    let mut due = work.database.due(work.options.workspace, work.options.min_events)?;
    due.retain(|due| month.as_ref().is_none_or(|month| *month == due.month));
    for due in due {
        let facts = json!({"workspace": due.workspace_id, "month": due.month[..7], "events": due.event_count});
        if let Some(obstacle) = &due.obstacle {
            // It passes by itself, or the database tells of it elsewhere.
            work.report.tell("waits", merged(facts, json!({"obstacle": obstacle})));
            continue;
        }
        recognise(work, &url)?;
        match export_month(work, &url, &due) {
            Ok(()) => (),
            Err(failure) if failure.is_refusal() => {
                work.report.warn("refused", merged(facts, json!({"problem": failure.to_string()})));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

pub fn merged(mut facts: serde_json::Value, more: serde_json::Value) -> serde_json::Value {
    if let (Some(facts), serde_json::Value::Object(more)) = (facts.as_object_mut(), more) {
        facts.extend(more);
    }
    facts
}

fn export_month(work: &mut Work, url: &str, due: &Due) -> Result<(), Failure> {
    let begun = work.database.begin(due.workspace_id, &due.month, url, None)?;
    let stored = write(work, due, &begun).and_then(|written| match written {
        None => Ok(None),
        Some((file, manifest)) => {
            keep(work, url, &begun, file, &manifest)?;
            work.database.store(&manifest)?;
            Ok(Some(manifest))
        }
    });
    let manifest = match stored {
        Ok(Some(manifest)) => manifest,
        Ok(None) => {
            work.database.discard(begun.id, "there was nothing to export")?;
            return Ok(());
        }
        Err(failure) => {
            // An erasure may have condemned it; without a connection the next run does it.
            let _ = work.database.discard(begun.id, "the export failed");
            return Err(failure);
        }
    };
    work.report.tell(
        "stored",
        json!({"object": manifest.object, "workspace": manifest.workspace, "month": manifest.month,
            "events": manifest.event_count, "bytes": manifest.file_bytes, "path": begun.path}),
    );
    Ok(())
}

/// The events of a month in a file; None: there are none.
fn write(work: &mut Work, due: &Due, begun: &Begun) -> Result<Option<(File, Manifest)>, Failure> {
    let object = Object {
        id: begun.id,
        replaces: None,
        workspace_id: due.workspace_id,
        month: due.month[..7].to_owned(),
        // Taken before the events are read: what is not sealed yet is not due.
        evidence: work.database.evidence()?,
    };
    let mut writer = Writer::new(spool()?, object)?;
    let mut chunks = work.database.events(due.workspace_id, &due.month)?;
    while let Some(chunk) = chunks.next_chunk().map_err(DatabaseError::from)? {
        writer.write_chunk(chunk)?;
    }
    let too_large = chunks.too_large;
    if too_large > 0 {
        let facts = json!({"workspace": due.workspace_id, "month": due.month[..7], "events": too_large});
        work.report.warn("too large, stays in the archive", facts);
    }
    let (file, manifest) = writer.finish()?;
    Ok((manifest.event_count > 0).then_some((file, manifest)))
}
