//! `audit_deletion_certificate()`: what was deleted when, why, by whom, approved by which ticket, how many events of which
//! months, and what remains. Fit to hand to the person who asked: it holds no payload. The log alone proves nothing: the event that recorded the
//! removal must be in the trail.

use serde_json::{Value, json};

use super::required;
use crate::error::Error;
use crate::event::erase::PAYLOAD;
use crate::pg::call::{Answer, Call};
use crate::pg::guc::LocalSettings;
use crate::pg::{clock, datum, jsonb, spi};
use crate::storage::Storage;

const REMAINS: [&str; 3] = [
    "Per event: ids of event, user, workspace and resource, which are pseudonyms; its time, action type and resource type; when, by whom and why it was erased.",
    "The entry in the deletion log and this certificate.",
    "Write-ahead log and backups made before the deletion, until they are recycled by their own schedule; copies that other systems made.",
];
const REMAINS_AFTER_PURGE: [&str; 2] = [REMAINS[1], REMAINS[2]];
const NOT_SCRUBBED: &str = "Freed bytes in data files, until PostgreSQL reuses them or audit_scrub() removes them.";

/// `audit_deletion_certificate(p_deletion_log_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let entry = required(call, 0, "p_deletion_log_id")?;
    let sql = storage.fill(include_str!("../../sql/deletion/certificate.sql"), &[]);
    let settings = LocalSettings::new();
    settings.set(c"TimeZone", c"UTC");
    let found = spi::rows_with(&sql, &[(pgrx::pg_sys::UUIDOID, Some(entry))], |row| Some((row.text(1)?, row.bool(2)?)));
    let entry = datum::read_uuid(entry);
    let (facts, is_proven) = found.into_iter().flatten().next().ok_or_else(|| super::log::unknown(entry))?;
    if !is_proven {
        return Err(Error::Unproven { entry });
    }
    let facts = serde_json::from_str::<Value>(&facts).map_err(|_| super::log::unknown(entry))?;
    Ok(Answer::Value(jsonb::from_serde(&complete(facts, &clock::in_words(clock::now())))))
}

/// Adds to the facts what follows from them.
fn complete(mut facts: Value, issued_at: &str) -> Value {
    let is_erasure = !facts["subject_user_id"].is_null();
    let is_scrubbed = !facts["scrubbed_at"].is_null();
    let mut remains: Vec<&str> = if is_erasure { REMAINS.to_vec() } else { REMAINS_AFTER_PURGE.to_vec() };
    if !is_scrubbed {
        remains.push(NOT_SCRUBBED);
    }
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
    fn a_certificate_says_what_remains() {
        let erased = complete(json!({"subject_user_id": "u", "scrubbed_at": null}), "now");
        assert_eq!(erased["what_remains"].as_array().map(Vec::len), Some(4));
        assert_eq!(erased["erased_fields"][0], "old_values");
        let scrubbed = complete(json!({"subject_user_id": "u", "scrubbed_at": "then"}), "now");
        assert_eq!(scrubbed["what_remains"].as_array().map(Vec::len), Some(3));
        assert_eq!(scrubbed["is_scrubbed"], true);
        let purged = complete(json!({"subject_user_id": null, "scrubbed_at": "then"}), "now");
        assert_eq!(purged["what_remains"].as_array().map(Vec::len), Some(2));
    }
}
