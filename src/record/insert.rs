//! `insert_audit_event()`: one event through the door everybody uses.
//!
//! The function adds what the request context knows and stores the event directly ([`super::fast_path`]). Where somebody
//! else has hung a trigger, rule or policy on the table, it uses a kept plan instead, so that those have their say, and
//! compares the stored row with what was given: the function records or raises.

use std::rc::Rc;

use audit_core::event::column::Column;
use audit_core::event::id;
use pgrx::pg_sys::Oid;

use super::context::Context;
use super::{fast_path, rules};
use crate::cached::Cached;
use crate::error::Error;
use crate::event::row::{Columns, SHAPE, oid_of};
use crate::pg::call::{Answer, Call};
use crate::pg::datum::Datum;
use crate::pg::spi::{Outcome, Statement};
use crate::pg::{datum, image};
use crate::request;
use crate::storage::{EVENTS, Interference, Storage};

/// The columns a caller may give, in the order of the statement's parameters.
const GIVEN: [Column; 13] = [
    Column::CreatedByUserId,
    Column::ActionType,
    Column::ResourceType,
    Column::ResourceId,
    Column::WorkspaceId,
    Column::OldValues,
    Column::NewValues,
    Column::IpAddress,
    Column::UserAgent,
    Column::RequestId,
    Column::Tags,
    Column::Metadata,
    Column::CreatedAt,
];

thread_local! {
    /// Inserts an event with the time of insertion.
    static INSERT_NOW: Cached<Statement> = const { Cached::nothing() };
    /// Inserts an event with its caller's time.
    static INSERT_AT: Cached<Statement> = const { Cached::nothing() };
}

/// What a caller gives of an event; None is NULL, or left out.
#[derive(Default, Clone, Copy)]
pub struct Draft<'a> {
    pub action_type: Option<Datum<'a>>,
    pub resource_type: Option<Datum<'a>>,
    pub resource_id: Option<Datum<'a>>,
    pub workspace_id: Option<Datum<'a>>,
    pub created_by_user_id: Option<Datum<'a>>,
    pub old_values: Option<Datum<'a>>,
    pub new_values: Option<Datum<'a>>,
    pub ip_address: Option<Datum<'a>>,
    pub user_agent: Option<Datum<'a>>,
    pub request_id: Option<Datum<'a>>,
    pub tags: Option<Datum<'a>>,
    pub metadata: Option<Datum<'a>>,
    pub created_at: Option<i64>,
}

impl<'a> Draft<'a> {
    /// What the request tells, when there is one.
    pub fn of_request() -> Draft<'a> {
        Draft::default().completed_from_request()
    }

    /// What is left out comes from the request, when there is one.
    pub fn completed_from_request(self) -> Draft<'a> {
        Draft {
            workspace_id: self.workspace_id.or_else(request::workspace_id),
            created_by_user_id: self.created_by_user_id.or_else(request::user_id),
            ip_address: self.ip_address.or_else(request::ip_address),
            user_agent: self.user_agent.or_else(request::user_agent),
            request_id: self.request_id.or_else(request::request_id),
            ..self
        }
    }

    /// As [`Draft::completed_from_request`], by what it told before.
    pub fn completed_from(self, request: &Draft<'a>) -> Draft<'a> {
        Draft {
            workspace_id: self.workspace_id.or(request.workspace_id),
            created_by_user_id: self.created_by_user_id.or(request.created_by_user_id),
            ip_address: self.ip_address.or(request.ip_address),
            user_agent: self.user_agent.or(request.user_agent),
            request_id: self.request_id.or(request.request_id),
            ..self
        }
    }

    fn given(&self) -> [Option<Datum<'a>>; GIVEN.len()] {
        [
            self.created_by_user_id,
            self.action_type,
            self.resource_type,
            self.resource_id,
            self.workspace_id,
            self.old_values,
            self.new_values,
            self.ip_address,
            self.user_agent,
            self.request_id,
            self.tags,
            self.metadata,
            self.created_at.map(datum::from_time),
        ]
    }

    /// The values as the table has them, without time and id.
    pub fn columns(&self) -> Columns<'a> {
        let mut columns = Columns::empty(&SHAPE);
        columns.set(Column::CreatedByUserId, self.created_by_user_id);
        columns.set(Column::ActionType, self.action_type);
        columns.set(Column::ResourceType, self.resource_type);
        columns.set(Column::ResourceId, self.resource_id);
        columns.set(Column::WorkspaceId, self.workspace_id);
        columns.set(Column::OldValues, self.old_values);
        columns.set(Column::NewValues, self.new_values);
        columns.set(Column::IpAddress, self.ip_address);
        columns.set(Column::UserAgent, self.user_agent);
        columns.set(Column::RequestId, self.request_id);
        columns.set(Column::Tags, self.tags);
        columns.set(Column::Metadata, self.metadata);
        columns.set(Column::CreatedAt, self.created_at.map(datum::from_time));
        columns
    }

    /// Stores the event and gives its id, in the memory context of the caller.
    pub fn record(&self, storage: &Rc<Storage>, context: Context) -> Result<Datum<'static>, Error> {
        match fast_path::store(self, storage, context)? {
            Some(id) => Ok(id),
            None => Ok(self.record_by_statement(storage, context)?),
        }
    }

    /// With everything that somebody else may have hung on the table.
    fn record_by_statement(&self, storage: &Storage, context: Context) -> Result<Datum<'static>, Interference> {
        let statement = match self.created_at {
            None => storage.known_or(&INSERT_NOW, || prepare(storage, GIVEN.len() - 1)),
            Some(_) => storage.known_or(&INSERT_AT, || prepare(storage, GIVEN.len())),
        };
        let given = self.given();
        let count = if self.created_at.is_some() { GIVEN.len() } else { GIVEN.len() - 1 };
        let changed_fields = rules::changed_fields(&self.columns());
        let _told = context.tell_triggers();
        statement.run(&given[..count], |outcome| stored_id(&given[..count], changed_fields, outcome))
    }
}

