//! What is worth nothing is removed: objects that a dead session left open, files that are condemned, uploads that nobody finished.

use std::time::{Duration, Instant};

use serde_json::json;

use super::check::check_object;
use super::export::merged;
use super::recognise::{Recognition, recognise};
use super::work::Work;
use crate::database::{DatabaseError, Object, Selection};
use crate::failure::Failure;
use crate::store::{Removal, StoreError};

/// As long as the catalog knows of no other file there.
const UNPROVEN: &str = "no other file shows that this is its store: once you know that the file is removed, call confirm_audit_cold_removed()";
const REASON: &str = "the session that began it has ended";
/// A file that its store does not let go, as a write-once one, keeps nobody from the others. A store that is gone is not waited for again and again.
const MOST_WAITED: Duration = Duration::from_secs(120);

/// Gives what the store did not do, when all else was done.
pub fn clean(work: &mut Work) -> Result<Option<Failure>, Failure> {
    for object in open_objects(work)? {
        discard(work, &object)?;
    }
    let failed = remove_condemned(work)?;
    if work.options.store.is_some() {
        match work.named_store()?.remove_abandoned() {
            Ok(0) => (),
            Ok(uploads) => work.report.tell("abandoned uploads removed", json!({"uploads": uploads})),
            // They are in nobody's way.
            Err(error) => work.report.tell("abandoned uploads not found", json!({"problem": error.to_string()})),
        }
    }
    Ok(failed)
}

/// An object that was named is meant with the successor that a dead session began of it.
fn open_objects(work: &mut Work) -> Result<Vec<Object>, Failure> {
    let named = work.options.object;
    let mut objects = work.database.objects(&Selection { object: None, ..work.selection() }, &["open"])?;
    objects.retain(|object| named.is_none_or(|named| object.id == named || object.replaces == Some(named)));
    Ok(objects)
}

fn remove_condemned(work: &mut Work) -> Result<Option<Failure>, Failure> {
    let keep = work.options.keep_condemned.clone().unwrap_or_else(|| "0".to_owned());
    let (mut first, mut waited) = (None, Duration::ZERO);
    for object in work.database.removable(&work.selection(), &keep)? {
        let began = Instant::now();
        let facts =
            json!({"object": object.id, "workspace": object.workspace_id, "month": object.month, "path": object.path});
        match remove(work, &object) {
            Ok(Removed::Confirmed) => work.report.tell("removed", facts),
            Ok(Removed::Unproven) => work.report.tell("removal waits", merged(facts, json!({"problem": UNPROVEN}))),
            // Another run was faster.
            Err(failure) if failure.is_refusal() => (),
            Err(Failure::Store(error)) => {
                work.report.warn("not removed", merged(facts, json!({"problem": error.to_string()})));
                first.get_or_insert(Failure::Store(error));
                waited += began.elapsed();
                if waited > MOST_WAITED {
                    break;
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(first)
}

enum Removed {
    Confirmed,
    /// There is no file, and nothing shows that it would be there.
    Unproven,
}

/// A file that is not there counts as removed only in a store that is known to be the right one: by another of its files.
fn remove(work: &mut Work, object: &Object) -> Result<Removed, Failure> {
    let removal = work.store(&object.store)?.remove(&object.path)?;
    if removal == Removal::WasNotThere && recognise(work, &object.store)? == Recognition::Unused {
        return match object.file_sha256 {
            // Most likely it was never made: the next file that is stored there shows it.
            None => Ok(Removed::Unproven),
            Some(_) => {
                Err(StoreError::new(format!("{} is not in {}, and {UNPROVEN}", object.path, object.store)).into())
            }
        };
    }
    work.database.confirm_removed(object.id)?;
    Ok(Removed::Confirmed)
}

/// The database knows whether the session of an open object lives, and refuses if it does.
fn discard(work: &mut Work, object: &Object) -> Result<(), Failure> {
    let refused = match work.database.discard(object.id, REASON) {
        Ok(()) => return told(work, object),
        Err(refused) if refused.is_refusal => refused,
        Err(error) => return Err(error.into()),
    };
    // A successor is discarded only when the file that it was to replace is known to be there.
    let Some(replaces) = object.replaces else { return under_way(work, object, &refused) };
    let selection = Selection { object: Some(replaces), ..Default::default() };
    for predecessor in work.database.objects(&selection, &["released"])? {
        check_object(work, &predecessor)?;
    }
    match work.database.discard(object.id, REASON) {
        Ok(()) => told(work, object),
        Err(refused) if refused.is_refusal => under_way(work, object, &refused),
        Err(error) => Err(error.into()),
    }
}

fn told(work: &mut Work, object: &Object) -> Result<(), Failure> {
    let facts = json!({"object": object.id, "workspace": object.workspace_id, "month": object.month, "reason": REASON});
    work.report.tell("discarded", facts);
    Ok(())
}

fn under_way(work: &mut Work, object: &Object, refused: &DatabaseError) -> Result<(), Failure> {
    let facts = json!({"object": object.id, "workspace": object.workspace_id, "month": object.month,
        "problem": refused.to_string()});
    work.report.tell("still open", facts);
    Ok(())
}
