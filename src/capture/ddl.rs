//! Event triggers that follow tracked tables through ALTER and DROP: they record what was done and correct the capture triggers.
//!
//! They never refuse a command. Where the trail has no tables (while a dump is being restored) they do nothing.

use audit_core::capture_options::Options;
use audit_core::catalogue::{CAPTURE, TRACKED_TABLES, TRACKING};
use pgrx::pg_sys::{InvalidOid, Oid};
use serde_json::{Value, json};

use super::replaced;
use super::sync::{self, fill, names};
use super::touched::{self, Drops, Touched};
use crate::error::Error;
use crate::event::resource::resource_id;
use crate::guard::triggers;
use crate::pg::call::{Answer, Call};
use crate::pg::event_trigger::{ColumnRenamed, EventTrigger, Moved};
use crate::pg::role::Acting;
use crate::pg::{citus, internal_ddl, jsonb, parameter, quote, relation, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::Storage;

/// Makes the event triggers that are missing.
pub fn put_event_triggers(storage: &Storage) {
    for trigger in &CAPTURE {
        let existing = "SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = $1";
        if spi::count_with(existing, &[parameter::text(trigger.name)]) == 0 {
            triggers::make_event_trigger(storage, trigger);
        }
    }
}

/// `audit_capture_altered()`: at the end of every command.
pub fn altered(call: &Call) -> Result<Answer, Error> {
    let command = EventTrigger::of(call)?;
    // What the extension does to its own tables has to do with no tracked one.
    if sync::is_making_triggers() || internal_ddl::is_running() {
        return Ok(Answer::Null);
    }
    let mut touched = touched::by(&command, call);
    let moved = command.moved();
    if touched.is_empty() && moved.is_none() {
        return Ok(Answer::Null);
    }
    let Some(storage) = storage_to_follow_with(call) else { return Ok(Answer::Null) };
    touched.retain(|touched| is_followed_here(&storage, touched));
    if touched.is_empty() && !moved.is_some_and(|moved| may_hold_tracked(&storage, &moved)) {
        return Ok(Answer::Null);
    }
    replaced::resume(&storage, &touched);
    follow(&storage, &touched, command.column_renamed());
    for (table, touched) in in_order(&touched) {
        if touched.command == "CREATE TRIGGER" && touched.trackings.iter().all(|id| replaced::is_being_replaced(id)) {
            continue;
        }
        let mut new = json!({
            "command": touched.command,
            "object": touched.object,
            "columns": columns_of(&storage, touched.table),
            "capture": capture_of(&storage, &table),
        });
        if !touched.dropped.is_empty() {
            new["dropped"] = json!(touched.dropped);
        }
        record(&storage, "AUDIT_TRACKED_TABLE_ALTERED", &table, &new)?;
    }
    Ok(Answer::Null)
}

/// Brings names, options and triggers of tracked tables to what the tables are now.
fn follow(storage: &Storage, touched: &[Touched], renamed: Option<ColumnRenamed>) {
    let renamed_tables = {
        let _owner = Acting::as_owner(storage.owner);
        spi::count(&fill(storage, include_str!("../../sql/capture/renamed.sql"), &[]))
    };
    if renamed_tables == 0 && touched.is_empty() {
        return;
    }
    let mut changed = follow_columns(storage, touched, renamed);
    changed.append(&mut take_in_parts(storage));
    let concerned = touched.iter().flat_map(|table| &table.trackings).chain(&changed);
    let mut concerned: Vec<String> = concerned.filter(|id| !replaced::is_being_replaced(id)).cloned().collect();
    concerned.sort_unstable();
    concerned.dedup();
    sync::apply(storage, Some(&concerned), |id| changed.iter().any(|changed| changed == id));
}

/// Each table by its name, and each thing that was done to it once.
fn in_order(touched: &[Touched]) -> Vec<(String, &Touched)> {
    let mut named: Vec<(String, &Touched)> =
        touched.iter().filter_map(|touched| Some((relation::qualified_name(touched.table)?, touched))).collect();
    let key = |(table, touched): &(String, &Touched)| (table.clone(), touched.command.clone(), touched.object.clone());
    named.sort_by_key(key);
    named.dedup_by_key(|entry| key(entry));
    named
}

/// Whether what moved with its schema or extension may be tracked. Tables of extensions are passed over.
fn may_hold_tracked(storage: &Storage, moved: &Moved) -> bool {
    let Moved::Schema(former) = moved else { return true };
    let _owner = Acting::as_owner(storage.owner);
    let sql =
        format!("SELECT FROM {} WHERE table_schema = $1 AND untracked_at IS NULL LIMIT 1", storage.qualified(TRACKING));
    spi::count_with(&sql, &[parameter::text(former)]) > 0
}

/// Names and types of a table's columns.
fn columns_of(storage: &Storage, table: Oid) -> Value {
    let _owner = Acting::as_owner(storage.owner);
    let sql = include_str!("../../sql/capture/shape.sql");
    let shape = spi::find_row_with(sql, &[parameter::oid(table)], |row| row.text(1));
    shape.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// Tracked tables that became parts of tracked ones; gives the trackings that took them in.
fn take_in_parts(storage: &Storage) -> Vec<String> {
    let _owner = Acting::as_owner(storage.owner);
    let absorbed = fill(storage, include_str!("../../sql/capture/absorbed.sql"), &[]);
    spi::rows(&absorbed, |row| row.text(1)).into_iter().flatten().collect()
}

/// Whether a table is captured, if it is tracked by its own name.
fn capture_of(storage: &Storage, table: &str) -> Option<String> {
    relation::find(storage.schema, TRACKED_TABLES)?;
    let _owner = Acting::as_owner(storage.owner);
    let sql = format!(
        "SELECT capture FROM {} WHERE format('%I.%I', table_schema, table_name) = $1",
        storage.qualified(TRACKED_TABLES)
    );
    spi::find_row_with(&sql, &[parameter::text(table)], |row| row.text(1))
}

/// `audit_capture_dropped()`: after objects were dropped. Tables that only lost parts are told of at the end of the command.
pub fn dropped(call: &Call) -> Result<Answer, Error> {
    let command = EventTrigger::of(call)?;
    if sync::is_making_triggers() {
        return Ok(Answer::Null);
    }
    let Some((trail, _)) = relation::schema_of_function(call.function()) else { return Ok(Answer::Null) };
    let Drops { mut tables, uncaptured, losses } = touched::drops();
    touched::note(command.statement().identity(), losses);
    tables.retain(|(schema, name)| touched::is_tracked(trail, schema, name));
    tables.extend(uncaptured.into_iter().filter(|(schema, name)| is_loss_told_here(trail, schema, name)));
    if tables.is_empty() {
        return Ok(Answer::Null);
    }
    let Some(storage) = storage_to_follow_with(call) else { return Ok(Answer::Null) };
    tables.sort_unstable();
    tables.dedup();
    for (schema, name) in tables {
        let is_gone = relation::find_qualified(&schema, &name).is_none();
        let table = format!("{}.{}", quote::identifier(&schema), quote::identifier(&name));
        let action = if is_gone { "AUDIT_TRACKED_TABLE_DROPPED" } else { "AUDIT_CAPTURE_TRIGGER_DROPPED" };
        record(&storage, action, &table, &json!({ "table": table }))?;
        if is_gone {
            let _owner = Acting::as_owner(storage.owner);
            let ended = sync::untrack(&storage, &schema, &name);
            if citus::is_installed() {
                replaced::note_ended(ended);
            }
        }
    }
    Ok(Answer::Null)
}

/// Tables that Citus distributes are followed on its coordinator, from the tracking to the shards. Another node follows what it tracks itself.
fn is_followed_here(storage: &Storage, touched: &Touched) -> bool {
    !citus::is_followed_elsewhere(touched.table)
        && (citus::is_coordinator() || sync::has_any(storage, &touched.trackings))
}

/// The same of a table that lost its triggers, and may be gone.
fn is_loss_told_here(trail: Oid, schema: &str, name: &str) -> bool {
    match relation::find_qualified(schema, name) {
        Some(table) if citus::is_followed_elsewhere(table) => false,
        _ => citus::is_coordinator() || touched::is_tracked(trail, schema, name),
    }
}

/// None where there is no trail.
fn storage_to_follow_with(call: &Call) -> Option<std::rc::Rc<Storage>> {
    Storage::of(call).ok().filter(|storage| relation::find(storage.schema, TRACKING).is_some())
}

fn record(storage: &std::rc::Rc<Storage>, action_type: &str, table: &str, new: &Value) -> Result<(), Error> {
    let event = SystemEvent {
        action_type,
        resource_type: "table",
        resource_id: Some(resource_id(storage, "table", table)),
        workspace_id: None,
        old_values: None,
        new_values: Some(jsonb::from_serde(new)),
    };
    system_event::record(storage, &event)
}

/// Puts renamed columns into the options, and takes out those that are gone. Gives the trackings that changed.
fn follow_columns(storage: &Storage, touched: &[Touched], renamed: Option<ColumnRenamed>) -> Vec<String> {
    let _owner = Acting::as_owner(storage.owner);
    let table = match touched {
        [touched] if renamed.is_some() => touched.table,
        _ => InvalidOid,
    };
    let ids = touched.iter().flat_map(|table| &table.trackings);
    let sql = fill(storage, include_str!("../../sql/capture/columns.sql"), &[]);
    let read = |row: spi::ResultRow| {
        let options = Options {
            resource_type: String::new(),
            workspace: row.text(2),
            ignored: names(row.text(3)),
            masked: names(row.text(4)),
        };
        Some((row.text(1)?, options, names(row.text(5)), row.bool(6)?))
    };
    let mut changed = Vec::new();
    let parameters = [parameter::oid(table), parameter::texts(ids)];
    for (id, options, columns, is_renamed) in spi::rows_with(&sql, &parameters, read).into_iter().flatten() {
        let mut now = options.clone();
        if let Some(ColumnRenamed { from, to }) = renamed.as_ref().filter(|_| is_renamed) {
            now.column_renamed(from, to);
        }
        now.forget_columns(|name| columns.iter().any(|column| column == name));
        if now != options {
            let sql = format!(
                "UPDATE {} SET workspace_column = $2, ignored_columns = $3::name[], masked_columns = $4::name[] \
                 WHERE id = $1::uuid",
                storage.qualified(TRACKING)
            );
            let values = [
                parameter::text(&id),
                parameter::text_or_null(now.workspace.as_deref()),
                parameter::texts(&now.ignored),
                parameter::texts(&now.masked),
            ];
            spi::count_with(&sql, &values);
            changed.push(id);
        }
    }
    changed
}
