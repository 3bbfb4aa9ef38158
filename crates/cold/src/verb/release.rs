//! Events leave the database for good: each object by a decision of somebody with the authority.

use serde_json::json;

use super::check;
use super::work::{Options, Work};
use crate::failure::Failure;

pub fn release(work: &mut Work) -> Result<(), Failure> {
    let Options { object, workspace, store, .. } = &work.options;
    if object.is_none() && workspace.is_none() && store.is_none() {
        return Err(Failure::Usage("release needs --object, --workspace or --store".to_owned()));
    }
    let grounds = work.grounds()?;
    let objects = work.database.objects(&work.selection(), &["stored"])?;
    if objects.is_empty() {
        work.report
            .warn("nothing is stored", json!({"object": work.options.object, "workspace": work.options.workspace}));
    }
    for object in objects {
        // It was stored a while ago, and from now on there will be nothing else.
        if let Some(problem) = check::problem(work, &object)? {
            let facts = json!({"object": object.id, "workspace": object.workspace_id, "month": object.month,
                "problem": problem});
            work.report.warn("not released", facts);
            continue;
        }
        let facts = json!({"object": object.id, "workspace": object.workspace_id, "month": object.month});
        match work.database.release(object.id, &grounds) {
            Ok((events, entry)) => {
                let told = json!({"object": object.id, "workspace": object.workspace_id, "month": object.month,
                    "events": events, "deletion_log_id": entry});
                work.report.tell("released", told);
                if work.options.reclaims {
                    work.database.reclaim(entry)?;
                    work.report.tell("reclaimed", facts);
                }
            }
            Err(error) if error.is_refusal => {
                let told = json!({"object": object.id, "month": object.month, "problem": error.to_string()});
                work.report.warn("refused", told);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

pub fn give_back(work: &mut Work) -> Result<(), Failure> {
    let missing = || Failure::Usage("return needs --workspace".to_owned());
    let workspace = work.options.workspace.ok_or_else(missing)?;
    let grounds = work.grounds()?;
    // What was lent may be all that is left of a file.
    let mut is_safe = true;
    for object in work.database.lending(workspace)? {
        if let Some(problem) = check::problem(work, &object)? {
            let facts = json!({"object": object.id, "workspace": workspace, "month": object.month, "problem": problem});
            work.report.warn("not returned", facts);
            is_safe = false;
        }
    }
    if !is_safe {
        return Ok(());
    }
    let (events, entry) = work.database.give_back(workspace, &grounds, work.options.older_than.as_deref())?;
    work.report.tell("returned", json!({"workspace": workspace, "events": events, "deletion_log_id": entry}));
    Ok(())
}
