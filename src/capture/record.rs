//! Makes an event of a changed row.

use std::cell::RefCell;
use std::rc::Rc;

use audit_core::event::action::SYSTEM_KEY;
use audit_core::jsonb::Document;
use audit_core::jsonb::write::{self as document, Field, Value};
use audit_core::request::parse_uuid;
use pgrx::pg_sys::UUIDOID;
use uuid::Uuid;

use super::plan::{Plan, PlannedColumn, Workspace};
use super::values::{self, Budget, Form};
use crate::error::Error;
use crate::event::resource::{resource_id, role_id};
use crate::event::workspace::Named;
use crate::pg::datum::Datum;
use crate::pg::jsonb::Jsonb;
use crate::pg::memory::Scratch;
use crate::pg::role::Acting;
use crate::pg::row::Row;
use crate::pg::{datum, encoding, jsonb};
use crate::record::batch::Batch;
use crate::record::context::Context;
use crate::record::draft::Draft;
use crate::record::store;
use crate::record::system_event::{self, Proofs};
use crate::settings;
use crate::storage::Storage;

/// Records the changes that one statement, or one row trigger, made.
pub struct Recorder<'a> {
    storage: Rc<Storage>,
    plan: &'a Plan,
    /// What all its events have in common; what one has to tell in its metadata replaces that of this.
    common: Draft<'static>,
    /// Which roles it was.
    proofs: Rc<Proofs>,
    limit: usize,
    scratch: Scratch,
    /// Where several events are stored together.
    batch: Option<RefCell<&'a mut Batch>>,
}

/// One changed row.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    Insert(Row<'a>),
    Update(Row<'a>, Row<'a>),
    Delete(Row<'a>),
}

impl<'a> Change<'a> {
    fn action(&self) -> &'static str {
        match self {
            Change::Insert(_) => "INSERT",
            Change::Update(..) => "UPDATE",
            Change::Delete(_) => "DELETE",
        }
    }

    fn before(&self) -> Option<Row<'a>> {
        match self {
            Change::Insert(_) => None,
            Change::Update(old, _) | Change::Delete(old) => Some(*old),
        }
    }

    fn after(&self) -> Option<Row<'a>> {
        match self {
            Change::Delete(_) => None,
            Change::Insert(new) | Change::Update(_, new) => Some(*new),
        }
    }
}

