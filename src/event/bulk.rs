//! `insert_audit_events(p_events)`: a JSON array of events, all or nothing.
//!
//! The array is read in its binary form. Keys are the parameter names of `insert_audit_event`, with or without `p_`,
//! and `created_at`. Whatever is wrong is told with the element's index (from 0) and its key.

use std::cell::Cell;

use pgrx::pg_sys::Datum;

use super::batch;
use super::id::POSTGRES_EPOCH;
use super::insert::Draft;
use crate::context::parse_address;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum;
use crate::pg::jsonb::{self, Jsonb};
use crate::pg::jsonb_layout::{Container, Value};
use crate::pg::memory::Scratch;
use crate::pg::rows::Rows;
use crate::scoped::Scoped;
use crate::storage::Storage;

pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut ids = Rows::of(call)?;
    let document = Jsonb::of(call.datum(0).ok_or(Error::BulkShape)?);
    let array = document.root().filter(|root| root.is_array()).ok_or(Error::BulkShape)?;
    let request = Draft::of_request();
    let scratch = Scratch::new();
    batch::together(|batch| {
        array.elements().enumerate().try_for_each(|(index, element)| {
            scratch.run(|| {
                let draft = parse(index, element)?.completed_from(&request);
                let _element = Scoped::set(&ELEMENT, Some(index));
                ids.push(&[Some(batch.add(&draft, &storage)?)]);
                Ok(())
            })
        })
    })?;
    Ok(Answer::Nothing)
}

thread_local! {
    /// The element being recorded: errors of the table's rules are about it.
    static ELEMENT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Names the element that an error of a trigger is about, if it is about one.
pub fn with_element(error: Error) -> Error {
    match ELEMENT.get() {
        Some(index) => Error::InBulk { index, error: Box::new(error) },
        None => error,
    }
}

struct Problem {
    key: String,
    problem: &'static str,
    hint: &'static str,
}

impl Problem {
    fn at(self, index: usize) -> Error {
        Error::Bulk { index, key: Some(self.key), problem: self.problem.into(), hint: self.hint }
    }
}

type Fault = (&'static str, &'static str);

fn parse(index: usize, element: Value) -> Result<Draft, Error> {
    let Some(fields) = container(element).filter(|fields| fields.is_object()) else {
        return Err(Error::Bulk {
            index,
            key: None,
            problem: "is not an object".into(),
            hint: "Each element is an object keyed by parameter name.",
        });
    };
    parse_fields(fields).map_err(|problem| problem.at(index))
}

fn parse_fields(fields: Container) -> Result<Draft, Problem> {
    let mut draft = Draft::default();
    let some_have_prefix = fields.fields().any(|(name, _)| name.starts_with(b"p_"));
    for (name, element) in fields.fields() {
        let key = name.strip_prefix(b"p_").unwrap_or(name);
        // The same parameter twice, with and without p_, would hide one of the two values.
        let twice = some_have_prefix
            && key.len() == name.len()
            && fields.fields().any(|(other, _)| other.strip_prefix(b"p_") == Some(key));
        let result = if twice {
            Err(("is given twice, with and without p_", "Give each parameter once."))
        } else {
            assign(&mut draft, key, element)
        };
        result.map_err(|(problem, hint)| Problem { key: String::from_utf8_lossy(name).into_owned(), problem, hint })?;
    }
    Ok(draft)
}

fn assign(draft: &mut Draft, key: &[u8], element: Value) -> Result<(), Fault> {
    match key {
        b"action_type" => draft.action_type = text(element)?,
        b"resource_type" => draft.resource_type = text(element)?,
        b"resource_id" => draft.resource_id = uuid(element)?,
        b"workspace_id" => draft.workspace_id = uuid(element)?,
        b"created_by_user_id" => draft.created_by_user_id = uuid(element)?,
        b"old_values" => draft.old_values = document(element),
        b"new_values" => draft.new_values = document(element),
        b"ip_address" => draft.ip_address = address(element)?,
        b"user_agent" => draft.user_agent = text(element)?,
        b"request_id" => draft.request_id = text(element)?,
        b"tags" => draft.tags = texts(element)?,
        b"metadata" => draft.metadata = document(element),
        b"created_at" => draft.created_at = time(element)?,
        _ => {
            return Err((
                "is no parameter of insert_audit_event",
                "Known keys: action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata, created_at; each with or without p_.",
            ));
        }
    }
    Ok(())
}

fn container(element: Value) -> Option<Container> {
    match element {
        Value::Container(bytes) => Container::of(bytes),
        _ => None,
    }
}

fn string<'a>(element: Value<'a>, hint: &'static str) -> Result<Option<&'a [u8]>, Fault> {
    match element {
        Value::Null => Ok(None),
        Value::Text(bytes) => Ok(Some(bytes)),
        _ => Err(("must be a string or null", hint)),
    }
}

fn text(element: Value) -> Result<Option<Datum>, Fault> {
    Ok(string(element, "Quote the value.")?.map(datum::from_text))
}

fn parsed<T>(element: Value, fault: Fault, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Fault> {
    match string(element, fault.1)? {
        None => Ok(None),
        Some(bytes) => std::str::from_utf8(bytes).ok().and_then(parse).map(Some).ok_or(fault),
    }
}

fn uuid(element: Value) -> Result<Option<Datum>, Fault> {
    let fault = ("is not a UUID", "Write it as 00000000-0000-0000-0000-000000000000.");
    Ok(parsed(element, fault, |text| uuid::Uuid::try_parse(text).ok())?.map(|id| datum::from_uuid(&id)))
}

fn address(element: Value) -> Result<Option<Datum>, Fault> {
    let fault = ("is not an IP address", "Write it as 203.0.113.7, 2001:db8::1 or 10.0.0.0/8.");
    Ok(parsed(element, fault, parse_address)?.map(|network| datum::from_inet(network.address, network.bits)))
}

fn time(element: Value) -> Result<Option<i64>, Fault> {
    let fault = ("is not a time with an offset", "Write it as RFC 3339 does: 2026-01-31T12:00:00.123456Z.");
    parsed(element, fault, |text| {
        let time: jiff::Timestamp = text.parse().ok()?;
        Some(time.as_microsecond() - POSTGRES_EPOCH)
    })
}

fn document(element: Value) -> Option<Datum> {
    match element {
        Value::Null => None,
        _ => Some(jsonb::of_value(element)),
    }
}

fn texts(element: Value) -> Result<Option<Datum>, Fault> {
    const FAULT: Fault = ("must be an array of strings", "Write it as [\"security\", \"billing\"].");
    if element == Value::Null {
        return Ok(None);
    }
    let array = container(element).filter(|array| array.is_array()).ok_or(FAULT)?;
    let texts: Result<Vec<_>, Fault> = array.elements().map(|tag| string(tag, FAULT.1).map_err(|_| FAULT)).collect();
    Ok(Some(datum::from_texts(&texts?)))
}
