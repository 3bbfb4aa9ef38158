//! The deletion log: what left the hot trail or was erased, when, why and by whom. It holds no payload.
//!
//! The id of an entry is made of its content, the digest of its list included ([`audit_evidence::deletion`]). The event that records a deletion
//! names both id and digest, so whoever can trust the event can trust the entry and its list.

use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::catalogue::{DELETION_LOG, DELETION_MONTHS};
use audit_core::deletion::authorised::Authorised;
use audit_core::ids::{UserId, WorkspaceId};
use audit_core::tally::Tally;
use audit_core::time::{Span, Timestamp};
use audit_evidence::deletion::{Entry as Content, Operation, Value};
use pgrx::pg_sys::{BOOLOID, UUIDARRAYOID};
use serde_json::json;
use uuid::Uuid;

use super::list::List;
use super::{Done, MonthlyTallies};
pub use crate::cluster::author::Author;
use crate::error::Error;
use crate::pg::datum::Datum;
use crate::pg::role::Acting;
use crate::pg::{array, datum, jsonb, parameter, printed, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::{Interference, Storage};

/// What one entry says; who did it is added.
pub struct Entry {
    pub at: Timestamp,
    pub workspace: WorkspaceId,
    pub subject: Option<UserId>,
    pub authority: String,
    pub reason: String,
    pub ticket: Option<String>,
    /// None: no event was concerned.
    pub tally: Option<Tally>,
    pub is_irrevocable: bool,
    /// None: no event was taken.
    pub list: Option<List>,
    /// What the other columns do not tell; see [`audit_evidence::deletion::Entry::operation`].
    pub kind: Option<&'static str>,
    pub reach: Reach,
    /// Who did it; None: whoever acts now.
    pub by: Option<Author>,
}

/// How far a deletion reached: what a restored database needs to carry it out again, and what it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The entry of the whole, of which this is the part of one workspace.
    pub parent: Option<Uuid>,
    /// Of an erasure: whether it is of events about the person, too.
    pub about: Option<bool>,
    /// No event that was created later was taken.
    pub cutoff: Option<Timestamp>,
    /// The workspaces that were left out, because they are held.
    pub held: Vec<WorkspaceId>,
}

impl Reach {
    /// The value of `held_workspaces`.
    fn held(&self) -> Option<Datum<'static>> {
        let held: Vec<Uuid> = self.held.iter().copied().map(Uuid::from).collect();
        (!held.is_empty()).then(|| array::from_uuids(&held))
    }
}

/// The kind of an entry whose events went to cold storage.
pub const COLD: &str = "cold";

impl Entry {
    /// For events that were removed for good; the tally follows.
    pub fn of_removal<What>(authorised: &Authorised<What>, subject: Option<UserId>, at: Timestamp) -> Entry {
        Entry {
            at,
            workspace: authorised.workspace(),
            subject,
            authority: authorised.grounds().authority().to_owned(),
            reason: authorised.grounds().in_words(),
            ticket: Some(authorised.grounds().ticket().to_owned()),
            tally: None,
            is_irrevocable: true,
            list: None,
            kind: None,
            reach: Reach::default(),
            by: None,
        }
    }

    fn count(&self) -> u64 {
        self.tally.map_or(0, |tally| tally.count)
    }

