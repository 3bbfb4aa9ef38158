//! The journal of deletions: a line for each erasure and purge, with its list, so that a database which is restored from an older backup can carry it out
//! again. It holds no payload.
//!
//! A line vouches for itself: its id is made of its content, and the content has the digest of the list. So whoever changes a line makes another entry of it.

use serde::Deserialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::base64;
use crate::checkpoint::parse_uuid;
use crate::deletion::{ADOPTION, Entry, ListWriter, Listed, Operation, read_part};

/// An entry with its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    pub entry: Entry,
    /// Erasure or purge.
    pub operation: Operation,
    pub listed: Vec<Listed>,
}

/// What is wrong with an element of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    entry: Entry,
    event_ids: Vec<String>,
}

/// A line, without its end. `parts` are those of the list.
pub fn line(entry: &Entry, parts: &[Vec<u8>]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("\"{}\"", base64::encode(part))).collect();
    format!(r#"{{"id":"{}","entry":{},"event_ids":[{}]}}"#, entry.id(), entry.canonical(), parts.join(","))
}

/// The authority of the archive job; nobody else may use it.
const RETENTION_POLICY: &str = "RETENTION_POLICY";
const UUIDS: [&str; 4] = ["deleted_by_user_id", "parent_id", "subject_user_id", "workspace_id"];
const TIMES: [&str; 4] = ["cutoff", "deleted_at", "newest_event_at", "oldest_event_at"];

impl Deletion {
    pub fn read(element: Json) -> Result<Deletion, Malformed> {
        let Ok(Line { id, entry, event_ids }) = Line::deserialize(element) else {
            return Err(Malformed("it must have id, entry and event_ids, as export_audit_deletions() writes them"));
        };
        let entry = entry.checked().map_err(|_| Malformed("its entry is none of the deletion log"))?;
        if parse_uuid(&id) != Some(entry.id()) {
            return Err(Malformed("its id is not that of its content: it was changed"));
        }
        let operation = entry
            .operation()
            .filter(|operation| matches!(operation, Operation::Erasure | Operation::Purge) && entry.is_irrevocable());
        let operation = operation.ok_or(Malformed("its entry is neither an erasure nor a purge"))?;
        if !has_sound_columns(&entry) {
            return Err(Malformed("its entry has an odd value"));
        }
        let listed =
            read_list(&entry, &event_ids).ok_or(Malformed("its list is not that of its entry: it was changed"))?;
        Ok(Deletion { entry, operation, listed })
    }
}

/// The events of a list, if it is the one that the entry names and counts.
fn read_list(entry: &Entry, parts: &[String]) -> Option<Vec<Listed>> {
    let (mut listed, mut writer) = (Vec::new(), ListWriter::default());
    for part in parts {
        for event in read_part(&base64::decode(part)?)? {
            writer.push(event);
            listed.push(event);
        }
    }
    let digest = writer.finish().map(|(_, _, digest)| digest.to_hex());
    let is_its = digest.as_deref() == entry.list_digest() && entry.count() == i64::try_from(listed.len()).ok();
    is_its.then_some(listed)
}

/// Whether the database can store the columns as what they are.
fn has_sound_columns(entry: &Entry) -> bool {
    let authority = entry.text("deletion_authority").unwrap_or_default().trim();
    let is_reserved = [ADOPTION, RETENTION_POLICY].iter().any(|reserved| reserved.eq_ignore_ascii_case(authority));
    let all = |columns: &[&str], is_sound: fn(&str) -> bool| {
        columns.iter().all(|column| entry.text(column).is_none_or(is_sound))
    };
    !authority.is_empty()
        && !is_reserved
        && all(&UUIDS, |text| parse_uuid(text).is_some())
        && all(&TIMES, is_time)
        && all(&["held_workspaces"], is_array_of_uuids)
        && ["deleted_at", "deleted_by_role", "acting_role"].iter().all(|column| entry.text(column).is_some())
}

fn is_array_of_uuids(text: &str) -> bool {
    let elements = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    elements.is_some_and(|elements| elements.split(',').all(|element| parse_uuid(element).is_some()))
}

/// As PostgreSQL prints a time in UTC.
fn is_time(text: &str) -> bool {
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let text = text.strip_suffix(" BC").unwrap_or(text);
    let Some((date, time)) = text.strip_suffix("+00").and_then(|text| text.split_once(' ')) else { return false };
    let date: Vec<Option<u32>> = date.split('-').map(number).collect();
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let time: Vec<Option<u32>> = time.split(':').map(number).collect();
    let is_date = match date[..] {
        [Some(year @ 1..=294_275), Some(month @ 1..=12), Some(day)] => (1..=days_of(year, month)).contains(&day),
        _ => false,
    };
    let is_hour = matches!(time[..], [Some(0..24), Some(0..60), Some(0..60)]);
    is_date && is_hour && fraction.len() <= 6 && number(fraction).is_some()
}

