//! Why a step of an object is refused.

use uuid::Uuid;

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

/// Why an object that is in the right state cannot take the step now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepError {
    /// It holds the rows of an object that was rewritten for an erasure, not rows of the archive.
    IsSuccessor { object: Uuid, replaces: Uuid },
    /// Erasures have not reached its file: what it holds must not come back.
    ErasurePending { object: Uuid },
    /// No erasure is to be carried out in its file.
    NoErasurePending { object: Uuid },
    /// A chunk was not searched for the events of all erasures that are pending.
    NotSearched { object: Uuid, chunk: i32 },
    /// Its file was not found whole, and the events would be nowhere else.
    FileNotSound { object: Uuid },
    /// The workspace has no stored object that could be released.
    NothingStored { workspace: Uuid },
    /// A transaction with one snapshot for all statements does not see which erasures were ordered since its first one.
    FixedSnapshot { step: &'static str },
}

impl IntoReport for StepError {
    fn report(&self) -> Report {
        let refused = |message: String| Report::new(SqlState::RestrictViolation, message);
        match self {
            StepError::IsSuccessor { object, replaces } => {
                refused(format!("cold object {object} replaces another one"))
                    .detail(format!("It holds the events of object {replaces} after an erasure."))
                    .hint("Call replace_audit_cold_object(); its events are not in the database.")
            }
            StepError::ErasurePending { object } => refused(format!("an erasure has not reached cold object {object}"))
                .detail("Its file still holds payload that was to be erased.")
                .hint("Run audit-cold erase, and restore from the object that replaces this one."),
            StepError::NoErasurePending { object } => {
                refused(format!("no erasure is pending for cold object {object}"))
                    .hint("SELECT * FROM audit_cold_erasures WHERE NOT is_done shows where files are to be rewritten.")
            }
            StepError::NotSearched { object, chunk } => {
                refused(format!("chunk {chunk} of cold object {object} was not searched for what is to be erased"))
                    .detail("It was not presented since the last erasure was ordered and the last hold was placed.")
                    .hint(
                        "Pass every chunk to erase_audit_cold_chunk() and write the successor anew: audit-cold erase.",
                    )
            }
            StepError::FileNotSound { object } => refused(format!("the file of cold object {object} was not found whole"))
                .detail("audit_cold_objects.check_result tells what the last check found.")
                .hint("Put the file back and run audit-cold check; or discard the object with discard_audit_cold_object() and export the month again."),
            StepError::NothingStored { workspace } => {
                refused(format!("workspace {workspace} has no stored cold object"))
                    .hint("Run audit-cold export first; SELECT * FROM audit_cold_due() shows what can go.")
            }
            StepError::FixedSnapshot { step } => {
                Report::new(SqlState::RaiseException, format!("{step} needs the isolation level READ COMMITTED"))
                    .detail("It has to see which erasures others have ordered up to now.")
                    .hint("Call it by itself, or BEGIN ISOLATION LEVEL READ COMMITTED.")
            }
        }
    }
}
