//! `insert_audit_event()`: records one event, completed with what the request says.

use super::context::Context;
use super::draft::Draft;
use super::store;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::storage::Storage;

/// `insert_audit_event(…)`; the order of the parameters is part of the contract.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let draft = Draft {
        action_type: call.datum(0),
        resource_type: call.datum(1),
        resource_id: call.datum(2),
        workspace_id: call.datum(3),
        created_by_user_id: call.datum(4),
        old_values: call.datum(5),
        new_values: call.datum(6),
        ip_address: call.datum(7),
        user_agent: call.datum(8),
        tags: call.datum(9),
        metadata: call.datum(10),
        request_id: call.datum(11),
        created_at: None,
    };
    Ok(Answer::Value(store::event(&draft.completed_from_request(), &storage, Context::default())?))
}
