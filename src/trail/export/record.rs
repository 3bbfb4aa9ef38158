//! That events leave the database is an event.

use std::rc::Rc;

use audit_core::format::{Format, Summary};
use audit_core::jsonb::write::{self, Field, Value, field};
use audit_core::time::Timestamp;
use pgrx::pg_sys;
use uuid::Uuid;

use super::whole::Whole;
use crate::error::Error;
use crate::pg::call::Call;
use crate::pg::datum::{self, Datum};
use crate::pg::{jsonb, raise, value};
use crate::record::system_event::{self, SystemEvent};
use crate::request;
use crate::storage::Storage;
use crate::trail::criteria::{BEHIND, Criteria};

/// `p_after_event_id`.
pub const AFTER: usize = BEHIND + 1;

/// The arguments that say which events, without the workspace, which is the event's own.
const ARGUMENTS: [(usize, &str); 13] = [
    (1, "from"),
    (2, "to"),
    (3, "user_ids"),
    (4, "actions"),
    (5, "resource_types"),
    (6, "resource_id"),
    (7, "request_id"),
    (8, "ip_address"),
    (9, "tags"),
    (10, "changed_field"),
    (11, "contains"),
    (12, "text"),
    (AFTER, "after_event_id"),
];

/// A longer document to search for is told by its size.
const LONGEST: usize = 10_000;

/// Records who exports what, before the first event leaves: the record is there where the reader stops early. Where the transaction does not
/// commit, a line of the server's log is left.
pub fn record(storage: &Rc<Storage>, call: &Call, criteria: &Criteria, format: Format) -> Result<(), Error> {
    let filters = ARGUMENTS.into_iter().filter_map(|(index, name)| Some(field(name, told(call.datum(index)?)?)));
    let fields: Vec<Field> =
        vec![field("format", Value::text(format.name())), field("filters", Value::Object(filters.collect()))];
    let event = SystemEvent {
        action_type: "AUDIT_EVENTS_EXPORTED",
        resource_type: "audit_events",
        resource_id: None,
        workspace_id: criteria.workspace.map(|workspace| datum::from_uuid(&workspace.0)),
        old_values: None,
        new_values: Some(jsonb::of_document(&write::object(fields))),
    };
    let workspace =
        criteria.workspace.map_or("all workspaces".to_owned(), |workspace| format!("workspace {}", workspace.0));
    raise::log(format!("audit events of {workspace} are exported as {} by {}", format.name(), who()));
    system_event::record(storage, &event)
}

/// Whether an export is of one workspace, and leaves none of its events out.
pub fn is_whole(call: &Call) -> bool {
    let is_filter = |(index, _): (usize, &str)| call.datum(index).is_some_and(|value| told(value).is_some());
    call.uuid(0).is_some() && !ARGUMENTS.into_iter().any(is_filter)
}

/// Records that an export reached the end of a whole workspace, and what it wrote: whoever off-boards the workspace must show it.
pub fn finished(storage: &Rc<Storage>, format: Format, summary: &Summary, whole: &Whole) -> Result<(), Error> {
    let count = |count: u64| Value::text(count.to_string());
    let fields = vec![
        field("format", Value::text(format.name())),
        field("event_count", count(summary.event_count)),
        field("recorded_count", count(whole.count)),
        field("recorded_ids", Value::text(whole.ids())),
    ];
    let event = SystemEvent {
        action_type: "AUDIT_EXPORT_FINISHED",
        resource_type: "audit_events",
        resource_id: None,
        workspace_id: summary.workspace.map(|workspace| datum::from_uuid(&workspace.0)),
        old_values: None,
        new_values: Some(jsonb::of_document(&write::object(fields))),
    };
    system_event::record(storage, &event)
}

/// The user of the request, and the roles.
pub fn who() -> String {
    let user = request::user().map(|user| format!("user {}, ", Uuid::from(user)));
    let roles = system_event::proofs();
    let roles = roles.named.iter().map(|(key, name)| format!("{key} {name}"));
    user.unwrap_or_default() + &roles.collect::<Vec<_>>().join(", ")
}

/// An argument; None for the beginning of all times, which leaves nothing out.
fn told(argument: Datum) -> Option<Value> {
    let elements = |kind| {
        let elements = value::array(argument, kind).elements;
        Value::Array(elements.into_iter().flatten().filter_map(told).collect())
    };
    Some(match argument.kind() {
        pg_sys::UUIDARRAYOID => elements(pg_sys::UUIDOID),
        pg_sys::TEXTARRAYOID => elements(pg_sys::TEXTOID),
        pg_sys::UUIDOID => Value::text(datum::read_uuid(argument).to_string()),
        pg_sys::TIMESTAMPTZOID => {
            let time = datum::read_time(argument);
            Value::text((time != Timestamp::PAST).then(|| time.rfc3339())?)
        }
        pg_sys::TEXTOID => Value::Text(datum::read_bytes(argument).into()),
        pg_sys::JSONBOID => match jsonb::Jsonb::of(argument).stored() {
            document if document.bytes().len() <= LONGEST => Value::Jsonb(document),
            document => Value::text(format!("{} bytes", document.bytes().len())),
        },
        _ => Value::Text(value::output(argument).into()),
    })
}
