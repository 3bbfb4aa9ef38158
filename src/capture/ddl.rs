//! Tracked tables through ALTER and DROP: event triggers that record what was done and keep the triggers right.
//!
//! They never refuse a command, and where the trail has no tables (while a dump is being restored) they do nothing.

use serde_json::{Value, json};

use super::options::Options;
use super::sync::{self, Wanted, fill, names};
use crate::error::Error;
use crate::event::own::{self, OwnEvent};
use crate::event::resource_id;
use crate::pg::call::{Answer, Call};
use crate::pg::event_trigger::{ColumnRenamed, EventTrigger};
use crate::pg::role::Acting;
use crate::pg::{jsonb, relation, spi};
use crate::storage::{Storage, TRACKED_TABLES, TRACKING};

/// Name, event, filter and comment of each event trigger.
const EVENT_TRIGGERS: [(&str, &str, &str, &str); 2] = [
    (
        "audit_capture_altered",
        "ddl_command_end",
        "WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE', 'ALTER SCHEMA', 'CREATE TRIGGER', 'ALTER TRIGGER')",
        "Records ALTER of tracked tables and follows it.",
    ),
    ("audit_capture_dropped", "sql_drop", "", "Records that tracked tables or their triggers are dropped."),
];

/// Makes the event triggers that are missing.
pub fn put_event_triggers(storage: &Storage) {
    for (name, event, filter, comment) in EVENT_TRIGGERS {
        let existing = format!("SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = {}", spi::quote_literal(name));
        if spi::count(&existing) == 0 {
            let values = [
                ("name", name.to_owned()),
                ("event", event.to_owned()),
                ("filter", filter.to_owned()),
                ("comment", spi::quote_literal(comment)),
            ];
            spi::run(&fill(storage, include_str!("../../sql/schema/capture_event_trigger.sql"), &values));
        }
    }
}

/// `audit_capture_altered()`: at the end of a command that may concern a tracked table.
pub fn altered(call: &Call) -> Result<Answer, Error> {
    let command = EventTrigger::of(call)?;
    let Some(storage) = storage_to_follow_with(call) else { return Ok(Answer::Null) };
    let touched = {
        let _owner = Acting::as_owner(storage.owner);
        let sql = fill(&storage, include_str!("../../sql/capture/altered.sql"), &[]);
        let read = |row: spi::Row| Some((row.text(1)?, row.text(2)?, row.text(3)?, row.text(4), names(row.text(5))));
        spi::rows(&sql, read).into_iter().flatten().collect::<Vec<_>>()
    };
    let renamed_tables = {
        let _owner = Acting::as_owner(storage.owner);
        spi::count(&fill(&storage, include_str!("../../sql/capture/renamed.sql"), &[]))
    };
    if renamed_tables > 0 || !touched.is_empty() {
        let tables: Vec<&str> = touched.iter().map(|(table, ..)| table.as_str()).collect();
        let mut changed = follow_columns(&storage, &tables, command.column_renamed());
        changed.append(&mut take_in_parts(&storage));
        let concerned = |id: &str| touched.iter().any(|(.., ids)| ids.iter().any(|other| other == id));
        sync::apply(&storage, |id| match changed.iter().any(|changed| changed == id) {
            true => Wanted::Anew,
            false if concerned(id) => Wanted::AsNeeded,
            false => Wanted::LeftAlone,
        });
    }
    for (table, tag, object, columns, _) in &touched {
        let columns: Value = columns.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let new =
            json!({ "command": tag, "object": object, "columns": columns, "capture": capture_of(&storage, table) });
        record(&storage, "AUDIT_TRACKED_TABLE_ALTERED", table, &new)?;
    }
    Ok(Answer::Null)
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
        "SELECT capture FROM {} WHERE format('%I.%I', table_schema, table_name) = {}",
        storage.qualified(TRACKED_TABLES),
        spi::quote_literal(table)
    );
    spi::rows(&sql, |row| row.text(1)).into_iter().flatten().next()
}

