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
use audit_core::ids::{UserId, WorkspaceId};
use audit_core::month::Month;
use audit_core::tally::Tally;
use audit_core::time::Timestamp;
use uuid::Uuid;

use crate::pg::call::Call;

/// What was removed, month by month.
pub type MonthlyTallies = BTreeMap<Month, Tally>;

pub use crate::cluster::Removed as Done;

/// What a statement says of events that came after the first time, where a removal is done again; the time is the parameter of this number.
fn until_of(until: Option<Timestamp>, number: u8) -> (&'static str, String) {
    ("until", until.map_or_else(String::new, |_| format!(" AND event.created_at <= ${number}")))
}

/// Whose events are to be deleted.
fn user_argument(call: &Call, argument: usize) -> Result<UserId, Argument> {
    required(call, argument, "p_user_id", "Name the person by the id in created_by_user_id.").map(UserId)
}

fn workspace_argument(call: &Call, argument: usize) -> Result<WorkspaceId, Argument> {
    required(call, argument, "p_workspace_id", "Name the workspace whose events are meant.").map(WorkspaceId)
}

/// The entry of a deletion.
fn entry_argument(call: &Call, argument: usize) -> Result<Uuid, Argument> {
    required(call, argument, "p_deletion_log_id", "Take the id from audit_deletion_log.")
}

fn required(call: &Call, argument: usize, name: &'static str, hint: &'static str) -> Result<Uuid, Argument> {
    call.uuid(argument).ok_or_else(|| Argument::new(name).problem("must not be null").hint(hint))
}