impl<'a> Recorder<'a> {
    pub fn new(storage: Rc<Storage>, plan: &'a Plan, batch: Option<&'a mut Batch>) -> Recorder<'a> {
        let request = Draft::of_request();
        let proofs = system_event::proofs();
        let actor = request.created_by_user_id.unwrap_or_else(|| actor_without_request(&storage, &proofs));
        let common = Draft {
            resource_type: Some(datum::from_text(plan.resource_type.as_bytes())),
            created_by_user_id: Some(actor),
            workspace_id: request.workspace_id.or_else(|| Some(default_workspace())),
            metadata: Some(jsonb::of_document(&proofs.metadata)),
            ..request
        };
        let limit = usize::try_from(settings::CAPTURE_VALUE_LIMIT.get()).unwrap_or_default();
        Recorder { storage, plan, common, proofs, limit, scratch: Scratch::new(), batch: batch.map(RefCell::new) }
    }

    /// Records the change; an update that changes nothing that is recorded is none. A row that moves to another workspace leaves one and
    /// enters the other, so that both trails tell of it, and neither tells of the other workspace.
    pub fn record(&self, change: Change) -> Result<(), Error> {
        self.scratch.run(|| match change {
            Change::Update(old, new) if self.moves(old, new) => {
                self.record_event(Change::Delete(old), true)?;
                self.record_event(Change::Insert(new), true)
            }
            change => self.record_event(change, false),
        })
    }

    fn record_event(&self, change: Change, moves: bool) -> Result<(), Error> {
        self.event(change, moves).map_or(Ok(()), |draft| self.store(draft))
    }

    /// Whether an update gives the row to another workspace.
    fn moves(&self, old: Row, new: Row) -> bool {
        let filed = |row| self.workspace(row).0.or(self.common.workspace_id).map(datum::read_uuid);
        match self.plan.workspace {
            None => false,
            // To make an id of a key takes longer than to compare keys.
            Some(Workspace::Key { place, .. }) if old.is_same(&new, place) => false,
            Some(_) => filed(old) != filed(new),
        }
    }

    /// All rows are gone at once. `part` is the table, if it is not the tracked one itself but a part of it.
    pub fn record_truncate(&self, part: Option<&str>) -> Result<(), Error> {
        self.scratch.run(|| {
            let part = part.map(|part| document::field("table", Value::text(part)));
            let proofs = document::object(proof_fields(&self.proofs.named).chain(part).collect());
            let action_type = Some(datum::from_text(b"TRUNCATE"));
            self.store(Draft { action_type, metadata: non_empty(vec![proven(&proofs)]), ..self.common })
        })
    }

    /// The metadata of one event, with what it tells of the row beside the proofs.
    fn metadata<'f>(&'f self, told: impl IntoIterator<Item = Field<'f>>) -> Option<Datum<'static>> {
        let mut told = told.into_iter().peekable();
        match told.peek() {
            Some(_) => non_empty(told.chain([proven(&self.proofs.object)]).collect()),
            None => self.common.metadata,
        }
    }

    fn store(&self, draft: Draft) -> Result<(), Error> {
        let _owner = Acting::as_owner(self.storage.owner);
        match &self.batch {
            Some(batch) => batch.borrow_mut().add(&draft, &self.storage, Context::SYSTEM),
            None => store::event(&draft, &self.storage, Context::SYSTEM),
        }
        .map(|_| ())
    }

    fn event<'r>(&'r self, change: Change<'r>, moves: bool) -> Option<Draft<'r>> {
        let (old, new) = (change.before(), change.after());
        let shown: Vec<&PlannedColumn> = match change {
            Change::Update(old, new) => self.shown(old, new)?,
            _ => self.plan.columns.iter().collect(),
        };
        let (mut digested, mut json_null) = (Vec::new(), Vec::new());
        let mut document = |row: Option<Row>, other: Option<Row>, side| {
            let mut budget = Budget::new(self.limit);
            let fields = row.map(|row| {
                let told = shown.iter().filter(|column| !column.is_null_beside_json_null(row, other));
                told.map(|column| column.field(row, side, &mut budget)).collect()
            });
            digested.append(&mut budget.digested);
            if !budget.json_null.is_empty() {
                json_null.push(document::field(side, self.names_of(budget.json_null)));
            }
            fields.and_then(non_empty)
        };
        let (old_values, new_values) = (document(old, new, "old"), document(new, old, "new"));
        let (resource_id, key) = old.or(new).map_or((None, None), |row| self.resource(row));
        let (workspace_id, workspace_key) = new.or(old).map_or((None, None), |row| self.workspace(row));
        let digested = (!digested.is_empty()).then(|| document::field("digested", self.names_of(digested)));
        let json_null = (!json_null.is_empty()).then(|| document::field("json_null", Value::Object(json_null)));
        let moved = moves.then(|| document::field("moved", Value::Bool(true)));
        Some(Draft {
            action_type: Some(datum::from_text(change.action().as_bytes())),
            resource_id,
            workspace_id: workspace_id.or(self.common.workspace_id),
            old_values,
            new_values,
            metadata: self.metadata([key, workspace_key, digested, json_null, moved].into_iter().flatten()),
            ..self.common
        })
    }

    /// The columns that changed and those that tell which row it was; None when nothing changed.
    fn shown(&self, old: Row, new: Row) -> Option<Vec<&'a PlannedColumn>> {
        let mut changed = false;
        let shown = self
            .plan
            .columns
            .iter()
            .filter(|column| {
                let differs = !old.is_same(&new, column.place);
                changed |= differs;
                differs || column.is_key || self.plan.key.is_empty()
            })
            .collect();
        changed.then_some(shown)
    }

    /// The row's workspace, and its key for the metadata when that is something else.
    fn workspace<'r>(&'r self, row: Row<'r>) -> (Option<Datum<'r>>, Option<Field<'r>>) {
        let (place, kind, shown) = match self.plan.workspace {
            None => return (None, None),
            Some(Workspace::Id(place)) => return (row.value(place).map(|id| id.as_kind(UUIDOID)), None),
            Some(Workspace::Key { place, kind, shown }) => (place, kind, shown),
        };
        let Some(value) = row.value(place) else { return (None, None) };
        let workspace = Named::by(&self.storage, &kind.text(value));
        let key = shown.filter(|_| matches!(workspace, Named::ByKey(_))).map(|column| {
            let key = self.plan.columns[column].field(row, "key", &mut Budget::new(self.limit));
            document::field("workspace_key", Value::Object(vec![key]))
        });
        (Some(datum::from_uuid(&workspace.id())), key)
    }

    /// The id of the row as a resource, and its key for the metadata when that is something else.
    fn resource<'r>(&'r self, row: Row<'r>) -> (Option<Datum<'r>>, Option<Field<'r>>) {
        let key = || self.plan.columns.iter().filter(|column| column.is_key);
        if self.plan.key_is_uuid {
            let id = key().next().and_then(|column| row.value(column.place));
            return (id.map(|id| id.as_kind(UUIDOID)), None);
        }
        if self.plan.key.is_empty() {
            return (None, None);
        }
        let mut budget = Budget::new(self.limit);
        let parts: Vec<(usize, Field)> =
            key().map(|column| (column.place, column.field(row, "key", &mut budget))).collect();
        let values =
            self.plan.key.iter().filter_map(|place| {
                parts.iter().find(|(known, _)| known == place).map(|(_, (_, value))| value.clone())
            });
        let id = resource_id(&self.storage, &self.plan.resource_type, &key_text(values.collect()));
        let fields = parts.into_iter().map(|(_, field)| field).collect();
        (Some(datum::from_uuid(&id)), Some(document::field("key", Value::Object(fields))))
    }

    fn names_of(&self, mut places: Vec<usize>) -> Value<'a> {
        places.sort_unstable();
        places.dedup();
        let columns = self.plan.columns.iter().filter(|column| places.binary_search(&column.place).is_ok());
        Value::Array(columns.map(|column| Value::Text(column.name.as_slice().into())).collect())
    }
}

