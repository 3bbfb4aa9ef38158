//! What is worth nothing is removed: objects that a dead session left open, files that are condemned, uploads that nobody finished.

use serde_json::json;

use super::check::check_object;
use super::work::Work;
use crate::database::{DatabaseError, Object};
use crate::failure::Failure;

const REASON: &str = "the session that began it has ended";

pub fn clean(work: &mut Work) -> Result<(), Failure> {
    let selection = work.selection();
    for object in work.database.objects(&selection, &["open"])? {
        discard(work, &object)?;
    }
    let keep = work.options.keep_condemned.clone().unwrap_or_else(|| "0".to_owned());
    for object in work.database.removable(&selection, &keep)? {
        work.store(&object.store)?.remove(&object.path)?;
        work.database.confirm_removed(object.id)?;
        let facts =
            json!({"object": object.id, "workspace": object.workspace_id, "month": object.month, "path": object.path});
        work.report.tell("removed", facts);
    }
    if work.options.store.is_some() {
        let uploads = work.named_store()?.remove_abandoned()?;
        if uploads > 0 {
            work.report.tell("abandoned uploads removed", json!({"uploads": uploads}));
        }
    }
    Ok(())
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
    let selection = crate::database::Selection { object: Some(replaces), ..Default::default() };
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
