//! What each seal asks, also one that finds nothing: prepared once by a backend, because planning would cost more than the answer.

use std::rc::Rc;

use pgrx::pg_sys::{INT4OID, INT8ARRAYOID, INT8OID, OIDOID, Oid};

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
    let prepare = |sql: &str, types: &[Oid]| PreparedStatement::prepare(&storage.fill(sql, &[]), types);
    storage.known_or(&STATEMENTS, || Statements {
        is_subscribed: prepare(include_str!("../../sql/seal/is_subscribed.sql"), &[OIDOID]),
        has_indexes: prepare(include_str!("../../sql/seal/has_indexes.sql"), &[OIDOID, OIDOID]),
        incarnation: prepare(include_str!("../../sql/seal/incarnation.sql"), &[]),
        last: prepare(include_str!("../../sql/seal/last.sql"), &[]),
        since_base: prepare(include_str!("../../sql/seal/since_base.sql"), &[INT4OID, INT8OID]),
        of_any_time: prepare(include_str!("../../sql/seal/of_any_time.sql"), &[INT8OID, INT8OID, INT8ARRAYOID]),
    })
}
