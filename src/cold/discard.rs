//! Files that are to be removed: `discard_audit_cold_object()` says so before a release, `confirm_audit_cold_removed()` that it was done.

use std::rc::Rc;

use audit_core::argument;
use audit_core::cold::conflict::Conflict;
use audit_core::cold::state::State;
use serde_json::json;

use super::object::{self, Object};
use crate::error::Error;
use crate::pg::backend::Session;
use crate::pg::call::{Answer, Call};
use crate::pg::{parameter, spi};
use crate::storage::Storage;

/// `discard_audit_cold_object(p_object_id, p_reason)`: for objects whose events are in the database.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let reason = argument::required("p_reason", call.text(1), "Say why, for example 'the export was interrupted'.")?;
    let object = Object::locked(&storage, "p_object_id", call.uuid(0))?;
    match object.state {
        State::Open if object.session != Session::own() => {
            if object.session.is_alive() {
                return Err(Conflict::SessionLives { object: object.id }.into());
            }
            demand_predecessor(&storage, &object)?;
        }
        State::Open | State::Stored => (),
        _ => return Err(object.wrong_state("open or stored").into()),
    }
    object.condemn(&storage, &reason)?;
    Ok(Answer::Nothing)
}

/// An open object whose session has ended is worthless.
pub fn abandoned(storage: &Rc<Storage>, object: &Object) -> Result<(), Error> {
    demand_predecessor(storage, object)?;
    object.condemn(storage, "the session that began it has ended")
}

/// After a recovery to a time when a successor was being written, the catalog knows it as open, but it may have replaced the other since, whose file
/// is then gone. So it is condemned only if the file of the other was found later than that.
fn demand_predecessor(storage: &Storage, object: &Object) -> Result<(), Conflict> {
    let Some(replaces) = object.replaces else { return Ok(()) };
    let sql = storage.fill(
        "SELECT FROM @extschema@.audit_cold_objects WHERE object_id = $1 AND state = 'released' \
         AND (checked_at > $2 AND check_result = 'ok') IS NOT TRUE",
        &[],
    );
    match spi::count_with(&sql, &[parameter::uuid(replaces), parameter::time(object.opened_at)]) {
        0 => Ok(()),
        _ => Err(Conflict::NotKnownToBeThere { object: object.id, replaces }),
    }
}

/// `confirm_audit_cold_removed(p_object_id)`.
pub fn confirm_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let object = Object::locked(&storage, "p_object_id", call.uuid(0))?;
    object.demand_state(State::Condemned)?;
    let [user, role] = object::who(&storage);
    let changes = "gone_at = clock_timestamp(), gone_by_user_id = $3, gone_by_role = $4";
    object.advance(&storage, State::Gone, changes, &[user, role])?;
    object.record(&storage, "AUDIT_COLD_REMOVED", &json!({}))?;
    Ok(Answer::Nothing)
}
