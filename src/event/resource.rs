//! Ids of things whose key is not a UUID: `audit_resource_id()`.
//!
//! A key may be an e-mail address or the number of a person, and its id remains when everything else of an event is erased. If the id were
//! made of the key alone, anybody who sees it could try keys until one matches. So it is made of the key and a salt. The salt is drawn once
//! per trail (`audit_resource_salt`), and no access level can read it.

use std::cell::{OnceCell, RefCell};

use audit_core::catalogue::RESOURCE_SALT;
use audit_core::event::resource_id::Namespace;
use uuid::Uuid;

use crate::cached::Cached;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum;
use crate::pg::role::Acting;
use crate::pg::{relation, spi};
use crate::storage::Storage;

/// What ids of this trail are made with.
#[derive(Default)]
struct Namer {
    namespace: OnceCell<Namespace>,
    /// The role asked for last: it is the same for all events of a session.
    role: RefCell<Option<(String, Uuid)>>,
}

thread_local! {
    static NAMER: Cached<Namer> = const { Cached::nothing() };
}

/// The id of a thing of this type with this key: a UUIDv5 (RFC 9562) of stable names, never of an OID.
pub fn resource_id(storage: &Storage, resource_type: &str, key: &str) -> Uuid {
    namespace(storage).id(resource_type, key)
}

/// The id of a database role as an actor.
pub fn role_id(storage: &Storage, name: &str) -> Uuid {
    let namer = storage.known_or(&NAMER, Namer::default);
    if let Some((known, id)) = &*namer.role.borrow()
        && known == name
    {
        return *id;
    }
    let id = unremembered_role_id(storage, name);
    if namer.namespace.get().is_some() {
        namer.role.replace(Some((name.to_owned(), id)));
    }
    id
}

/// As [`role_id`], of many roles of which none need be remembered.
pub fn unremembered_role_id(storage: &Storage, name: &str) -> Uuid {
    resource_id(storage, "db_role", name)
}

/// A copy without rows (a dump of the schema alone) has no salt before `audit_setup()` draws one. Recording goes on meanwhile, with ids of the
/// key alone, which nobody remembers.
fn namespace(storage: &Storage) -> Namespace {
    let namer = storage.known_or(&NAMER, Namer::default);
    namer.namespace.get().copied().unwrap_or_else(|| match salt(storage) {
        Some(salt) => *namer.namespace.get_or_init(|| Namespace::of(salt.as_bytes())),
        None => Namespace::of(&[]),
    })
}

/// The salt in force is the oldest: one that a dump brings into a new trail goes before that of the new trail.
fn salt(storage: &Storage) -> Option<String> {
    relation::find(storage.schema, RESOURCE_SALT)?;
    let _owner = Acting::as_owner(storage.owner);
    let table = storage.qualified(RESOURCE_SALT);
    let sql = format!("SELECT pg_catalog.encode(salt, 'hex') FROM {table} ORDER BY made_at, salt LIMIT 1");
    spi::find_row(&sql, |row| row.text(1))
}

/// Part of `audit_setup()`: draws the salt, if there is none.
pub fn draw_salt(storage: &Storage) -> Result<(), Error> {
    let table = storage.qualified(RESOURCE_SALT);
    let _permit = storage.writing(RESOURCE_SALT)?;
    let drawn = spi::count(&format!(
        "INSERT INTO {table} (made_at) SELECT pg_catalog.clock_timestamp() WHERE NOT EXISTS (SELECT FROM {table})"
    ));
    if drawn > 0 {
        // Nobody remembers it if the transaction is rolled back.
        relation::tell_changed(storage.oid(RESOURCE_SALT)?);
    }
    Ok(())
}

/// `audit_resource_id(p_resource_type, p_key)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let text = |position| call.datum(position).map(datum::read_key);
    Ok(match (text(0), text(1)) {
        (Some(resource_type), Some(key)) => Answer::from(resource_id(&storage, &resource_type, &key)),
        _ => Answer::Null,
    })
}
