//! `report_audit_cold_check()`: whether a file is there and what it was. Only the program and the store can tell; the catalog remembers what they said.

use audit_core::argument::{self, Argument};
use audit_core::cold::state::State;
use serde_json::json;

use super::object::{self, Object};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::parameter;
use crate::storage::Storage;

const RESULTS: [&str; 4] = ["ok", "missing", "altered", "unreadable"];

/// `report_audit_cold_check(p_object_id, p_result, p_detail)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let result = call.text(1).filter(|result| RESULTS.contains(&result.as_str())).ok_or(
        Argument::new("p_result").problem("must be ok, missing, altered or unreadable").hint("Say what was found."),
    )?;
    let detail = argument::optional("p_detail", call.text(2))?;
    let object = Object::locked(&storage, "p_object_id", call.uuid(0))?;
    if !matches!(object.state, State::Stored | State::Released) {
        return Err(object.wrong_state("stored or released").into());
    }
    let [user, role] = object::who(&storage);
    let changes = "check_result = $2, checked_at = clock_timestamp(), checked_by_user_id = $3, checked_by_role = $4, check_detail = $5";
    object.update(&storage, changes, &result, &[user, role, parameter::text_or_null(detail.as_deref())])?;
    object.record(&storage, "AUDIT_COLD_CHECKED", &json!({ "result": result, "detail": detail }))?;
    Ok(Answer::Nothing)
}
