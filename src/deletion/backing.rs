//! What the trail must tell of a request before it is acted upon. The row alone proves nothing: whoever may become a replica can plant one that
//! looks approved. Every step is recorded as an event, which names the session that took it.

use pgrx::pg_sys::{TEXTOID, TIMESTAMPTZOID, UUIDOID};
use uuid::Uuid;

use crate::error::Error;
use crate::event::resource::resource_id;
use crate::pg::role::Acting;
use crate::pg::{datum, spi};
use crate::storage::{REQUESTS, Storage};

/// Who took a step, by the row, and when.
#[derive(Clone)]
pub struct Signed {
    pub role: String,
    pub at: i64,
}

/// The events that a request must have behind it.
pub const REQUESTED: &str = "AUDIT_DELETION_REQUESTED";
pub const APPROVED: &str = "AUDIT_DELETION_APPROVED";

/// The trail has the event of this step, hot or archived, recorded in a session of whom the row names.
pub fn demand(storage: &Storage, step: &str, workspace: Uuid, request: Uuid, signed: &Signed) -> Result<(), Error> {
    let _owner = Acting::as_owner(storage.owner);
    let text = |text: &str| (TEXTOID, Some(datum::from_text(text.as_bytes())));
    let parameters = [
        (UUIDOID, Some(datum::from_uuid(&workspace))),
        (UUIDOID, Some(datum::from_uuid(&resource_id(storage, REQUESTS, &request.to_string())))),
        text(step),
        (TIMESTAMPTZOID, Some(datum::from_time(signed.at))),
        text(&signed.role),
    ];
    match spi::count_with(&storage.fill(include_str!("../../sql/deletion/step.sql"), &[]), &parameters) {
        0 => Err(Error::Unproven { what: "request for deletion", id: request }),
        _ => Ok(()),
    }
}
