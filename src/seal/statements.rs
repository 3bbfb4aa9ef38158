//! What each seal asks, also one that finds nothing: prepared once by a backend, because planning would cost more than the answer.

use std::rc::Rc;

use pgrx::pg_sys::{INT4OID, INT8ARRAYOID, INT8OID, OIDOID};

use super::log::prepared;
use crate::cached::Cached;
use crate::pg::spi::PreparedStatement;
use crate::storage::Storage;

pub struct Statements {
    pub is_subscribed: PreparedStatement,
    pub has_indexes: PreparedStatement,
    pub incarnation: PreparedStatement,
    pub last: PreparedStatement,
    pub since_base: PreparedStatement,
    pub of_any_time: PreparedStatement,
}

thread_local! {
    static STATEMENTS: Cached<Statements> = const { Cached::nothing() };
}

pub fn statements(storage: &Storage) -> Rc<Statements> {
    storage.known_or(&STATEMENTS, || Statements {
        is_subscribed: prepared!(storage, "is_subscribed", &[OIDOID]),
        has_indexes: prepared!(storage, "has_indexes", &[OIDOID, OIDOID]),
        incarnation: prepared!(storage, "incarnation", &[]),
        last: prepared!(storage, "last", &[]),
        since_base: prepared!(storage, "since_base", &[INT4OID, INT8OID]),
        of_any_time: prepared!(storage, "of_any_time", &[INT8OID, INT8OID, INT8ARRAYOID]),
    })
}
