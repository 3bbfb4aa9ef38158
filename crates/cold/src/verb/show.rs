//! What the catalog knows.

use serde_json::json;

use super::work::Work;
use crate::failure::Failure;

const ALL: [&str; 5] = ["open", "stored", "released", "condemned", "gone"];

pub fn list(work: &mut Work) -> Result<(), Failure> {
    for object in work.database.objects(&work.selection(), &ALL)? {
        let facts = json!({"object": object.id, "workspace": object.workspace_id, "month": object.month,
            "events": object.event_count, "bytes": object.file_bytes, "store": object.store, "path": object.path,
            "replaces": object.replaces, "checked_at": object.checked_at, "check_result": object.check_result});
        work.report.tell(&object.state, facts);
    }
    Ok(())
}

pub fn show(work: &mut Work) -> Result<(), Failure> {
    let missing = || Failure::Usage("show needs --object".to_owned());
    let id = work.options.object.ok_or_else(missing)?;
    match work.database.whole(id)? {
        Some(facts) => {
            let state = facts.get("state").and_then(|state| state.as_str()).unwrap_or_default().to_owned();
            work.report.tell(&state, facts);
        }
        None => work.report.warn("unknown to the catalog", json!({"object": id})),
    }
    Ok(())
}
