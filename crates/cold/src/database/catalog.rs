//! What the catalog knows of objects.

use postgres::Row;
use serde_json::Value;
use uuid::Uuid;

use super::{Database, DatabaseError};
use crate::file::{ChunkEntry, Hash};

/// An object as it is in the catalog.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Object {
    pub id: Uuid,
    pub workspace_id: Uuid,
    /// As `2026-01`.
    pub month: String,
    pub store: String,
    pub path: String,
    pub state: String,
    pub replaces: Option<Uuid>,
    pub event_count: i64,
    pub file_bytes: i64,
    pub file_sha256: Option<Hash>,
    pub checked_at: Option<String>,
    pub check_result: Option<String>,
}

/// Which objects are meant.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Selection {
    pub workspace: Option<Uuid>,
    /// Its first day.
    pub month: Option<String>,
    pub object: Option<Uuid>,
    pub store: Option<String>,
}

const COLUMNS: &str = "object_id, workspace_id, to_char(month, 'YYYY-MM'), store, path, state, replaces, coalesce(event_count, 0), \
     coalesce(file_bytes, 0), file_sha256, to_char(checked_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), check_result";

const SELECTED: &str = "($1::uuid IS NULL OR workspace_id = $1) AND ($2::text IS NULL OR month = $2::text::date) \
     AND ($3::uuid IS NULL OR object_id = $3) AND ($4::text IS NULL OR store = $4)";

fn object(row: &Row) -> Object {
    let sha256: Option<&[u8]> = row.get(9);
    Object {
        id: row.get(0),
        workspace_id: row.get(1),
        month: row.get(2),
        store: row.get(3),
        path: row.get(4),
        state: row.get(5),
        replaces: row.get(6),
        event_count: row.get(7),
        file_bytes: row.get(8),
        file_sha256: sha256.and_then(Hash::from_bytes),
        checked_at: row.get(10),
        check_result: row.get(11),
    }
}

impl Database {
    /// Selected objects in these states, those of which `condition` is true.
    fn objects_where(
        &mut self,
        selection: &Selection,
        states: &[&str],
        condition: &str,
        parameter: &str,
    ) -> Result<Vec<Object>, DatabaseError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM audit_cold_objects AS object WHERE {SELECTED} AND state = ANY ($5) \
             AND ($6::text IS NULL OR {condition}) ORDER BY workspace_id, month, opened_at, object_id"
        );
        let Selection { workspace, month, object: id, store } = selection;
        let rows = self.rows(&sql, &[workspace, month, id, store, &states, &parameter])?;
        Ok(rows.iter().map(object).collect())
    }

    pub fn objects(&mut self, selection: &Selection, states: &[&str]) -> Result<Vec<Object>, DatabaseError> {
        self.objects_where(selection, states, "true", "")
    }

    /// Some of the objects whose file is in a store by what the catalog knows, the newest first.
    pub fn kept_in(&mut self, store: &str, most: i64) -> Result<Vec<Object>, DatabaseError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM audit_cold_objects WHERE store = $1 AND state IN ('stored', 'released') \
             ORDER BY stored_at DESC, object_id LIMIT $2"
        );
        Ok(self.rows(&sql, &[&store, &most])?.iter().map(object).collect())
    }

    /// Condemned objects, those that were condemned before the time that is to be kept.
    pub fn removable(&mut self, selection: &Selection, keep: &str) -> Result<Vec<Object>, DatabaseError> {
        self.objects_where(selection, &["condemned"], "condemned_at <= clock_timestamp() - $6::text::interval", keep)
    }

    /// Released objects that an erasure has not reached.
    pub fn erasable(&mut self, selection: &Selection) -> Result<Vec<Object>, DatabaseError> {
        let pending = "EXISTS (SELECT FROM audit_cold_erasures AS erasure \
             WHERE erasure.object_id = object.object_id AND NOT erasure.is_done)";
        self.objects_where(selection, &["released"], pending, "")
    }

    /// Released objects of a workspace some of whose events are on loan.
    pub fn lending(&mut self, workspace: Uuid) -> Result<Vec<Object>, DatabaseError> {
        let lent = "EXISTS (SELECT FROM audit_cold_loans AS loan WHERE loan.object_id = object.object_id)";
        self.objects_where(&Selection { workspace: Some(workspace), ..Default::default() }, &["released"], lent, "")
    }

    pub fn is_erasure_pending(&mut self, object: Uuid) -> Result<bool, DatabaseError> {
        let sql = "SELECT EXISTS (SELECT FROM audit_cold_erasures WHERE object_id = $1 AND NOT is_done)";
        Ok(self.row(sql, &[&object])?.get(0))
    }

    /// Released objects among whose times that of an event is.
    pub fn around(&mut self, selection: &Selection, microseconds: i64) -> Result<Vec<Object>, DatabaseError> {
        // An id tells the time to the microsecond, or, if it was made elsewhere, to the millisecond.
        let within = "timestamptz 'epoch' + $6::text::bigint * interval '1 microsecond' \
             BETWEEN first_created_at - interval '1 ms' AND last_created_at + interval '1 ms'";
        self.objects_where(selection, &["released"], within, &microseconds.to_string())
    }

    /// What bytes of an object must be.
    pub fn chunks(&mut self, object: Uuid) -> Result<Vec<ChunkEntry>, DatabaseError> {
        let sql = "SELECT event_count, byte_count, sha256 FROM audit_cold_chunks WHERE object_id = $1 ORDER BY chunk";
        let rows = self.rows(sql, &[&object])?;
        let entries = rows.iter().map(|row| {
            let [events, bytes] = [0, 1].map(|place| row.get::<_, i64>(place) as usize);
            Some(ChunkEntry { events, bytes, sha256: Hash::from_bytes(row.get(2))? })
        });
        entries.collect::<Option<_>>().ok_or_else(|| DatabaseError::new("a chunk in the catalog has no SHA-256"))
    }

    /// The paths of all objects of a store whose file is not known to be removed. Whoever made a list may have seen one that was removed just then.
    pub fn paths(&mut self, store: &str) -> Result<Vec<String>, DatabaseError> {
        let sql = "SELECT path FROM audit_cold_objects \
             WHERE store = $1 AND (state <> 'gone' OR gone_at > clock_timestamp() - interval '1 hour')";
        Ok(self.rows(sql, &[&store])?.iter().map(|row| row.get(0)).collect())
    }

    /// All that is known of an object.
    pub fn whole(&mut self, object: Uuid) -> Result<Option<Value>, DatabaseError> {
        let sql = "SELECT to_jsonb(object) || jsonb_build_object(\
               'loans', (SELECT count(*) FROM audit_cold_loans AS loan \
                         WHERE loan.workspace_id = object.workspace_id AND loan.object_id = object.object_id \
                           AND loan.created_at BETWEEN object.first_created_at AND object.last_created_at), \
               'erasures', (SELECT jsonb_agg(to_jsonb(erasure)) FROM audit_cold_erasures AS erasure \
                            WHERE erasure.object_id = object.object_id)) \
             FROM audit_cold_objects AS object WHERE object_id = $1";
        Ok(self.rows(sql, &[&object])?.first().map(|row| row.get(0)))
    }
}
