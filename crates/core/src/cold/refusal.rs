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
}

impl IntoReport for StepError {
    fn report(&self) -> Report {
        let refused = |message: String| Report::new(SqlState::RestrictViolation, message);
        match self {
            StepError::IsSuccessor { object, replaces } => {
                refused(format!("cold object {object} replaces another one"))
                    .detail(format!("It holds the events of object {replaces} after an erasure."))
                    .hint("Pass its manifest to replace_audit_cold_object(). It cannot be stored or released like an export, because the archive does not have its events.")
            }
            StepError::ErasurePending { object } => refused(format!("an erasure is still to be carried out in cold object {object}"))
                .detail("Its file still holds what is to be erased, so nothing of it is restored.")
                .hint("Run audit-cold erase, and restore from the object that replaces this one."),
            StepError::NoErasurePending { object } => {
                refused(format!("no erasure is pending for cold object {object}"))
                    .hint("SELECT * FROM audit_cold_erasures WHERE NOT is_done shows where files are to be rewritten.")
            }
            StepError::NotSearched { object, chunk } => {
                refused(format!("chunk {chunk} of cold object {object} was not searched for what is to be erased"))
                    .detail("Every chunk is to be searched again after an erasure is ordered or a hold is placed.")
                    .hint(
                        "Run audit-cold erase: it passes every chunk to erase_audit_cold_chunk() and writes the file anew.",
                    )
            }
            StepError::FileNotSound { object } => refused(format!("the last check found the file of cold object {object} missing or damaged"))
                .detail("audit_cold_objects.check_result says what was found. Events do not leave the database for such a file.")
                .hint("Put the file back and run audit-cold check; or discard the object with discard_audit_cold_object() and export the month again."),
            StepError::NothingStored { workspace } => {
                refused(format!("workspace {workspace} has no stored cold object"))
                    .hint("Run audit-cold export first; SELECT * FROM audit_cold_due() shows what can go.")
            }
        }
    }
}