impl PlannedColumn {
    /// Whether the row has SQL's NULL where the other side of an update has JSON's. It is left out, or the two would look the same.
    fn is_null_beside_json_null(&self, row: Row, other: Option<Row>) -> bool {
        let is_json_null = |value| document::is_null(Jsonb::of(value).stored());
        self.form == Form::Jsonb
            && !self.is_masked
            && row.value(self.place).is_none()
            && other.and_then(|other| other.value(self.place)).is_some_and(is_json_null)
    }

    fn field<'r>(&'r self, row: Row<'r>, side: &'static str, budget: &mut Budget) -> Field<'r> {
        let value = match row.value(self.place) {
            _ if self.is_masked => values::masked(side),
            None => Value::Null,
            Some(value) => budget.convert(self.place, self.form, self.length, value),
        };
        (self.name.as_slice().into(), value)
    }
}

/// What a key is called in `audit_resource_id()`: the value as text, or the JSON array of several.
fn key_text(mut values: Vec<Value>) -> String {
    if let [Value::Text(text)] = values.as_slice() {
        return encoding::to_utf8(text).into_owned();
    }
    let single = values.len() == 1;
    let text = encoding::to_utf8(&jsonb::text_of(&document::array(std::mem::take(&mut values)))).into_owned();
    if single { text[1..text.len() - 1].to_owned() } else { text }
}

/// What proves who did it lies under the key that is the extension's own.
fn proven(proofs: &Document) -> Field<'_> {
    document::field(SYSTEM_KEY, Value::Jsonb(proofs.stored()))
}

fn proof_fields<'f>(proofs: &'f [(&'static str, String)]) -> impl Iterator<Item = Field<'f>> {
    proofs.iter().map(|(key, name)| document::field(key, Value::text(name.as_str())))
}

fn non_empty(fields: Vec<Field>) -> Option<Datum<'static>> {
    (!fields.is_empty()).then(|| jsonb::of_document(&document::object(fields)))
}

fn configured(setting: &pgrx::GucSetting<Option<std::ffi::CString>>) -> Option<Uuid> {
    setting.get().and_then(|text| parse_uuid(text.to_str().ok()?))
}

/// The configured system actor, else an id made of the session user's name.
fn actor_without_request(storage: &Storage, proofs: &Proofs) -> Datum<'static> {
    let actor = configured(&settings::SYSTEM_ACTOR).unwrap_or_else(|| role_id(storage, proofs.session_user()));
    datum::from_uuid(&actor)
}

fn default_workspace() -> Datum<'static> {
    datum::from_uuid(&configured(&settings::DEFAULT_WORKSPACE).unwrap_or(Uuid::nil()))
}
