//! The steps of objects. Each is a transaction of its own, so nothing is held while bytes are on their way.

use audit_core::deletion::voucher;
use bytes::Bytes;
use postgres::CopyOutReader;
use postgres::types::Json;
use serde_json::Value;
use uuid::Uuid;

use super::chunk::{Sent, answered};
use super::copy::Chunks;
use super::{Database, DatabaseError};
use crate::file::{COLUMN_NAMES, MAX_EVENTS, Manifest};

/// A month that may go to cold storage, unless something is in its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    pub workspace_id: Uuid,
    /// Its first day.
    pub month: String,
    pub event_count: i64,
    pub obstacle: Option<String>,
}

/// An object whose file may be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    pub id: Uuid,
    pub path: String,
}

/// By whose authority events leave the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grounds {
    pub authority: String,
    pub ticket: String,
}

impl Database {
    pub fn due(&mut self, workspace: Option<Uuid>, min_events: Option<i32>) -> Result<Vec<Due>, DatabaseError> {
        let sql = "SELECT workspace_id, month::text, event_count, obstacle \
             FROM audit_cold_due($1, coalesce($2, 100)) ORDER BY workspace_id, month";
        let rows = self.rows(sql, &[&workspace, &min_events])?;
        let due = rows.iter().map(|row| Due {
            workspace_id: row.get(0),
            month: row.get(1),
            event_count: row.get(2),
            obstacle: row.get(3),
        });
        Ok(due.collect())
    }

    pub fn begin(
        &mut self,
        workspace: Uuid,
        month: &str,
        store: &str,
        replaces: Option<Uuid>,
    ) -> Result<Begun, DatabaseError> {
        let sql = "SELECT object_id, path FROM begin_audit_cold_object($1, $2::text::date, $3, $4)";
        let row = self.row(sql, &[&workspace, &month, &store, &replaces])?;
        Ok(Begun { id: row.get(0), path: row.get(1) })
    }

    /// The archived events of a month, as one statement sees them after the object was begun: but for those that are in cold storage already, and those
    /// that vouch for a deletion, which stay.
    pub fn events(&mut self, workspace: Uuid, month: &str) -> Result<Chunks<CopyOutReader<'_>>, DatabaseError> {
        let columns = COLUMN_NAMES.map(|name| format!("event.{name}")).join(", ");
        let actions = voucher::ACTIONS.map(|action| format!("'{action}'")).join(", ");
        // COPY takes no parameters. The month is what audit_cold_due() gave.
        let month = month.replace('\'', "''");
        let sql = format!(
            "COPY (SELECT {columns} FROM audit_events_archive AS event WHERE event.workspace_id = '{workspace}' \
             AND event.created_at >= (date '{month}')::timestamp AT TIME ZONE 'UTC' \
             AND event.created_at < (date '{month}' + interval '1 month') AT TIME ZONE 'UTC' \
             AND NOT EXISTS (SELECT FROM audit_cold_loans AS loan WHERE loan.workspace_id = event.workspace_id \
               AND loan.created_at = event.created_at AND loan.event_id = event.id) \
             AND NOT (event.action_type IN ({actions}) AND EXISTS (SELECT FROM audit_deletion_log AS entry \
               WHERE entry.id = event.resource_id AND (entry.workspace_id = event.workspace_id \
               OR entry.kind = 'offboarding' AND event.workspace_id = '00000000-0000-0000-0000-000000000000'))) \
             ORDER BY event.workspace_id, event.created_at, event.id LIMIT {MAX_EVENTS}) TO STDOUT (FORMAT binary)"
        );
        Ok(Chunks::of(self.client.copy_out(&sql)?))
    }

    /// The newest checkpoint; None where nothing was ever sealed.
    pub fn evidence(&mut self) -> Result<Option<Value>, DatabaseError> {
        let has_seals = self.row("SELECT EXISTS (SELECT FROM audit_log_seals)", &[])?.get::<_, bool>(0);
        match has_seals {
            false => Ok(None),
            true => Ok(self.row("SELECT audit_checkpoint()", &[])?.get::<_, Option<String>>(0).map(Value::String)),
        }
    }

    pub fn store(&mut self, manifest: &Manifest) -> Result<(), DatabaseError> {
        self.row("SELECT store_audit_cold_object($1, $2)", &[&manifest.object, &Json(manifest)])?;
        Ok(())
    }

    /// The object of the manifest takes the place of the one that it replaces.
    pub fn replace(&mut self, replaced: Uuid, manifest: &Manifest) -> Result<(), DatabaseError> {
        self.row("SELECT replace_audit_cold_object($1, $2)", &[&replaced, &Json(manifest)])?;
        Ok(())
    }

    /// How many events left, and the entry of the log.
    pub fn release(&mut self, object: Uuid, grounds: &Grounds) -> Result<(i64, Uuid), DatabaseError> {
        let sql =
            "SELECT released_count, deletion_log_id FROM release_audit_cold_object($1, $2, $3::text::audit_ticket)";
        let row = self.row(sql, &[&object, &grounds.authority, &grounds.ticket])?;
        Ok((row.get(0), row.get(1)))
    }

    /// Gives the room of released events back to the disk.
    pub fn reclaim(&mut self, entry: Uuid) -> Result<(), DatabaseError> {
        self.row("SELECT audit_scrub($1)", &[&entry])?;
        Ok(())
    }

    /// How many events of the chunk were not in the database.
    pub fn restore(
        &mut self,
        object: Uuid,
        chunk: usize,
        events: Vec<u8>,
        ids: Option<&[Uuid]>,
    ) -> Result<i64, DatabaseError> {
        let sql = "SELECT restore_audit_cold_events($1, $2, $3, $4)";
        Ok(self.row_aside(sql, &[&object, &(chunk as i32), &Sent::new(events), &ids])?.get(0))
    }

    /// How many loans were returned, and the entry of the log, if there were any.
    pub fn give_back(
        &mut self,
        workspace: Uuid,
        grounds: &Grounds,
        older_than: Option<&str>,
    ) -> Result<(i64, Option<Uuid>), DatabaseError> {
        let sql = "SELECT returned_count, deletion_log_id FROM return_audit_cold_loans($1, $2, $3::text::audit_ticket, \
             coalesce($4::text::interval, interval '30 days'))";
        let row = self.row(sql, &[&workspace, &grounds.authority, &grounds.ticket, &older_than])?;
        Ok((row.get(0), row.get(1)))
    }

    /// The events of a chunk after what is to be erased in it; None: nothing is.
    pub fn erase(&mut self, object: Uuid, chunk: usize, events: Vec<u8>) -> Result<Option<Bytes>, DatabaseError> {
        let sql = "SELECT erase_audit_cold_chunk($1, $2, $3)";
        Ok(answered(self.row_aside(sql, &[&object, &(chunk as i32), &Sent::new(events)])?))
    }

    pub fn discard(&mut self, object: Uuid, reason: &str) -> Result<(), DatabaseError> {
        self.row("SELECT discard_audit_cold_object($1, $2)", &[&object, &reason])?;
        Ok(())
    }

    pub fn confirm_removed(&mut self, object: Uuid) -> Result<(), DatabaseError> {
        self.row("SELECT confirm_audit_cold_removed($1)", &[&object])?;
        Ok(())
    }

    pub fn report_check(&mut self, object: Uuid, result: &str, detail: Option<&str>) -> Result<(), DatabaseError> {
        self.row("SELECT report_audit_cold_check($1, $2, $3)", &[&object, &result, &detail])?;
        Ok(())
    }
}