fn days_of(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The id of each event.
pub fn ids(listed: &[Listed]) -> impl Iterator<Item = Uuid> {
    listed.iter().map(|event| event.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::Value;
    use crate::hash::Hash;
    use serde_json::json;

    fn sample() -> (Entry, Vec<Vec<u8>>) {
        let mut writer = ListWriter::default();
        let events = (0..200u8).map(|n| Listed { id: Uuid::from_u128(n.into()), leaf: Some(Hash([n; 32])) });
        let mut parts: Vec<Vec<u8>> = events.filter_map(|event| writer.push(event)).collect();
        let (last, count, digest) = writer.finish().unwrap();
        parts.push(last);
        let text = |text: &str| Value::Text(text.to_owned());
        let columns = [
            ("acting_role", text("officer")),
            ("approval_ticket_id", text("T-1")),
            ("deleted_at", text("2026-10-27 08:00:00.5+00")),
            ("deleted_by_role", text("officer")),
            ("deleted_by_user_id", Value::Null),
            ("deletion_authority", text("GDPR")),
            ("deletion_reason", text("a \"letter\"")),
            ("event_count", Value::Count(count)),
            ("event_ids_sha256", text(&digest.to_hex())),
            ("is_irrevocable", Value::Bool(true)),
            ("newest_event_at", text("2026-10-26 08:00:00+00")),
            ("oldest_event_at", text("2024-02-29 08:00:00+00")),
            ("subject_user_id", text("00000000-0000-4000-8000-000000000070")),
            ("workspace_id", text("00000000-0000-4000-8000-000000000001")),
            ("include_events_about_user", Value::Bool(false)),
            ("cutoff", text("2026-10-27 08:00:00.5+00")),
        ];
        (Entry::new(columns.map(|(name, value)| (name.to_owned(), value))).unwrap(), parts)
    }

    fn element() -> Json {
        let (entry, parts) = sample();
        serde_json::from_str(&line(&entry, &parts)).unwrap()
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let (entry, _) = sample();
        let deletion = Deletion::read(element()).unwrap();
        assert_eq!((&deletion.entry, deletion.operation, deletion.listed.len()), (&entry, Operation::Erasure, 200));
        assert_eq!(ids(&deletion.listed).last(), Some(Uuid::from_u128(199)));
    }

    /// Gives the line another id if it is to fit the changed content.
    fn changed(change: impl Fn(&mut Json), is_forged: bool) -> Result<Deletion, Malformed> {
        let mut element = element();
        change(&mut element);
        if is_forged {
            let entry: Entry = serde_json::from_value(element["entry"].clone()).unwrap();
            element["id"] = json!(entry.id().to_string());
        }
        Deletion::read(element)
    }

    #[test]
    fn whatever_is_changed_is_noticed() {
        let was_changed = Err(Malformed("its id is not that of its content: it was changed"));
        for (column, value) in [
            ("cutoff", json!("2027-10-27 08:00:00.5+00")),
            ("workspace_id", json!("00000000-0000-4000-8000-000000000002")),
            ("subject_user_id", json!("00000000-0000-4000-8000-000000000071")),
            ("include_events_about_user", json!(true)),
            ("event_count", json!(199)),
            ("kind", json!("erasure")),
        ] {
            assert_eq!(changed(|line| line["entry"][column] = value.clone(), false), was_changed, "{column}");
        }
        let other_list = Err(Malformed("its list is not that of its entry: it was changed"));
        for parts in [json!([]), json!([element()["event_ids"][0]]), json!(["AA=="]), json!(["?"])] {
            assert_eq!(changed(|line| line["event_ids"] = parts.clone(), false), other_list, "{parts}");
        }
    }

    #[test]
    fn what_is_made_up_must_be_an_erasure_or_a_purge_that_can_be_stored() {
        let odd = "its entry has an odd value";
        for (column, value, problem) in [
            ("is_irrevocable", json!(false), "its entry is neither an erasure nor a purge"),
            ("kind", json!("cold"), "its entry is neither an erasure nor a purge"),
            ("deletion_authority", json!(" adoption "), odd),
            ("deletion_authority", json!(" "), odd),
            ("cutoff", json!("2026-02-29 08:00:00+00"), odd),
            ("cutoff", json!("infinity"), odd),
            ("deleted_at", json!("2026-02-28T08:00:00Z"), odd),
            ("deleted_by_user_id", json!("x"), odd),
            ("held_workspaces", json!("{x}"), odd),
            ("acting_role", json!(null), odd),
            ("event_count", json!(201), "its list is not that of its entry: it was changed"),
        ] {
            let forged = changed(|line| line["entry"][column] = value.clone(), true);
            assert_eq!(forged.map(|_| ()), Err(Malformed(problem)), "{column} {value}");
        }
        for element in [json!(null), json!(1), json!({}), json!({"id": "x", "entry": {}, "event_ids": []})] {
            assert!(Deletion::read(element).is_err());
        }
        let more = changed(|line| line["more"] = json!(1), false);
        assert!(more.is_err(), "nothing is ignored");
    }

    #[test]
    fn times_are_those_that_postgresql_prints() {
        for time in [
            "2026-11-29 08:05:00+00",
            "0044-03-15 12:00:00.123456+00 BC",
            "12026-01-01 00:00:00.5+00",
            "2024-02-29 00:00:00+00",
        ] {
            assert!(is_time(time), "{time}");
        }
        for other in [
            "2026-13-01 00:00:00+00",
            "2026-04-31 00:00:00+00",
            "2026-11-29 24:00:00+00",
            "2026-11-29 08:05:00+01",
            "2026-11-29 08:05:00.1234567+00",
            "+026-11-29 08:05:00+00",
            "",
        ] {
            assert!(!is_time(other), "{other}");
        }
    }
}
