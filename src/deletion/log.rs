//! The deletion log: what left the hot trail or was erased, when, why and by whom. It holds no payload.

use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::catalogue::{DELETION_LOG, DELETION_MONTHS};
use audit_core::deletion::authorised::Authorised;
use audit_core::ids::{UserId, WorkspaceId};
use audit_core::tally::Tally;
use audit_core::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{Done, MonthlyTallies};
use crate::error::Error;
use crate::pg::role::Acting;
use crate::pg::{datum, jsonb, parameter, role, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::request;
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
}

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
        }
    }
}

/// Writes an entry and gives its id.
pub fn write(storage: &Storage, entry: &Entry) -> Result<Uuid, Error> {
    let _owner = Acting::as_owner(storage.owner);
    let sql = format!(
        "INSERT INTO {} (deleted_at, deleted_by_user_id, deleted_by_role, acting_role, workspace_id, subject_user_id, \
         deletion_authority, deletion_reason, approval_ticket_id, event_count, oldest_event_at, newest_event_at, \
         is_irrevocable) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
        storage.qualified(DELETION_LOG)
    );
    let values = [
        parameter::time(entry.at),
        parameter::uuid(request::user().map(Uuid::from)),
        parameter::text(&role::name(role::session_user())),
        parameter::text(&role::name(role::outer_user())),
        parameter::uuid(entry.workspace),
        parameter::uuid(entry.subject.map(Uuid::from)),
        parameter::text(&entry.authority),
        parameter::text(&entry.reason),
        parameter::text_or_null(entry.ticket.as_deref()),
        parameter::count(entry.tally.map_or(0, |tally| tally.count)),
        parameter::time(entry.tally.map(|tally| tally.oldest)),
        parameter::time(entry.tally.map(|tally| tally.newest)),
        parameter::bool(entry.is_irrevocable),
    ];
    let _permit = storage.writing(DELETION_LOG)?;
    let id = spi::first_row_with(&sql, &values, |row| row.uuid(1));
    Ok(id.ok_or(Interference::Suppressed { table: DELETION_LOG })?)
}

/// Logs a removal with its months, and records it as an event of the workspace.
pub fn removal(storage: &Rc<Storage>, entry: Entry, months: &MonthlyTallies) -> Result<Done, Error> {
    let tally = months.values().copied().reduce(Tally::plus);
    let entry = Entry { tally, ..entry };
    let id = write(storage, &entry)?;
    write_months(storage, id, months)?;
    let count = tally.map_or(0, |tally| tally.count);
    let details = json!({
        "authority": entry.authority,
        "approval_ticket_id": entry.ticket,
        "event_count": count,
        "oldest_event_at": tally.map(|tally| tally.oldest.to_string()),
        "newest_event_at": tally.map(|tally| tally.newest.to_string()),
    });
    system_event::record(
        storage,
        &SystemEvent {
            // The certificate asks for this event (`sql/deletion/certificate.sql`).
            action_type: if entry.subject.is_some() { "AUDIT_EVENTS_ERASED" } else { "AUDIT_EVENTS_PURGED" },
            resource_type: DELETION_LOG,
            resource_id: Some(id),
            workspace_id: Some(datum::from_uuid(&entry.workspace.0)),
            old_values: None,
            new_values: Some(jsonb::from_serde(&details)),
        },
    )?;
    Ok(Done { count, entry: id })
}

/// What the certificate tells of the months must not depend on rows that a later purge removes.
fn write_months(storage: &Storage, entry: Uuid, months: &MonthlyTallies) -> Result<(), Error> {
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
