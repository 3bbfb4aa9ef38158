//! What the catalog knows.

use audit_cold_row::Rows;
use serde_json::json;

use super::work::{Work, spool};
use crate::failure::Failure;
use crate::file::{FileError, Key, Manifest, Reader};
use crate::store::Got;

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
    if let Some(path) = work.options.path.clone() {
        return show_file(work, &path);
    }
    let missing = || Failure::Usage("show needs --object, or --store and --path".to_owned());
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

/// The manifest of a file, as `adopt_audit_cold_object()` takes it. Each of its chunks is read.
fn show_file(work: &mut Work, path: &str) -> Result<(), Failure> {
    let mut file = spool()?;
    let Got::Whole { bytes, hash } = work.named_store()?.get(path, None, &mut file)? else {
        work.report.warn("missing", json!({"path": path}));
        return Ok(());
    };
    let reader = Reader::new(file)?;
    let [mut first, mut last] = [None, None];
    for number in 0..reader.chunk_count() {
        let chunk = reader.chunk(number)?;
        for row in Rows::new(&chunk) {
            let row = row.map_err(FileError::from)?;
            first = first.or_else(|| Some(Key::of(&row)));
            last = Some(Key::of(&row));
        }
    }
    let manifest = Manifest::new(reader.footer().clone(), [first.flatten(), last.flatten()], bytes, hash);
    work.report.show(&serde_json::to_value(manifest).unwrap_or_default());
    Ok(())
}
