//! Whether idempotency keys are forgotten in time.

use audit_core::health::Finding;
use audit_core::time::{Span, Timestamp};

use crate::pg::clock;
use crate::record::idempotency::swap;
use crate::storage::Storage;

const CHECK: &str = "idempotency_keys";
const HINT: &str = "Have audit_seal() or archive_old_audit_events() run; audit_schedule_jobs() has pg_cron do it. If they run, a long transaction that recorded with a key stands in their way: pg_stat_activity and pg_prepared_xacts show it.";
/// Tables change places every day.
const WARN_AFTER: Span = Span::days(3);

pub fn forgotten(storage: &Storage) -> Vec<Finding> {
    match swap::current_since(storage) {
        Ok(since) => vec![assess(since, clock::now())],
        Err(error) => vec![Finding::fail(
            CHECK,
            error.as_ref().message.clone(),
            "Call audit_setup() as the owner of the extension.",
        )],
    }
}

fn assess(since: Option<Timestamp>, now: Timestamp) -> Finding {
    match since.map(|since| now - since) {
        None => Finding::warn(CHECK, "nothing tells since when keys are kept", HINT),
        Some(age) if age > WARN_AFTER => {
            Finding::warn(CHECK, format!("keys have not been forgotten for {} days", age.whole_days()), HINT)
        }
        Some(_) => Finding::ok(CHECK, "keys are forgotten after two days at most"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;

    #[test]
    fn keys_are_to_be_forgotten_every_day() {
        let now = Timestamp::from_unix(1_700_000_000_000_000);
        let status = |age| assess(Some(now - age), now).status;
        assert_eq!(status(Span::days(3)), Status::Ok);
        assert_eq!(status(Span::days(4)), Status::Warn);
        assert_eq!(assess(None, now).status, Status::Warn);
    }
}
