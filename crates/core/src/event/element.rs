//! One element of `insert_audit_events(p_events)`, read from jsonb.
//!
//! Keys are the parameter names of `insert_audit_event`, with or without `p_`.

use uuid::Uuid;

use crate::ids::{UserId, WorkspaceId};
use crate::jsonb::read::{Container, StoredValue};
use crate::network::Network;
use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;
use crate::time::Timestamp;

/// What an element gives of an event; None is null, or left out.
#[derive(Default)]
pub struct Element<'a> {
    pub action_type: Option<&'a [u8]>,
    pub resource_type: Option<&'a [u8]>,
    pub resource_id: Option<Uuid>,
    pub workspace_id: Option<WorkspaceId>,
    pub created_by_user_id: Option<UserId>,
    pub old_values: Option<StoredValue<'a>>,
    pub new_values: Option<StoredValue<'a>>,
    pub ip_address: Option<Network>,
    pub user_agent: Option<&'a [u8]>,
    pub request_id: Option<&'a [u8]>,
    pub tags: Option<Vec<Option<&'a [u8]>>>,
    pub metadata: Option<StoredValue<'a>>,
    pub created_at: Option<Timestamp>,
    pub idempotency_key: Option<&'a [u8]>,
}

/// What is wrong, with the key that it is about.
#[derive(Debug)]
pub struct Problem {
    pub key: Option<String>,
    pub problem: &'static str,
    pub hint: &'static str,
}

/// What is wrong with `p_events`.
#[derive(Debug)]
pub enum BulkError {
    /// It is no JSON array.
    NotAnArray,
    /// One of its elements cannot be read as an event.
    Element { index: usize, problem: Problem },
}

impl IntoReport for BulkError {
    fn report(&self) -> Report {
        match self {
            BulkError::NotAnArray => {
                Report::new(SqlState::InvalidParameterValue, "p_events must be a JSON array of objects")
                    .hint("Pass [{\"p_action_type\": \"...\", \"p_resource_type\": \"...\", ...}, ...].")
            }
            BulkError::Element { index, problem: Problem { key, problem, hint } } => {
                let place = match key {
                    Some(key) => format!("element {index} of p_events, key \"{key}\""),
                    None => format!("element {index} of p_events"),
                };
                Report::new(SqlState::InvalidParameterValue, format!("{place}: {problem}")).hint(*hint)
            }
        }
    }
}

type Fault = (&'static str, &'static str);

impl<'a> Element<'a> {
    pub fn read(element: StoredValue<'a>) -> Result<Element<'a>, Problem> {
        match container(element).filter(|fields| fields.is_object()) {
            Some(fields) => Element::of_fields(fields),
            None => Err(Problem {
                key: None,
                problem: "is not an object",
                hint: "Each element is an object keyed by parameter name.",
            }),
        }
    }

    fn of_fields(fields: Container<'a>) -> Result<Element<'a>, Problem> {
        let mut element = Element::default();
        let some_have_prefix = fields.fields().any(|(name, _)| name.starts_with(b"p_"));
        for (name, value) in fields.fields() {
            let key = name.strip_prefix(b"p_").unwrap_or(name);
            // The same parameter twice, with and without p_, would hide one of the two values.
            let twice = some_have_prefix
                && key.len() == name.len()
                && fields.fields().any(|(other, _)| other.strip_prefix(b"p_") == Some(key));
            let result = if twice {
                Err(("is given twice, with and without p_", "Give each parameter once."))
            } else {
                element.assign(key, value)
            };
            result.map_err(|(problem, hint)| Problem {
                key: Some(String::from_utf8_lossy(name).into_owned()),
                problem,
                hint,
            })?;
        }
        Ok(element)
    }

    fn assign(&mut self, key: &[u8], value: StoredValue<'a>) -> Result<(), Fault> {
        match key {
            b"action_type" => self.action_type = text(value)?,
            b"resource_type" => self.resource_type = text(value)?,
            b"resource_id" => self.resource_id = uuid(value)?,
            b"workspace_id" => self.workspace_id = uuid(value)?.map(WorkspaceId),
            b"created_by_user_id" => self.created_by_user_id = uuid(value)?.map(UserId),
            b"old_values" => self.old_values = document(value),
            b"new_values" => self.new_values = document(value),
            b"ip_address" => self.ip_address = address(value)?,
            b"user_agent" => self.user_agent = text(value)?,
            b"request_id" => self.request_id = text(value)?,
            b"tags" => self.tags = texts(value)?,
            b"metadata" => self.metadata = document(value),
            b"created_at" => self.created_at = time(value)?,
            b"idempotency_key" => self.idempotency_key = text(value)?,
            _ => {
                return Err((
                    "is no parameter of insert_audit_event",
                    "Known keys: action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata, created_at, idempotency_key; each with or without p_.",
                ));
            }
        }
        Ok(())
    }
}

fn container(value: StoredValue) -> Option<Container> {
    match value {
        StoredValue::Container(bytes) => Container::of(bytes),
        _ => None,
    }
}

fn string<'a>(value: StoredValue<'a>, hint: &'static str) -> Result<Option<&'a [u8]>, Fault> {
    match value {
        StoredValue::Null => Ok(None),
        StoredValue::Text(bytes) => Ok(Some(bytes)),
        _ => Err(("must be a string or null", hint)),
    }
}

fn text(value: StoredValue<'_>) -> Result<Option<&[u8]>, Fault> {
    string(value, "Quote the value.")
}

fn parsed<T>(value: StoredValue, fault: Fault, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Fault> {
    match string(value, fault.1)? {
        None => Ok(None),
        Some(bytes) => std::str::from_utf8(bytes).ok().and_then(parse).map(Some).ok_or(fault),
    }
}

fn uuid(value: StoredValue) -> Result<Option<Uuid>, Fault> {
    let fault = ("is not a UUID", "Write it as 00000000-0000-0000-0000-000000000000.");
    parsed(value, fault, |text| Uuid::try_parse(text).ok())
}

fn address(value: StoredValue) -> Result<Option<Network>, Fault> {
    let fault = ("is not an IP address", "Write it as 203.0.113.7, 2001:db8::1 or 10.0.0.0/8.");
    parsed(value, fault, Network::parse)
}

fn time(value: StoredValue) -> Result<Option<Timestamp>, Fault> {
    let fault = ("is not a time with an offset", "Write it as RFC 3339 does: 2026-01-31T12:00:00.123456Z.");
    parsed(value, fault, |text| {
        let time: jiff::Timestamp = text.parse().ok()?;
        Some(Timestamp::from_unix(time.as_microsecond()))
    })
}

fn document(value: StoredValue) -> Option<StoredValue> {
    (value != StoredValue::Null).then_some(value)
}

fn texts(value: StoredValue<'_>) -> Result<Option<Vec<Option<&[u8]>>>, Fault> {
    const FAULT: Fault = ("must be an array of strings", "Write it as [\"security\", \"billing\"].");
    if value == StoredValue::Null {
        return Ok(None);
    }
    let array = container(value).filter(|array| array.is_array()).ok_or(FAULT)?;
    let texts: Result<_, Fault> = array.elements().map(|tag| string(tag, FAULT.1).map_err(|_| FAULT)).collect();
    Ok(Some(texts?))
}
