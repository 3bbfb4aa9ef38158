//! `insert_audit_event()`: records one event, completed with what the request says.

use std::rc::Rc;

use super::context::Context;
use super::draft::Draft;
use super::idempotency::{self, Claim};
use super::store;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::{self, Datum};
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
        created_at: call.added(13).map(datum::read_time),
    };
    let id = match call.added(12) {
        None => store::event(&draft.completed_from_request(), &storage, Context::default())?,
        Some(key) => with_key(key, &draft, &storage)?,
    };
    Ok(Answer::Value(id))
}

#[cold]
fn with_key(key: Datum, given: &Draft, storage: &Rc<Storage>) -> Result<Datum<'static>, Error> {
    let (draft, context) = (given.completed_from_request(), Context::default());
    match idempotency::claim(storage, &draft, key)? {
        None => store::event(&draft, storage, context),
        Some(Claim::Known(known)) => known.answer(given, storage, context),
        Some(Claim::New(key)) => {
            let id = store::event(&draft, storage, context)?;
            key.store(id)?;
            Ok(id)
        }
    }
}
