//! Whether checkpoints are signed. Without a signature, or a checkpoint that is kept elsewhere, whoever owns the server could write another history.

use audit_core::health::Finding;
use audit_core::time::{Span, Timestamp};

use crate::pg::{clock, spi};
use crate::storage::Storage;

const CHECK: &str = "seal_signatures";

/// What is known of signatures.
#[derive(Clone, Copy)]
struct Signed {
    is_sealed: bool,
    ever: bool,
    /// Since when seals wait for one.
    waiting_since: Option<Timestamp>,
}

pub fn current(storage: &Storage) -> Vec<Finding> {
    let sql = storage.fill(include_str!("../../sql/health/signatures.sql"), &[]);
    let read =
        |row: spi::ResultRow| Some(Signed { is_sealed: row.bool(1)?, ever: row.bool(2)?, waiting_since: row.time(3) });
    spi::find_row(&sql, read).map(|signed| assess(signed, clock::now())).into_iter().collect()
}

fn assess(signed: Signed, now: Timestamp) -> Finding {
    const HINT: &str = "Have checkpoints signed: audit-verify sign reads what audit_consistency_proof() gives, and audit_add_signatures() takes what it prints. A checkpoint that is kept on another host serves as well.";
    match signed {
        Signed { is_sealed: false, .. } => Finding::ok(CHECK, "nothing is sealed"),
        Signed { ever: false, .. } => Finding::warn(CHECK, "no checkpoint is signed", HINT),
        Signed { waiting_since: Some(since), .. } if since < now - Span::days(1) => {
            Finding::warn(CHECK, format!("no checkpoint was signed since {since}"), HINT)
        }
        _ => Finding::ok(CHECK, "checkpoints are signed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn what_is_sealed_must_be_signed_within_a_day() {
        let status = |is_sealed, ever, waiting_since| assess(Signed { is_sealed, ever, waiting_since }, NOW).status;
        assert_eq!(status(false, false, None), Status::Ok);
        assert_eq!(status(true, false, None), Status::Warn);
        assert_eq!(status(true, true, None), Status::Ok);
        assert_eq!(status(true, true, Some(NOW - Span::days(1))), Status::Ok);
        assert_eq!(status(true, true, Some(NOW - Span::days(1) - Span::MICROSECOND)), Status::Warn);
    }
}
