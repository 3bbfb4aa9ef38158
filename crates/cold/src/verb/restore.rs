//! Events come back from files into the archive, on loan.

use audit_cold_row::{Column, Rows};
use serde_json::json;
use uuid::Uuid;

use super::work::Work;
use crate::database::Object;
use crate::failure::Failure;
use crate::file::FileError;

pub fn restore(work: &mut Work) -> Result<(), Failure> {
    let objects = objects(work)?;
    let mut is_found = work.options.event.is_none() && !objects.is_empty();
    for object in objects {
        is_found |= match restore_from(work, &object) {
            // An erasure that has not reached the file keeps back this one, and no other.
            Err(failure) if failure.is_refusal() => {
                let facts = json!({"object": object.id, "month": object.month, "problem": failure.to_string()});
                work.report.warn("refused", facts);
                true
            }
            restored => restored?,
        };
        if is_found && work.options.event.is_some() {
            break;
        }
    }
    if !is_found {
        let facts = json!({"event": work.options.event, "object": work.options.object, "month": work.options.month});
        work.report.warn("not in cold storage", facts);
    }
    Ok(())
}

fn objects(work: &mut Work) -> Result<Vec<Object>, Failure> {
    let selection = work.selection();
    match work.options.event {
        Some(event) => match created_at(event) {
            Some(time) => Ok(work.database.around(&selection, time)?),
            None => Ok(work.database.objects(&selection, &["released"])?),
        },
        None if work.options.object.is_some() || (work.options.workspace.is_some() && work.options.month.is_some()) => {
            Ok(work.database.objects(&selection, &["released"])?)
        }
        None => Err(Failure::Usage("restore needs --event, --object, or --workspace and --month".to_owned())),
    }
}

/// The time in an id that was made for the event, in microseconds since 1970.
fn created_at(event: Uuid) -> Option<i64> {
    // An imported event has an id of version 8, laid out alike.
    let milliseconds = matches!(event.get_version_num(), 7 | 8).then(|| (event.as_u128() >> 80) as i64)?;
    milliseconds.checked_mul(1_000)
}

/// Whether what was asked for is in the object.
fn restore_from(work: &mut Work, object: &Object) -> Result<bool, Failure> {
    let reader = work.open_file(object)?;
    let event = work.options.event;
    let (mut events, mut is_found) = (0, event.is_none());
    for number in 0..reader.chunk_count() {
        let chunk = reader.chunk(number)?;
        match event {
            None => events += work.database.restore(object.id, number, chunk, None)?,
            Some(event) if holds(&chunk, event)? => {
                events += work.database.restore(object.id, number, chunk, Some(&[event]))?;
                is_found = true;
                break;
            }
            Some(_) => (),
        }
    }
    if is_found {
        let facts = json!({"object": object.id, "workspace": object.workspace_id, "month": object.month,
            "event": event, "events": events});
        work.report.tell("restored", facts);
    }
    Ok(is_found)
}

fn holds(chunk: &[u8], event: Uuid) -> Result<bool, FileError> {
    for row in Rows::new(chunk) {
        if row?.get(Column::Id) == Some(event.as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}