fn prepare(storage: &Storage, count: usize) -> Statement {
    let names: Vec<&str> = GIVEN[..count].iter().map(|column| column.name()).collect();
    let parameters: Vec<String> = (1..=count).map(|n| format!("${n}")).collect();
    let types: Vec<Oid> = GIVEN[..count].iter().map(|column| oid_of(column.data_type())).collect();
    let columns = names.join(", ");
    let sql = format!(
        "INSERT INTO {} ({columns}) VALUES ({}) RETURNING id, created_at, changed_fields, deleted_at IS NULL AND deleted_by_user_id IS NULL AND deletion_reason IS NULL, {columns}",
        storage.qualified(EVENTS),
        parameters.join(", "),
    );
    Statement::prepare(&sql, &types)
}

/// The id of the row that was stored, if it was stored and is what was given: an id that carries its time, the fields that changed, no
/// deletion, and all values.
fn stored_id(
    given: &[Option<Datum>],
    changed_fields: Option<Datum>,
    outcome: &Outcome,
) -> Result<Datum<'static>, Interference> {
    const BEFORE_GIVEN: i32 = 4;
    let altered = Interference::Altered { table: EVENTS };
    if outcome.processed != 1 {
        return Err(Interference::Suppressed { table: EVENTS });
    }
    let (Some(stored), Some(created_at)) = (outcome.column(1), outcome.column(2)) else { return Err(altered) };
    let values_are_given = given
        .iter()
        .enumerate()
        .all(|(position, given)| image::same(*given, outcome.column(position as i32 + BEFORE_GIVEN + 1)));
    if id::created_at(&datum::read_uuid(stored)) == Some(datum::read_time(created_at))
        && image::same(changed_fields, outcome.column(3))
        && outcome.column(4).is_some_and(datum::read_bool)
        && values_are_given
    {
        Ok(datum::copy_uuid_out(stored))
    } else {
        Err(altered)
    }
}

/// `insert_audit_event(…)`; the order of the parameters is part of the contract.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let draft = Draft {
        action_type: call.datum(0),
        resource_type: call.datum(1),
        resource_id: call.datum(2),
        workspace_id: call.datum(3),
        created_by_user_id: call.datum(4),
        old_values: call.datum(5),
        new_values: call.datum(6),
        ip_address: call.datum(7),
        user_agent: call.datum(8),
        tags: call.datum(9),
        metadata: call.datum(10),
        request_id: call.datum(11),
        created_at: None,
    };
    Ok(Answer::Value(draft.completed_from_request().record(&storage, Context::default())?))
}
