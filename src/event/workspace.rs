//! Workspaces whose key is no UUID: what a value of an application's column stands for.
//!
//! Capture and the membership check read such columns alike, so an event of a row belongs to the workspace that its members are members of.

use audit_core::event::resource_id::WORKSPACE;
use audit_core::request::parse_uuid;
use pgrx::pg_sys::{self, BuiltinOid, Oid};
use uuid::Uuid;

use super::resource::resource_id;
use crate::pg::datum::{self, Datum};
use crate::pg::{encoding, types, value};
use crate::storage::Storage;

/// How the values of a column name a workspace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkspaceKey {
    /// By its id.
    Id,
    Text,
    /// A char(n), which ends with blanks that do not count.
    Padded,
    Bool,
    Int2,
    Int4,
    Int8,
    /// As its type prints it.
    Printed,
}

impl WorkspaceKey {
    /// None for a type whose values are documents: they are no keys.
    pub fn of(type_id: Oid) -> Option<WorkspaceKey> {
        let base = types::base_type(type_id);
        match BuiltinOid::try_from(base) {
            Ok(BuiltinOid::UUIDOID) => Some(WorkspaceKey::Id),
            Ok(BuiltinOid::TEXTOID | BuiltinOid::VARCHAROID) => Some(WorkspaceKey::Text),
            Ok(BuiltinOid::BPCHAROID) => Some(WorkspaceKey::Padded),
            Ok(BuiltinOid::BOOLOID) => Some(WorkspaceKey::Bool),
            Ok(BuiltinOid::INT2OID) => Some(WorkspaceKey::Int2),
            Ok(BuiltinOid::INT4OID) => Some(WorkspaceKey::Int4),
            Ok(BuiltinOid::INT8OID) => Some(WorkspaceKey::Int8),
            Ok(BuiltinOid::JSONOID | BuiltinOid::JSONBOID) => None,
            _ if types::element_type(base).is_some() || types::is_composite(base) => None,
            _ => Some(WorkspaceKey::Printed),
        }
    }

    /// Whether the text of a value may depend on settings of the session.
    pub fn looks_at_settings(self) -> bool {
        self == WorkspaceKey::Printed
    }

    /// The value as `::text` has it. It runs the type's output function, with the rights of the current user.
    pub fn text(self, value: Datum) -> String {
        match self {
            WorkspaceKey::Id => datum::read_uuid(value).to_string(),
            WorkspaceKey::Text => datum::read_key(value),
            WorkspaceKey::Padded => datum::read_key(value).trim_end_matches(' ').to_owned(),
            WorkspaceKey::Bool => datum::read_bool(value).to_string(),
            WorkspaceKey::Int2 => (datum::read_word(value) as i16).to_string(),
            WorkspaceKey::Int4 => datum::read_int4(value).to_string(),
            WorkspaceKey::Int8 => datum::read_int8(value).to_string(),
            WorkspaceKey::Printed => encoding::to_utf8(value::output(value)).into_owned(),
        }
    }
}

/// The workspace that a text names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    ById(Uuid),
    /// The id is made of the key.
    ByKey(Uuid),
}

impl Named {
    pub fn by(storage: &Storage, text: &str) -> Named {
        let id = parse_uuid(text).filter(|id| !is_made_of_key(id));
        id.map_or_else(|| Named::ByKey(resource_id(storage, WORKSPACE, text)), Named::ById)
    }

    pub fn id(self) -> Uuid {
        let (Named::ById(id) | Named::ByKey(id)) = self;
        id
    }
}

/// Ids that are made of keys are UUIDs of version 5. A text that is one is taken for a key, too: otherwise whoever may choose a key would be taken for
/// the workspace of another one by writing that one's id.
pub fn is_made_of_key(id: &Uuid) -> bool {
    id.get_version_num() == 5
}

/// How a statement compares a column with a key that it is given by its text, `$1`; by the column's index, where the type is one of PostgreSQL's usual keys.
pub fn condition(column: &str, type_id: Oid) -> String {
    let comparable = match types::base_type(type_id) {
        pg_sys::TEXTOID | pg_sys::VARCHAROID => "$1",
        pg_sys::BPCHAROID => "$1::pg_catalog.bpchar",
        pg_sys::INT2OID | pg_sys::INT4OID | pg_sys::INT8OID => "$1::pg_catalog.int8",
        pg_sys::BOOLOID => return format!("{column}::pg_catalog.text OPERATOR(pg_catalog.=) $1"),
        // By the type's output function: a cast could be somebody else's.
        _ => return format!("{column} IS NOT NULL AND pg_catalog.concat({column}) OPERATOR(pg_catalog.=) $1"),
    };
    format!("{column} OPERATOR(pg_catalog.=) {comparable}")
}
