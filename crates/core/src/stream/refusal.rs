//! Why a stream does not do what it is asked for.

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamError {
    NeverSealed,
    Unknown {
        name: String,
    },
    NameTaken {
        name: String,
    },
    UnknownBatch {
        batch: i64,
        last: i64,
    },
    /// Somebody fetches from it, acknowledges or changes it now.
    Busy {
        name: String,
    },
    /// A transaction with one snapshot for all statements does not see what the stream did since.
    Isolation,
    ReadOnly,
    /// The caller is not its reader.
    NotReader {
        name: String,
        reader: String,
    },
    /// The role that is to read has no level streamer in force.
    NotStreamer {
        role: String,
    },
    /// A gateway reads its user's workspaces, and a stream is of no user.
    Gateway,
}

impl IntoReport for StreamError {
    fn report(&self) -> Report {
        let wrong = |message: String| Report::new(SqlState::InvalidParameterValue, message);
        let refused = |message: String| Report::new(SqlState::InsufficientPrivilege, message);
        match self {
            Self::NeverSealed => Report::new(SqlState::FeatureNotSupported, "a trail that was never sealed has no streams")
                .detail("The order of a stream is that of the seals.")
                .hint("Call audit_seal() as an operator first, and schedule it with audit_schedule_jobs()."),
            Self::Unknown { name } => wrong(format!("there is no stream \"{name}\""))
                .hint("SELECT name FROM audit_streams shows them; create_audit_stream() makes one."),
            Self::NameTaken { name } => wrong(format!("there is a stream \"{name}\" already"))
                .hint("Choose another name, or call drop_audit_stream() first. resume_audit_stream() delivers again from a time."),
            Self::UnknownBatch { batch, last } => wrong(format!("there is no batch {batch}"))
                .detail(format!("The last one is {last}."))
                .hint("Fetch without p_ack_batch_id: the batch that waits comes again. After a recovery to an earlier time numbers are given anew."),
            Self::Busy { name } => {
                Report::new(SqlState::RaiseException, format!("somebody else is at work on the stream \"{name}\""))
                    .hint("A stream has one reader at a time. Try again; pg_stat_activity shows open transactions by xact_start.")
            }
            Self::Isolation => Report::new(SqlState::RaiseException, "a stream needs the isolation level READ COMMITTED")
                .detail("It has to see what was acknowledged up to now.")
                .hint("Call it by itself, or BEGIN ISOLATION LEVEL READ COMMITTED."),
            Self::ReadOnly => {
                Report::new(SqlState::ReadOnlySqlTransaction, "a stream cannot be read in a read-only transaction")
                    .detail("It remembers what it delivered, which is a write.")
                    .hint("Connect to the primary, in a transaction that may write. On a standby the stream goes on after a promotion.")
            }
            Self::NotReader { name, reader } => refused(format!("only the reader of the stream \"{name}\" may read it"))
                .detail(format!("It is the role \"{reader}\", as it was when the stream was made, with the level streamer."))
                .hint("Connect as that role, or as a member of it. If the role was renamed or made anew, drop the stream and create it again."),
            Self::NotStreamer { role } => wrong(format!("p_reader: the role \"{role}\" has no level streamer"))
                .hint("The owner of the extension gives it with audit_grant('the role', 'streamer')."),
            Self::Gateway => refused("a gateway cannot read a stream for a user".into())
                .detail("A stream delivers events of all members of a workspace.")
                .hint("Let the reader connect by itself, or let the gateway set a role of the level service that is a member of the reader."),
        }
    }
}
