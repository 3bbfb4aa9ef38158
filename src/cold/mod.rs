//! Cold storage: archived events of a month in a file outside the database.
//!
//! The program `audit-cold` carries the bytes. Nothing here opens a file or a socket: an object is a row of `audit_cold_objects`, and what
//! the database demands of its file is in `audit_cold_chunks`. An object is begun ([`begin`]), its file is written and read back, and then it is
//! stored ([`store`]). Until it is released its events are in the database, and nothing that happens to the file matters.
//! [`release`] takes its rows out of the archive, [`restore`] lends some of them again and [`give_back`] ends loans; [`erase`] and [`replace`] carry erasures out in
//! files.

pub mod adopt;
pub mod archived;
pub mod begin;
pub mod check;
pub mod coverage;
pub mod discard;
pub mod due;
pub mod erase;
pub mod give_back;
pub mod guard;
pub mod lend;
pub mod listed;
pub mod loan;
pub mod object;
pub mod order;
pub mod presented;
pub mod release;
pub mod replace;
pub mod restore;
pub mod rows;
pub mod store;
pub mod stored;

use audit_core::argument::Argument;
use audit_core::ids::WorkspaceId;

use crate::pg::call::Call;

/// The workspace, which is the first argument.
fn workspace(call: &Call) -> Result<WorkspaceId, Argument> {
    call.uuid(0).map(WorkspaceId).ok_or(
        Argument::new("p_workspace_id")
            .problem("must not be null")
            .hint("Events of one workspace go to cold storage together."),
    )
}