    /// What its id is made of.
    fn content(&self, at: Timestamp, by: &Author) -> Content {
        let text = |text: Option<&str>| text.map_or(Value::Null, |text| Value::Text(text.to_owned()));
        let uuid = |id: Option<Uuid>| id.map_or(Value::Null, |id| Value::Text(id.to_string()));
        let time = |time: Option<Timestamp>| {
            time.map_or(Value::Null, |time| Value::Text(printed::text(datum::from_time(time))))
        };
        let columns = [
            ("deleted_at", time(Some(at))),
            ("deleted_by_user_id", uuid(by.user)),
            ("deleted_by_role", text(Some(&by.session_user))),
            ("acting_role", text(Some(&by.role))),
            ("workspace_id", uuid(Some(self.workspace.0))),
            ("subject_user_id", uuid(self.subject.map(Uuid::from))),
            ("deletion_authority", text(Some(&self.authority))),
            ("deletion_reason", text(Some(&self.reason))),
            ("approval_ticket_id", text(self.ticket.as_deref())),
            ("event_count", Value::Count(self.count() as i64)),
            ("oldest_event_at", time(self.tally.map(|tally| tally.oldest))),
            ("newest_event_at", time(self.tally.map(|tally| tally.newest))),
            ("is_irrevocable", Value::Bool(self.is_irrevocable)),
            ("event_ids_sha256", text(self.list.map(|list| list.digest.to_hex()).as_deref())),
            ("kind", text(self.kind)),
            ("parent_id", uuid(self.reach.parent)),
            ("include_events_about_user", self.reach.about.map_or(Value::Null, Value::Bool)),
            ("cutoff", time(self.reach.cutoff)),
            ("held_workspaces", self.reach.held().map_or(Value::Null, |held| Value::Text(printed::text(held)))),
        ];
        Content::new(columns.map(|(name, value)| (name.to_owned(), value))).expect("all columns of an entry are there")
    }
}

/// Writes an entry and gives what it became.
pub fn write(storage: &Storage, entry: &Entry) -> Result<Content, Error> {
    let _owner = Acting::as_owner(storage.owner);
    let by = entry.by.clone().unwrap_or_else(Author::acting);
    let _permit = storage.writing(DELETION_LOG)?;
    let stored = first_stored(entry.at, entry.list.is_some(), |at| insert(storage, entry, at, &by));
    Ok(stored.ok_or(Interference::Suppressed { table: DELETION_LOG })?)
}

/// Nothing if the log has an entry with this content.
fn insert(storage: &Storage, entry: &Entry, at: Timestamp, by: &Author) -> Option<Content> {
    let content = entry.content(at, by);
    let sql = format!(
        "INSERT INTO {} (id, deleted_at, deleted_by_user_id, deleted_by_role, acting_role, workspace_id, subject_user_id, \
         deletion_authority, deletion_reason, approval_ticket_id, event_count, oldest_event_at, newest_event_at, \
         is_irrevocable, event_list_id, event_ids_sha256, kind, parent_id, include_events_about_user, cutoff, held_workspaces) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
         ON CONFLICT DO NOTHING",
        storage.qualified(DELETION_LOG)
    );
    let values = [
        parameter::uuid(content.id()),
        parameter::time(at),
        parameter::uuid(by.user),
        parameter::text(&by.session_user),
        parameter::text(&by.role),
        parameter::uuid(entry.workspace),
        parameter::uuid(entry.subject.map(Uuid::from)),
        parameter::text(&entry.authority),
        parameter::text(&entry.reason),
        parameter::text_or_null(entry.ticket.as_deref()),
        parameter::count(entry.count()),
        parameter::time(entry.tally.map(|tally| tally.oldest)),
        parameter::time(entry.tally.map(|tally| tally.newest)),
        parameter::bool(entry.is_irrevocable),
        parameter::uuid(entry.list.map(|list| list.id)),
        parameter::bytes_or_null(entry.list.as_ref().map(|list| &list.digest.0[..])),
        parameter::text_or_null(entry.kind),
        parameter::uuid(entry.reach.parent),
        (BOOLOID, entry.reach.about.map(datum::from_bool)),
        parameter::time(entry.reach.cutoff),
        (UUIDARRAYOID, entry.reach.held()),
    ];
    (spi::count_with(&sql, &values) == 1).then_some(content)
}

/// How many times an entry is tried, each a microsecond later. So many entries of one moment do not come about by a clock that was set back; somebody
/// suppresses the row.
const SAME_MOMENT: i64 = 100;

