//! Whether what is recorded is sealed, and by the server that sealed before.

use audit_core::event::id;
use audit_core::health::Finding;
use audit_core::time::{Span, Timestamp};

use crate::pg::server::Identity;
use crate::pg::{clock, parameter, spi};
use crate::seal::incarnation;
use crate::storage::Storage;

const WARN_AFTER: Span = Span::microseconds(10 * 60 * 1_000_000);
const FAIL_AFTER: Span = Span::days(1);

pub fn lag(storage: &Storage) -> Vec<Finding> {
    let sql = storage.fill(include_str!("../../sql/health/last_seal.sql"), &[]);
    let last = spi::find_row(&sql, |row| row.time(1));
    let oldest = last.and_then(|last| oldest_unsealed(storage, last));
    vec![assess_lag(last, oldest, clock::now())]
}

/// Each seal that found something is kept, so what was recorded after the last one is not sealed.
fn oldest_unsealed(storage: &Storage, last: Timestamp) -> Option<Timestamp> {
    let after = last + Span::SECOND;
    let sql = storage.fill(include_str!("../../sql/health/oldest_unsealed.sql"), &[]);
    spi::find_row_with(&sql, &[parameter::uuid(id::least_of(after)), parameter::time(after)], |row| row.time(1))
}

fn assess_lag(last: Option<Timestamp>, oldest: Option<Timestamp>, now: Timestamp) -> Finding {
    const CHECK: &str = "seal_lag";
    const HINT: &str = "Run audit_seal(); audit_schedule_jobs() has pg_cron do it, and CALL audit_keep_sealing() is for a service of your own.";
    let minutes = |lag: Span| lag.whole_seconds() / 60;
    match (last, oldest.map(|oldest| now - oldest)) {
        (None, _) => Finding::warn(CHECK, "nothing has been sealed: a change of the past would not show", HINT),
        (Some(_), Some(lag)) if lag > FAIL_AFTER => {
            Finding::fail(CHECK, format!("events have not been sealed for {} minutes", minutes(lag)), HINT)
        }
        (Some(_), Some(lag)) if lag > WARN_AFTER => {
            Finding::warn(CHECK, format!("events have not been sealed for {} minutes", minutes(lag)), HINT)
        }
        _ => Finding::ok(CHECK, "no event has waited for its seal for ten minutes"),
    }
}

pub fn identity(storage: &Storage) -> Vec<Finding> {
    const CHECK: &str = "seal_identity";
    let difference = match (incarnation::newest(storage), Identity::of_server()) {
        (Some(newest), Some(here)) => incarnation::difference(&newest, &here),
        _ => None,
    };
    vec![match difference {
        None => Finding::ok(CHECK, "the server that seals is the one that sealed before"),
        Some(why) => Finding::warn(
            CHECK,
            format!("the next seal begins an incarnation of the log: {why}"),
            "Right after a restore, a copy, a failover or pg_upgrade: call audit_seal(), and have the new checkpoint signed. Else find out who moved the trail.",
        ),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;

    #[test]
    fn what_waits_too_long_for_its_seal_is_told() {
        let (now, start) = (Timestamp::UNIX_EPOCH.plus_days(10), Timestamp::UNIX_EPOCH);
        let status = |oldest| assess_lag(Some(start), oldest, now).status;
        assert_eq!(assess_lag(None, None, now).status, Status::Warn);
        assert_eq!(status(None), Status::Ok);
        assert_eq!(status(Some(now - WARN_AFTER)), Status::Ok);
        assert_eq!(status(Some(now - WARN_AFTER - Span::MICROSECOND)), Status::Warn);
        assert_eq!(status(Some(now - FAIL_AFTER - Span::MICROSECOND)), Status::Fail);
    }
}
