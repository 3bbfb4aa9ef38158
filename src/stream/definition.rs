//! `create_audit_stream()`, `resume_audit_stream()`, `drop_audit_stream()`: which streams there are, who reads them, and where they begin.

use audit_core::argument::Argument;
use audit_core::catalogue::STREAM_DEFINITIONS;
use audit_core::format::Format;
use audit_core::ids::WorkspaceId;
use audit_core::search::action::ActionPattern;
use audit_core::search::limit;
use audit_core::stream;
use audit_core::stream::filter::StreamFilter;
use audit_core::stream::place::Place;
use audit_core::stream::refusal::StreamError;
use audit_core::time::{Span, Timestamp};
use audit_evidence::window::MARGIN;
use pgrx::pg_sys::{InvalidOid, Oid, TEXTARRAYOID, TEXTOID, UUIDOID};
use serde_json::json;
use uuid::Uuid;

use super::cursor::{self, Cursor, Done};
use super::{demand_writing, statement};
use crate::error::Error;
use crate::event::resource::resource_id;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::{self, Datum};
use crate::pg::role::{self, Acting};
use crate::pg::server::Identity;
use crate::pg::{array, encoding, jsonb, parameter, spi, value};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::{Interference, Storage};
use crate::trail::visibility;

/// A stream in force.
pub struct Stream {
    pub id: Uuid,
    pub name: String,
    reader: String,
    /// None where the reader is not the role that it was, or has no level streamer.
    reader_oid: Option<Oid>,
    pub format: Format,
    pub filter: StreamFilter,
    workspace: Option<Uuid>,
}

/// The server, as initdb named it; on a standby nobody asks.
fn system() -> String {
    Identity::of_server().map(|here| here.system).unwrap_or_default()
}

impl Stream {
    fn find(storage: &Storage, call: &Call) -> Result<Stream, StreamError> {
        let name = call.text(0).unwrap_or_default();
        let values = [parameter::text(&name), parameter::text(&system())];
        let found = spi::find_row_with(&statement!(storage, "find"), &values, |row| {
            let workspace = row.uuid(4);
            let actions = row.column(5).map(array::read_texts);
            let patterns = |actions: Vec<Option<String>>| {
                actions.into_iter().flatten().map(|action| ActionPattern::parse(action.into_bytes())).collect()
            };
            Some(Stream {
                id: row.uuid(1)?,
                name: name.clone(),
                reader: row.text(2)?,
                reader_oid: row.oid(7),
                format: stream::format(row.text(3).as_deref()).ok()?.1,
                filter: StreamFilter {
                    workspace: workspace.map(WorkspaceId),
                    actions: actions.map(patterns),
                    imported: row.bool(6)?,
                },
                workspace,
            })
        });
        found.ok_or(StreamError::Unknown { name })
    }

    /// The stream, of which the caller must be the reader.
    pub fn read_by_caller(storage: &Storage, call: &Call) -> Result<Stream, Error> {
        let stream = Stream::find(storage, call)?;
        let caller = role::outer_user();
        if !stream.reader_oid.is_some_and(|reader| role::has_rights_of(caller, reader)) {
            return Err(StreamError::NotReader { name: stream.name, reader: stream.reader }.into());
        }
        match visibility::reads_everywhere(storage)? {
            true => Ok(stream),
            false => Err(StreamError::Gateway.into()),
        }
    }
}

/// Where the logs end.
fn end(storage: &Storage) -> Result<Place, StreamError> {
    let sql = statement!(storage, "end");
    let end = spi::find_row(&sql, |row| Some(Place::of_head(row.int4(1)?, row.int8(2)? as u64)));
    end.ok_or(StreamError::NeverSealed)
}

/// The place from which on all events of a time and later are delivered.
fn place_of(storage: &Storage, from: Option<Timestamp>) -> Result<Place, StreamError> {
    let end = end(storage)?;
    let since = from.and_then(|from| {
        let read = |row: spi::ResultRow| Some(Place::of_head(row.int4(1)?, row.int8(2)? as u64));
        spi::find_row_with(&statement!(storage, "since"), &[parameter::time(from - Span::microseconds(MARGIN))], read)
    });
    Ok(since.unwrap_or(end))
}

