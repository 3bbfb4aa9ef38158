//! Why a seal is not made, or an event not waited for.

use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealError {
    /// A transaction with one snapshot for all statements sees what was committed before it waited for other sealers.
    Isolation,
    Encoding,
    Subscriber,
    NoIndex,
    Origin {
        origin: String,
    },
    /// A warning: events that no leaf can be made of.
    Odd {
        count: u64,
    },
}

impl IntoReport for SealError {
    fn report(&self) -> Report {
        match self {
            SealError::Isolation => Report::new(SqlState::RaiseException, "a seal needs the isolation level READ COMMITTED")
                .detail("It has to see what others committed up to now.")
                .hint("Call it by itself, or BEGIN ISOLATION LEVEL READ COMMITTED."),
            SealError::Encoding => {
                Report::new(SqlState::FeatureNotSupported, "sealing needs a database that is encoded in UTF8")
                    .hint("Make a database with ENCODING 'UTF8' and restore a dump of this one into it.")
            }
            SealError::Subscriber => {
                Report::new(SqlState::FeatureNotSupported, "a subscription feeds audit_events: the publisher seals these events")
                    .hint("Verify them with the publisher's export. To seal here, DROP SUBSCRIPTION first.")
            }
            SealError::NoIndex => {
                Report::new(SqlState::FeatureNotSupported, "an index that sealing needs is missing or not valid")
                    .hint("Call audit_setup() as the owner of the extension.")
            }
            SealError::Origin { origin } => Report::new(
                SqlState::InvalidParameterValue,
                format!("audit_ext.log_origin cannot be \"{origin}\""),
            )
            .hint("Give a name without white space, control characters and +, that does not begin with {: example.com/audit."),
            SealError::Odd { count } => Report::new(SqlState::Warning, format!("{count} events were not sealed"))
                .detail("Their seal_key is none, or they have payload beside the key of an erased event.")
                .hint("SELECT * FROM audit_verify() names them."),
        }
    }
}

/// An event is waited for that cannot be sealed meanwhile: it is recorded by the transaction that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnEvent {
    pub event: Uuid,
}

impl IntoReport for OwnEvent {
    fn report(&self) -> Report {
        let message = format!("event {} is of this transaction, and is sealed after its commit", self.event);
        Report::new(SqlState::InvalidParameterValue, message).hint("COMMIT first, then wait.")
    }
}
