//! Which server seals the trail, and what happens where it is another than before.
//!
//! Transaction numbers mean nothing on another server: a restored dump, a copy of the database, a promoted standby. The first seal there begins an
//! incarnation with a root log of its own, so that two copies never sign different logs under one name. The logs of workspaces go on.

use std::rc::Rc;

use audit_core::argument;
use audit_core::catalogue::LOG_INCARNATIONS;
use audit_core::time::Timestamp;
use audit_evidence::checkpoint::is_origin;
use serde_json::json;

use super::checkpoint::Incarnation;
use super::refusal::SealError;
use super::statements::statements;
use super::write;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::moment::Moment;
use crate::pg::role::Acting;
use crate::pg::server::Identity;
use crate::pg::{datum, jsonb, parameter, role, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::{Interference, Storage, StorageError};
use crate::{interlock, settings};

const DEFAULT_ORIGIN: &str = "audit-ext";

/// An incarnation, and the server that began it.
pub struct Begun {
    pub incarnation: Incarnation,
    pub at: Timestamp,
    by: Identity,
}

/// The incarnation that began last.
pub fn newest(storage: &Storage) -> Option<Begun> {
    statements(storage).incarnation.first_row(&[], |row| {
        Some(Begun {
            incarnation: Incarnation { number: row.int4(1)?, root_log: row.uuid(2)?, origin: row.text(3)? },
            at: row.time(4)?,
            by: Identity { system: row.text(5)?, timeline: row.int8(6)?, database: row.int8(7)? },
        })
    })
}

/// How this server differs from the one that began the incarnation, in words.
pub fn difference(begun: &Begun, here: &Identity) -> Option<String> {
    let former = &begun.by;
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

/// Whether this server made the last seal, or the one that it is a standby of: which that is, a standby cannot tell.
pub fn is_of_server(storage: &Storage) -> bool {
    let Some(newest) = newest(storage) else { return false };
    Identity::of_server().is_none_or(|here| difference(&newest, &here).is_none())
}

/// The incarnation of this server, which begins now if there is none. The caller is the owner, and the only one who seals.
pub fn of_server(storage: &Rc<Storage>) -> Result<Begun, Error> {
    let here = Identity::of_server().ok_or(StorageError::missing(LOG_INCARNATIONS))?;
    match newest(storage) {
        None => begin(storage, None, here, "the first seal"),
        Some(newest) => match difference(&newest, &here) {
            None => Ok(newest),
            Some(why) => begin(storage, Some(&newest.incarnation), here, &why),
        },
    }
}

fn begin(storage: &Rc<Storage>, former: Option<&Incarnation>, here: Identity, why: &str) -> Result<Begun, Error> {
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
        spi::find_row_with(&sql, &values, |row| Some((row.uuid(1)?, row.text(2)?, row.time(3)?)))
    })?;
    let (root_log, origin, at) = made.ok_or(Interference::Suppressed { table: LOG_INCARNATIONS })?;
    let incarnation = Incarnation { number, root_log, origin };
    if let Some(former) = former {
        tell(storage, former, &incarnation, why)?;
    }
    Ok(Begun { incarnation, at, by: here })
}

/// It is an event: whoever kept a checkpoint of the former log sees where that log ended.
fn tell(storage: &Rc<Storage>, former: &Incarnation, begun: &Incarnation, why: &str) -> Result<(), Error> {
    let end = {
        // Its last seal may have been made while this transaction waited for its turn.
        let _now = Moment::take();
        former.newest(storage)
    };
    let old = json!({
        "origin": former.origin,
        "size": end.map(|end| end.size),
        "root": end.map(|end| end.root.to_base64()),
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
    let begun = begin(&storage, newest(&storage).map(|newest| newest.incarnation).as_ref(), here, &reason)?;
    Ok(Answer::Value(datum::from_int4(begun.incarnation.number)))
}
