//! Which server seals the trail, and what happens where it is another than before.
//!
//! Transaction numbers mean nothing on another server: a restored dump, a copy of the database, a promoted standby. The first seal there begins an
//! incarnation with a root log of its own, so that two copies never sign different logs under one name. The logs of workspaces go on.

use std::rc::Rc;

use audit_core::argument;
use audit_core::catalogue::LOG_INCARNATIONS;
use audit_core::time::Timestamp;
use audit_evidence::base64;
use audit_evidence::checkpoint::is_origin;
use serde_json::json;
use uuid::Uuid;

use super::refusal::SealError;
use super::statements::statements;
use super::write;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::role::Acting;
use crate::pg::server::Identity;
use crate::pg::{datum, jsonb, parameter, role, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::{Interference, Storage, StorageError};
use crate::{interlock, settings};

const DEFAULT_ORIGIN: &str = "audit-ext";

pub struct Incarnation {
    pub number: i32,
    pub root_log: Uuid,
    pub origin: String,
    pub began_at: Timestamp,
    /// Of the server that began it.
    identity: Identity,
}

/// The incarnation that began last.
pub fn newest(storage: &Storage) -> Option<Incarnation> {
    let newest = statements(storage).incarnation.rows(&[], |row| {
        Some(Incarnation {
            number: row.int4(1)?,
            root_log: row.uuid(2)?,
            origin: row.text(3)?,
            began_at: row.time(4)?,
            identity: Identity { system: row.text(5)?, timeline: row.int8(6)?, database: row.int8(7)? },
        })
    });
    newest.into_iter().flatten().next()
}

/// How this server differs from the one that began the incarnation, in words.
pub fn difference(incarnation: &Incarnation, here: &Identity) -> Option<String> {
    let former = &incarnation.identity;
    if former.system != here.system {
        Some(format!("another server: system identifier {}, formerly {}", here.system, former.system))
    } else if former.timeline != here.timeline {
        Some(format!("another timeline: {}, formerly {}", here.timeline, former.timeline))
    } else if former.database != here.database {
        Some(format!("another database: {}, formerly {}", here.database, former.database))
    } else {
        None
    }
}

/// The incarnation of this server, which begins now if there is none. The caller is the owner, and the only one who seals.
pub fn of_server(storage: &Rc<Storage>) -> Result<Incarnation, Error> {
    let here = Identity::of_server().ok_or(StorageError::missing(LOG_INCARNATIONS))?;
    match newest(storage) {
        None => begin(storage, None, here, "the first seal"),
        Some(newest) => match difference(&newest, &here) {
            None => Ok(newest),
            Some(why) => begin(storage, Some(&newest), here, &why),
        },
    }
}

fn begin(storage: &Rc<Storage>, former: Option<&Incarnation>, here: Identity, why: &str) -> Result<Incarnation, Error> {
    let base = settings::LOG_ORIGIN.get().and_then(|origin| origin.into_string().ok()).filter(|text| !text.is_empty());
    let base = base.unwrap_or_else(|| DEFAULT_ORIGIN.to_owned());
    if !is_origin(&base) {
        return Err(SealError::Origin { origin: base }.into());
    }
    let number = former.map_or(1, |former| former.number + 1);
    let values = [
        parameter::int4(number),
        parameter::text(&base),
        parameter::text(&here.system),
        parameter::count(here.timeline as u64),
        parameter::count(here.database as u64),
        parameter::text(why),
        parameter::text(&role::name(role::session_user())),
    ];
    let sql = storage.fill(include_str!("../../sql/seal/begin.sql"), &[]);
    let made = write::admitted(LOG_INCARNATIONS, || {
        spi::first_row_with(&sql, &values, |row| Some((row.uuid(1)?, row.text(2)?, row.time(3)?)))
    })?;
    let (root_log, origin, began_at) = made.ok_or(Interference::Suppressed { table: LOG_INCARNATIONS })?;
    let begun = Incarnation { number, root_log, origin, began_at, identity: here };
    if let Some(former) = former {
        tell(storage, former, &begun, why)?;
    }
    Ok(begun)
}

/// It is an event: whoever kept a checkpoint of the former log sees where that log ended.
fn tell(storage: &Rc<Storage>, former: &Incarnation, begun: &Incarnation, why: &str) -> Result<(), Error> {
    let end = checkpoint(storage, former.number);
    let old = json!({
        "origin": former.origin,
        "size": end.as_ref().map(|(size, _)| size),
        "root": end.as_ref().map(|(_, root)| base64::encode(root)),
    });
    let new = json!({ "origin": begun.origin, "reason": why });
    let event = SystemEvent {
        action_type: "AUDIT_LOG_INCARNATION_BEGAN",
        resource_type: LOG_INCARNATIONS,
        resource_id: Some(begun.root_log),
        workspace_id: None,
        old_values: Some(jsonb::from_serde(&old)),
        new_values: Some(jsonb::from_serde(&new)),
    };
    system_event::record(storage, &event)
}

/// Size and root of the newest checkpoint of an incarnation.
pub fn checkpoint(storage: &Storage, incarnation: i32) -> Option<(i64, Vec<u8>)> {
    let sql = storage.fill(include_str!("../../sql/seal/checkpoint.sql"), &[]);
    spi::first_row_with(&sql, &[parameter::int4(incarnation)], |row| {
        Some((row.int8(1)?, row.column(2).map(datum::read_bytes)?.to_vec()))
    })
}

/// `audit_begin_incarnation(p_reason)`: for a copy of the files, which nothing tells from the server that it was copied from.
pub fn begin_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let reason =
        argument::required("p_reason", call.text(0), "Say why, for example 'restored from a copy of the files'.")?;
    let _owner = Acting::as_owner(storage.owner);
    if !interlock::seal(&storage)? {
        return Err(interlock::Contention::Sealer.into());
    }
    let here = Identity::of_server().ok_or(StorageError::missing(LOG_INCARNATIONS))?;
    let begun = begin(&storage, newest(&storage).as_ref(), here, &reason)?;
    Ok(Answer::Value(datum::from_int4(begun.number)))
}
