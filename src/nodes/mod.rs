//! What nodes of a Citus cluster do for each other, once they act as one ([`crate::cluster`]): carry out the log, read all trails, come and go.

pub mod carry;
pub mod enable;
pub mod health;
pub mod removal;
pub mod retire;
mod row;
pub mod trail;

use crate::cluster;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::storage::Storage;

/// A node does nothing that removes or moves events before it has carried out what the others did meanwhile. It does that in a session of its own: it stays done if the
/// work is refused.
pub fn after_catching_up(call: &Call, work: fn(&Call) -> Result<Answer, Error>) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    if cluster::is_enabled(&storage) {
        carry::catch_up_apart(&storage)?;
    }
    work(call)
}