/// A list makes an entry distinct, for no event is taken twice. Entries without one may have all in common, down to the microsecond where the clock was
/// set back; then the later one is dated a microsecond later. No row bears its time.
fn first_stored<T>(at: Timestamp, has_list: bool, store: impl FnMut(Timestamp) -> Option<T>) -> Option<T> {
    let most = if has_list { 1 } else { SAME_MOMENT };
    (0..most).map(|later| at + Span::microseconds(later)).find_map(store)
}

/// Writes the months of a deletion and records it as an event of the workspace.
pub fn removal(storage: &Rc<Storage>, entry: Entry, months: &MonthlyTallies) -> Result<Done, Error> {
    let tally = months.values().copied().reduce(Tally::plus);
    let entry = Entry { tally, ..entry };
    let content = write(storage, &entry)?;
    write_months(storage, content.id(), months)?;
    let mut details = json!({
        "authority": entry.authority,
        "approval_ticket_id": entry.ticket,
        "event_count": entry.count(),
        "oldest_event_at": tally.map(|tally| tally.oldest.to_string()),
        "newest_event_at": tally.map(|tally| tally.newest.to_string()),
    });
    if let Some(parent) = entry.reach.parent {
        details["parent_id"] = json!(parent.to_string());
    }
    vouch(storage, &content, entry.workspace, &details)?;
    Ok(Done { count: entry.count(), entry: content.id() })
}

/// Records the event that vouches for an entry: it names the entry's id and digest in columns that no erasure takes.
pub fn vouch(
    storage: &Rc<Storage>,
    content: &Content,
    workspace: WorkspaceId,
    details: &serde_json::Value,
) -> Result<(), Error> {
    let Some(action_type) = content.operation().and_then(Operation::action) else { return Ok(()) };
    system_event::record(
        storage,
        &SystemEvent {
            action_type,
            resource_type: &content.resource_type(),
            resource_id: Some(content.id()),
            workspace_id: Some(datum::from_uuid(&workspace.0)),
            old_values: None,
            new_values: Some(jsonb::from_serde(details)),
        },
    )
}

/// What the certificate tells of the months must not depend on rows that a later purge removes.
pub fn write_months(storage: &Storage, entry: Uuid, months: &MonthlyTallies) -> Result<(), Error> {
    let _owner = Acting::as_owner(storage.owner);
    let sql = format!(
        "INSERT INTO {} (deletion_log_id, month, event_count) VALUES ($1, pg_catalog.make_date($2, $3, 1), $4)",
        storage.qualified(DELETION_MONTHS)
    );
    let _permit = storage.writing(DELETION_MONTHS)?;
    for (month, tally) in months {
        let values = [
            parameter::uuid(entry),
            parameter::int4(month.year()),
            parameter::int4(month.number()),
            parameter::count(tally.count),
        ];
        spi::count_with(&sql, &values);
    }
    Ok(())
}

/// There is no irrevocable deletion of this id.
pub fn unknown(entry: Uuid) -> Argument {
    Argument::new("p_deletion_log_id")
        .problem(format!("{entry} is no erasure or purge"))
        .hint("SELECT id FROM audit_deletion_log WHERE is_irrevocable shows them.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::deletion::voucher;

    #[test]
    fn two_deletions_of_nothing_at_one_moment_differ() {
        let mut log = Vec::new();
        let now = Timestamp::from_microseconds(7);
        let mut write = |has_list| {
            first_stored(now, has_list, |at| {
                let is_new = !log.contains(&at);
                log.push(at);
                is_new.then_some(at.microseconds())
            })
        };
        assert_eq!([write(false), write(false), write(false)], [Some(7), Some(8), Some(9)]);
        assert_eq!(write(true), None, "the rows of a list bear its time");
    }

    #[test]
    fn the_events_that_vouch_are_those_that_are_never_removed() {
        for operation in [Operation::Erasure, Operation::Purge, Operation::Adoption, Operation::ColdRelease] {
            let action = operation.action().expect("it is told by an event");
            assert!(voucher::is_action(action.as_bytes()), "{action}");
        }
    }
}
