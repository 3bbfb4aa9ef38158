//! `audit_deletion_certificate()`: what was deleted, when, why, by whom and with which ticket, how many events of which months, and what
//! remains.
//!
//! The certificate can be given to the person who asked for the deletion. It contains no payload, but it does contain the reason as it was
//! given. The log alone proves nothing: the event that recorded the removal must be in the trail.

use audit_core::event::column::PAYLOAD;
use audit_core::ids::WorkspaceId;
use serde_json::{Value, json};

use super::backing::Unproven;
use super::{entry_argument, evidence};
use crate::cluster;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::guc::LocalSettings;
use crate::pg::{clock, jsonb, parameter, spi};
use crate::storage::Storage;

const EVENTS_REMAIN: [&str; 2] = [
    "Per event: ids of event, user, workspace and resource; its time, action type and resource type; when, by whom and why it was erased. The ids are pseudonyms: who knows the person's id finds that something was done, and when.",
    "Ids made of a key (audit_resource_id) are found by whoever may call that function, knows or guesses the key and can read the trail; without the trail's salt they cannot be computed.",
];
const ALWAYS_REMAINS: [&str; 3] = [
    "Authority, ticket and reason as they were given, in the deletion log, the request, the events of the audit trail that tell of them, and this certificate.",
    "Events by other people about the person, unless they were asked for and name the person's id as their resource.",
    "Write-ahead log and backups from before the freed bytes were removed (audit_scrub()), until they are recycled by their own schedule; copies that other systems made; the application's own tables.",
];
const COLD_REMAINS: &str = "Earlier versions that the object store keeps (versioning, object lock, replicas, backups).";
const NOT_SCRUBBED: &str = "Freed bytes in data files, until PostgreSQL reuses them, and samples that ANALYZE may have kept, until audit_scrub() removes both.";

/// `audit_deletion_certificate(p_deletion_log_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let entry = entry_argument(call, 0)?;
    let sql = storage.fill(include_str!("../../sql/deletion/certificate.sql"), &[]);
    let settings = LocalSettings::new();
    settings.set(c"TimeZone", c"UTC");
    let found = spi::find_row_with(&sql, &[parameter::uuid(entry)], |row| {
        Some((row.text(1)?, row.bool(2)?, WorkspaceId(row.uuid(3)?)))
    });
    let (facts, is_proven, workspace) = found.ok_or_else(|| super::log::unknown(entry))?;
    if !is_proven {
        return Err(Unproven::LogEntry { id: entry }.into());
    }
    let mut facts: Value = serde_json::from_str(&facts).expect("sql/deletion/certificate.sql gives JSON");
    if let Some(nodes) = cluster::removal::on_all_nodes(&storage, entry)? {
        facts["nodes"] = nodes;
    }
    facts["evidence"] = evidence::of(&storage, workspace, entry)?.into();
    Ok(Answer::Value(jsonb::from_serde(&complete(facts, &clock::now().to_string()))))
}

/// Adds to the facts what follows from them.
fn complete(mut facts: Value, issued_at: &str) -> Value {
    let is_erasure = !facts["subject_user_id"].is_null();
    let is_scrubbed = !facts["scrubbed_at"].is_null();
    let mut remains: Vec<&str> = if is_erasure { EVENTS_REMAIN.to_vec() } else { Vec::new() };
    // A purge takes whole events, of whomever.
    remains.extend(ALWAYS_REMAINS.into_iter().enumerate().filter(|(n, _)| is_erasure || *n != 1).map(|(_, what)| what));
    if !is_scrubbed {
        remains.push(NOT_SCRUBBED);
    }
    let cold = |count: &str| facts["cold"][count].as_u64().unwrap_or(0);
    let waiting = cold("objects_pending") + cold("files_to_remove");
    if waiting + cold("objects_searched") + cold("files_removed") > 0 {
        remains.push(COLD_REMAINS);
    }
    facts["is_complete"] = json!(waiting == 0);
    facts["certificate"] = json!("Deletion of audit events");
    facts["issued_at"] = json!(issued_at);
    facts["is_scrubbed"] = json!(is_scrubbed);
    facts["erased_fields"] = match is_erasure {
        true => json!(PAYLOAD.map(|column| column.name())),
        false => json!("whole events"),
    };
    facts["what_remains"] = json!(remains);
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_complete_when_the_last_file_is_removed() {
        let of = |searched, pending, to_remove, removed| {
            let cold = json!({
                "objects_searched": searched, "objects_pending": pending, "events_erased": 3,
                "files_to_remove": to_remove, "files_removed": removed,
            });
            complete(json!({"subject_user_id": "u", "scrubbed_at": "then", "cold": cold}), "now")
        };
        for (cold, is_complete, tells_of_store) in [
            (of(0, 0, 0, 0), true, false),
            (of(0, 1, 0, 0), false, true),
            (of(1, 0, 1, 0), false, true),
            (of(1, 0, 0, 1), true, true),
            (of(1, 0, 0, 0), true, true),
        ] {
            assert_eq!(cold["is_complete"], is_complete, "{}", cold["cold"]);
            let remains = cold["what_remains"].as_array().unwrap();
            assert_eq!(remains.contains(&json!(COLD_REMAINS)), tells_of_store, "{}", cold["cold"]);
        }
    }

    #[test]
    fn a_certificate_says_what_remains() {
        let erased = complete(json!({"subject_user_id": "u", "scrubbed_at": null}), "now");
        assert_eq!(erased["what_remains"].as_array().map(Vec::len), Some(6));
        assert_eq!(erased["erased_fields"][0], "old_values");
        let scrubbed = complete(json!({"subject_user_id": "u", "scrubbed_at": "then"}), "now");
        assert_eq!(scrubbed["what_remains"].as_array().map(Vec::len), Some(5));
        assert_eq!(scrubbed["is_scrubbed"], true);
        let purged = complete(json!({"subject_user_id": null, "scrubbed_at": "then"}), "now");
        assert_eq!(purged["what_remains"].as_array().map(Vec::len), Some(2));
    }
}
