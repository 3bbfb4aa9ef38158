//! One object that a statement touches, and what it does to it.

use audit_core::ddl::command::Action;
use pgrx::pg_sys::Oid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    pub object: Object,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    Relation(Oid),
    Function(Oid),
    Schema(Oid),
    Extension(String),
    /// Whatever a role owns.
    OwnedBy(Oid),
    Publication(String),
}
