//! Removal of events: erasure of a person's payload, and purge of archived events past their period.
//!
//! [`person`] erases in all workspaces at once. [`authorise`] decides and makes the proof. [`erase`] and [`purge`] demand the proof, change rows under a [`crate::permit`], and write
//! the [`log`] and the [`list`] of what they took, which [`removal`] does for both. [`request`] is the procedure in which somebody else approves; [`audit_core::deletion::request_state`] decides its states.
//! [`offboard`] removes a whole workspace. [`journal`] tells other databases what was deleted, and [`reapply`] carries it out again.
//! [`scrub`] removes the bytes that PostgreSQL leaves behind. [`certificate`] tells what was done.

pub mod authorise;
pub mod backing;
pub mod certificate;
pub mod erase;
pub mod evidence;
pub mod journal;
pub mod list;
pub mod log;
pub mod offboard;
pub mod person;
pub mod purge;
pub mod reapply;
pub mod removal;
pub mod request;
pub mod scrub;

use std::collections::BTreeMap;

use audit_core::argument::Argument;
use audit_core::month::Month;
use audit_core::tally::Tally;
use uuid::Uuid;

use crate::pg::call::{Answer, Call};
use crate::pg::datum;

/// What was removed, month by month.
pub type MonthlyTallies = BTreeMap<Month, Tally>;

/// A deletion that was carried out: how many events, and its entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    pub count: u64,
    pub entry: Uuid,
}

impl Done {
    /// As the record (deleted_count, deletion_log_id).
    pub fn answer(&self, call: &Call) -> Answer {
        call.record(&[Some(datum::from_int8(self.count as i64)), Some(datum::from_uuid(&self.entry))])
    }
}

/// An argument that must be given.
fn required(call: &Call, argument: usize, name: &'static str) -> Result<Uuid, Argument> {
    call.uuid(argument).ok_or(
        Argument::new(name)
            .problem("must not be null")
            .hint("Deletion is done workspace by workspace, and for one person or all that is past its period."),
    )
}