/// `audit_capture_dropped()`: after objects were dropped.
pub fn dropped(call: &Call) -> Result<Answer, Error> {
    EventTrigger::of(call)?;
    let Some(storage) = storage_to_follow_with(call) else { return Ok(Answer::Null) };
    let lost = {
        let _owner = Acting::as_owner(storage.owner);
        let sql = fill(&storage, include_str!("../../sql/capture/dropped.sql"), &[]);
        spi::rows(&sql, |row| Some((row.text(1)?, row.text(2)?, row.bool(3)?)))
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
    };
    for (schema, name, is_gone) in lost {
        let table = format!("{}.{}", spi::quote_identifier(&schema), spi::quote_identifier(&name));
        let action = if is_gone { "AUDIT_TRACKED_TABLE_DROPPED" } else { "AUDIT_CAPTURE_TRIGGER_DROPPED" };
        record(&storage, action, &table, &json!({ "table": table }))?;
        if is_gone {
            let _owner = Acting::as_owner(storage.owner);
            spi::run(&format!(
                "UPDATE {} SET untracked_at = pg_catalog.clock_timestamp(), untracked_by = SESSION_USER \
                 WHERE table_schema = {} AND table_name = {} AND untracked_at IS NULL",
                storage.qualified(TRACKING),
                spi::quote_literal(&schema),
                spi::quote_literal(&name),
            ));
        }
    }
    Ok(Answer::Null)
}

/// None while the command is one of ours, and where there is no trail.
fn storage_to_follow_with(call: &Call) -> Option<std::rc::Rc<Storage>> {
    if sync::is_making_triggers() {
        return None;
    }
    Storage::of(call).ok().filter(|storage| relation::find(storage.schema, TRACKING).is_some())
}

fn record(storage: &std::rc::Rc<Storage>, action_type: &str, table: &str, new: &Value) -> Result<(), Error> {
    let event = OwnEvent {
        action_type,
        resource_type: "table",
        resource_id: Some(resource_id("table", table)),
        workspace_id: None,
        old_values: None,
        new_values: Some(jsonb::from_serde(new)),
    };
    own::record(storage, &event)
}

/// Puts renamed columns into the options, and takes out those that are gone. Gives the trackings that changed.
fn follow_columns(storage: &Storage, tables: &[&str], renamed: Option<ColumnRenamed>) -> Vec<String> {
    let _owner = Acting::as_owner(storage.owner);
    let table = match tables {
        [table] if renamed.is_some() => format!("{}::pg_catalog.regclass", spi::quote_literal(table)),
        _ => "0".to_owned(),
    };
    let sql = fill(storage, include_str!("../../sql/capture/columns.sql"), &[("table", table)]);
    let read = |row: spi::Row| {
        let options = Options {
            resource_type: String::new(),
            workspace: row.text(2),
            ignored: names(row.text(3)),
            masked: names(row.text(4)),
        };
        Some((row.text(1)?, options, names(row.text(5)), row.bool(6)?))
    };
    let mut changed = Vec::new();
    for (id, options, columns, is_renamed) in spi::rows(&sql, read).into_iter().flatten() {
        let mut now = options.clone();
        if let Some(ColumnRenamed { from, to }) = renamed.as_ref().filter(|_| is_renamed) {
            now.column_renamed(from, to);
        }
        now.forget_columns(|name| columns.iter().any(|column| column == name));
        if now != options {
            spi::run(&format!(
                "UPDATE {} SET workspace_column = {}, ignored_columns = {}, masked_columns = {} WHERE id = {}",
                storage.qualified(TRACKING),
                now.workspace.as_deref().map_or("NULL".to_owned(), spi::quote_literal),
                name_array(&now.ignored),
                name_array(&now.masked),
                spi::quote_literal(&id),
            ));
            changed.push(id);
        }
    }
    changed
}

/// Names as SQL must write an array of them.
pub fn name_array(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| spi::quote_literal(name)).collect();
    format!("ARRAY[{}]::pg_catalog.name[]", names.join(", "))
}
