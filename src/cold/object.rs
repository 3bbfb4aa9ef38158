//! An object of cold storage: its row, and the steps that move it on.
//!
//! Whoever takes a step has read the row under a lock, so of two that take one the second finds the object where the first has left it. The state
//! decides what may follow ([`audit_core::cold::state`]); a trigger of the table decides the same again ([`super::guard`]).

use std::rc::Rc;

use audit_core::catalogue::COLD_OBJECTS;
use audit_core::cold::conflict::Conflict;
use audit_core::cold::state::State;
use audit_core::ids::WorkspaceId;
use audit_core::month::Month;
use audit_core::time::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::Error;
use crate::interlock::Contention;
use crate::pg::backend::Session;
use crate::pg::parameter::Parameter;
use crate::pg::{datum, jsonb, lock, parameter, role, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::{Interference, Storage};

/// A row of `audit_cold_objects`, locked until the end of the transaction.
#[derive(Clone, Debug)]
pub struct Object {
    pub id: Uuid,
    pub workspace: WorkspaceId,
    pub month: Month,
    pub store: String,
    pub path: String,
    pub state: State,
    pub replaces: Option<Uuid>,
    pub opened_at: Timestamp,
    /// The one that began it.
    pub session: Session,
    /// The entry of the deletion log under which its events left.
    pub release_entry: Option<Uuid>,
    /// None until it was stored.
    pub event_count: Option<i64>,
}

pub const STEP: &str = "a step of a cold object";

/// Whoever takes a step, as the row has them: user and session user.
pub fn who(storage: &Storage) -> [Parameter<'static>; 2] {
    [parameter::uuid(system_event::actor(storage)), parameter::text(&role::name(role::session_user()))]
}

impl Object {
    /// The object that an argument names.
    pub fn locked(storage: &Storage, parameter: &'static str, id: Option<Uuid>) -> Result<Object, Error> {
        let object = id.unwrap_or_default();
        Ok(Object::find(storage, object, STEP)?.ok_or(Conflict::UnknownObject { parameter, object })?)
    }

    /// `what` waits for whoever takes a step with it, for some seconds at most.
    pub fn find(storage: &Storage, id: Uuid, what: &'static str) -> Result<Option<Object>, Contention> {
        select(storage, "object.object_id = $1", &[parameter::uuid(id)], what)
    }

    /// The one of a workspace and month that is open or stored. There is at most one.
    pub fn under_way(storage: &Storage, workspace: WorkspaceId, month: Month) -> Result<Option<Object>, Contention> {
        let condition = "object.workspace_id = $1 AND object.month = $2::date AND object.state IN ('open', 'stored')";
        select(storage, condition, &[parameter::uuid(workspace), parameter::text(&month.as_date())], STEP)
    }

    pub fn demand_state(&self, state: State) -> Result<(), Conflict> {
        if self.state == state { Ok(()) } else { Err(self.wrong_state(state.name())) }
    }

    pub fn wrong_state(&self, meant_for: &'static str) -> Conflict {
        Conflict::WrongState { object: self.id, state: self.state, meant_for }
    }

    /// Its events are in the file only: `entry` of the deletion log says so. An adopted object may have none.
    pub fn release(&self, storage: &Storage, entry: Option<Uuid>, request: Option<Uuid>) -> Result<(), Error> {
        let [user, role] = who(storage);
        let changes = "released_at = clock_timestamp(), released_by_user_id = $3, released_by_role = $4, release_log_id = $5, request_id = $6";
        self.advance(storage, State::Released, changes, &[user, role, parameter::uuid(entry), parameter::uuid(request)])
    }

    /// Its file is to be removed. Recorded.
    pub fn condemn(&self, storage: &Rc<Storage>, reason: &str) -> Result<(), Error> {
        let [user, role] = who(storage);
        let changes = "condemned_at = clock_timestamp(), condemned_by_user_id = $3, condemned_by_role = $4, condemned_reason = $5";
        self.advance(storage, State::Condemned, changes, &[user, role, parameter::text(reason)])?;
        self.record(storage, "AUDIT_COLD_CONDEMNED", &json!({ "reason": reason }))
    }

    /// Updates the row. `changes` uses the parameters from `$3` on.
    pub fn advance(
        &self,
        storage: &Storage,
        next: State,
        changes: &str,
        parameters: &[Parameter],
    ) -> Result<(), Error> {
        if !self.state.may_become(next) {
            return Err(self.wrong_state("in the state before").into());
        }
        self.update(storage, &format!("state = $2, {changes}"), next.name(), parameters)
    }

    /// `changes` may use `text` as `$2`.
    pub fn update(&self, storage: &Storage, changes: &str, text: &str, parameters: &[Parameter]) -> Result<(), Error> {
        let _permit = storage.writing(COLD_OBJECTS)?;
        let sql = format!("UPDATE {} SET {changes} WHERE object_id = $1", storage.qualified(COLD_OBJECTS));
        let parameters: Vec<Parameter> =
            [parameter::uuid(self.id), parameter::text(text)].into_iter().chain(parameters.iter().copied()).collect();
        match spi::count_with(&sql, &parameters) {
            1 => Ok(()),
            _ => Err(Interference::Suppressed { table: COLD_OBJECTS }.into()),
        }
    }

    /// Records a step as an event of the workspace: which file it is, and `details`.
    pub fn record(&self, storage: &Rc<Storage>, action: &str, details: &Value) -> Result<(), Error> {
        let mut told = json!({
            "month": self.month.as_date(),
            "store": self.store,
            "path": self.path,
            "replaces": self.replaces.map(|id| id.to_string()),
            "event_count": self.event_count,
        });
        if let (Some(told), Some(details)) = (told.as_object_mut(), details.as_object()) {
            told.extend(details.clone());
            told.retain(|_, value| !value.is_null());
        }
        system_event::record(
            storage,
            &SystemEvent {
                action_type: action,
                resource_type: COLD_OBJECTS,
                resource_id: Some(self.id),
                workspace_id: Some(datum::from_uuid(&self.workspace.0)),
                old_values: None,
                new_values: Some(jsonb::from_serde(&told)),
            },
        )
    }
}

fn select(
    storage: &Storage,
    condition: &str,
    parameters: &[Parameter],
    what: &'static str,
) -> Result<Option<Object>, Contention> {
    let objects = storage.fill(include_str!("../../sql/cold/objects.sql"), &[]);
    let sql = format!("{objects} WHERE {condition} FOR UPDATE");
    let mut found = None;
    match lock::with_patience(|| found = spi::find_row_with(&sql, parameters, |row| read(&row))) {
        true => Ok(found),
        false => Err(Contention::Turn { what }),
    }
}

fn read(row: &spi::ResultRow) -> Option<Object> {
    Some(Object {
        id: row.uuid(1)?,
        workspace: WorkspaceId(row.uuid(2)?),
        month: Month::of(row.time(3)?)?,
        store: row.text(4)?,
        path: row.text(5)?,
        state: State::parse(&row.text(6)?)?,
        replaces: row.uuid(7),
        opened_at: row.time(8)?,
        session: Session { pid: row.int4(9)?, started_at: row.time(10)? },
        release_entry: row.uuid(11),
        event_count: row.int8(12),
    })
}
