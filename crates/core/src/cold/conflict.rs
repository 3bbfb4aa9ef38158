//! Why the catalog of cold storage does not take a step.

use uuid::Uuid;

use super::obstacle::Obstacle;
use super::state::State;
use crate::month::Month;
use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    UnknownObject {
        parameter: &'static str,
        object: Uuid,
    },
    /// The step is not for objects of this state.
    WrongState {
        object: Uuid,
        state: State,
        /// What the step is for.
        meant_for: &'static str,
    },
    /// A statement would take an object a step back, or change what is known of its file.
    NoStep {
        object: Uuid,
        state: State,
    },
    /// Events of a month stay for now.
    Blocked {
        month: Month,
        obstacle: Obstacle,
    },
    /// Somebody else writes the file.
    SessionLives {
        object: Uuid,
    },
    /// An object and the one that it replaces are of one workspace and month.
    OtherMonth {
        parameter: &'static str,
        object: Uuid,
    },
    /// A successor holds events of a file that may be gone.
    NotKnownToBeThere {
        object: Uuid,
        replaces: Uuid,
    },
    /// The catalog has the object that is to be adopted.
    Known {
        object: Uuid,
        state: State,
    },
    /// The events of the file are in another one.
    Superseded {
        object: Uuid,
        successor: Uuid,
    },
    /// Which of two files with the same events is the later one is not known.
    SameEvents {
        object: Uuid,
        released: Uuid,
    },
    /// The database has events where the file that is to be adopted has its own.
    InDatabase {
        count: u64,
    },
}

impl IntoReport for Conflict {
    fn report(&self) -> Report {
        let refused = |message: String| Report::new(SqlState::RestrictViolation, message);
        match self {
            Conflict::UnknownObject { parameter, object } => Report::new(
                SqlState::InvalidParameterValue,
                format!("{parameter} {object} is no object of cold storage"),
            )
            .hint("SELECT object_id, workspace_id, month, state FROM audit_cold_objects shows them."),
            Conflict::WrongState { object, state, meant_for } => refused(format!("cold object {object} is {}", state.name()))
                .detail(format!("The step is for objects that are {meant_for}."))
                .hint(what_follows(*state)),
            Conflict::NoStep { object, state } => refused(format!("cold object {object} cannot be changed like this"))
                .detail(format!("It is {}. An object never goes back to a former state, and what is known of its file is written once.", state.name()))
                .hint(what_follows(*state)),
            Conflict::Blocked { month, obstacle } => {
                refused(format!("the events of {} cannot go to cold storage now", month.as_iso()))
                    .detail(format!("In the way: {}.", obstacle.in_words()))
                    .hint(obstacle.hint())
            }
            Conflict::SessionLives { object } => refused(format!("the session that began cold object {object} is still connected"))
                .detail("It may still be writing the file.")
                .hint("Wait until it is stored, or end its session: audit_cold_objects.opened_by_pid."),
            Conflict::OtherMonth { parameter, object } => Report::new(
                SqlState::InvalidParameterValue,
                format!("{parameter} {object} is an object of another workspace or month, or was never released"),
            )
            .hint("Give the workspace and month of the object that is replaced, as audit_cold_objects has them."),
            Conflict::NotKnownToBeThere { object, replaces } => {
                refused(format!("cold object {object} may hold the only copy of its events"))
                    .detail(format!("Since it was begun nobody has found the file of object {replaces}, which it was to replace. After a recovery to an earlier time that file may be gone."))
                    .hint("Run audit-cold check on the object that it replaces. If its file is missing, take this one in with adopt_audit_cold_object().")
            }
            Conflict::Known { object, state } => refused(format!("the catalog already has cold object {object}; it is {}", state.name()))
                .hint("There is nothing to adopt. SELECT * FROM audit_cold_objects shows what the catalog knows of it."),
            Conflict::Superseded { object, successor } => refused(format!("object {successor} has replaced cold object {object}"))
                .hint("Adopt the later file instead, and remove this one: it may hold what was erased since."),
            Conflict::SameEvents { object, released } => refused(format!("cold objects {object} and {released} hold the same events"))
                .detail(format!("{released} is released. Nothing shows whether {object} was written later or earlier; the earlier file may hold what was erased since."))
                .hint("Keep both files, and run audit-cold check: it tells whether the file of the released object is there and whole."),
            Conflict::InDatabase { count } => refused("the database has events between the first and the last of this file".to_owned())
                .detail(format!("Events that are not on loan: {count}. The file was replaced by a later one, or its events never left the database."))
                .hint("Keep the file, export the month again, and compare the two."),
        }
    }
}

/// What may be done to an object of this state.
fn what_follows(state: State) -> &'static str {
    match state {
        State::Open => "Its file is being written. Next is store_audit_cold_object() or discard_audit_cold_object().",
        State::Stored => "Next is release_audit_cold_object() or discard_audit_cold_object().",
        State::Released => "Its events are in the file only. An erasure replaces it; a purge condemns it.",
        State::Condemned => "Its file is to be removed. Next is confirm_audit_cold_removed().",
        State::Gone => "Its file was removed. There is no further step.",
    }
}