/// The role that is to read: its name and OID.
fn reader(storage: &Storage, call: &Call) -> Result<(String, Oid), Error> {
    let oid = call.oid(1).filter(|role| *role != InvalidOid).ok_or(
        Argument::new("p_reader").problem("must name a role").hint("Name the role as which the reader connects."),
    )?;
    let name = role::name(oid);
    let sql = statement!(storage, "is_streamer");
    match spi::find_row_with(&sql, &[parameter::text(&name)], |row| row.bool(1)) {
        Some(true) => Ok((name, oid)),
        _ => Err(StreamError::NotStreamer { role: name }.into()),
    }
}

fn actions(call: &Call) -> Result<Option<Datum<'_>>, Argument> {
    let elements = |list: Datum| {
        let elements = value::array(list, TEXTOID).elements;
        elements.into_iter().map(|text| text.map(|text| datum::read_bytes(text).to_vec())).collect()
    };
    let given = call.datum(4);
    limit::texts("p_actions", given.map(elements))?;
    Ok(given)
}

/// `create_audit_stream(p_name, p_reader, p_format, p_workspace_id, p_actions, p_imported, p_from)`.
pub fn create_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    demand_writing()?;
    let name = stream::name(call.text(0))?;
    let format = stream::format(call.text(2).as_deref())?.0;
    let actions = actions(call)?;
    let _owner = Acting::as_owner(storage.owner);
    let (reader, oid) = reader(&storage, call)?;
    let place = place_of(&storage, call.datum(6).map(datum::read_time))?;
    let values = [
        parameter::text(&name),
        parameter::text(&reader),
        parameter::oid(oid),
        parameter::text(&system()),
        parameter::text(format),
        (UUIDOID, call.datum(3)),
        (TEXTARRAYOID, actions),
        parameter::bool(call.bool(5).unwrap_or(true)),
    ];
    let made = {
        let _permit = storage.writing(STREAM_DEFINITIONS)?;
        spi::find_row_with(&statement!(storage, "create"), &values, |row| row.uuid(1))
    };
    cursor::begin(&storage, made.ok_or(StreamError::NameTaken { name })?, place)?;
    Ok(Answer::Nothing)
}

/// `resume_audit_stream(p_name, p_from)`.
pub fn resume_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    demand_writing()?;
    let from = call.datum(1).map(datum::read_time).ok_or(
        Argument::new("p_from")
            .problem("must not be null")
            .hint("Give the time from which on events are delivered again; '-infinity' delivers everything."),
    )?;
    let _owner = Acting::as_owner(storage.owner);
    let stream = Stream::find(&storage, call)?;
    let mut cursor = Cursor::lock(&storage, stream.id, &stream.name)?;
    let told = value::output(datum::from_time(from));
    let new = json!({ "name": stream.name, "from": encoding::to_utf8(told), "waiting_batch": cursor.waiting.as_ref().map(|_| cursor.batch) });
    cursor.place = place_of(&storage, Some(from))?;
    cursor.waiting = None;
    cursor.keep(&storage, Done::Resumed)?;
    let event = SystemEvent {
        action_type: "AUDIT_STREAM_RESUMED",
        resource_type: STREAM_DEFINITIONS,
        resource_id: Some(resource_id(&storage, STREAM_DEFINITIONS, &stream.name)),
        workspace_id: stream.workspace.as_ref().map(datum::from_uuid),
        old_values: None,
        new_values: Some(jsonb::from_serde(&new)),
    };
    system_event::record(&storage, &event)?;
    Ok(Answer::Nothing)
}

/// `drop_audit_stream(p_name)`.
pub fn drop_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    demand_writing()?;
    let _owner = Acting::as_owner(storage.owner);
    let stream = Stream::find(&storage, call)?;
    Cursor::lock(&storage, stream.id, &stream.name)?;
    let dropped = {
        let _permit = storage.writing(STREAM_DEFINITIONS)?;
        spi::count_with(&statement!(storage, "drop"), &[parameter::uuid(stream.id)])
    };
    if dropped != 1 {
        return Err(Interference::Suppressed { table: STREAM_DEFINITIONS }.into());
    }
    cursor::forget(&storage, stream.id)?;
    Ok(Answer::Nothing)
}
