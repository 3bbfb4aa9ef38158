//! What the terms of a policy mean: which events are due for the archive, which may be purged, and which former terms still protect events
//! after a change. Times are in PostgreSQL's microseconds.

use crate::month::Month;
use crate::time::MICROSECONDS_PER_DAY;

/// Terms that a change would loosen still hold for this long: time to notice, and to place a hold.
pub const PROTECTION_DAYS: i64 = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArchiveBy {
    /// Each event when it is old enough.
    Event,
    /// Whole UTC months.
    Month,
}

impl ArchiveBy {
    pub fn parse(text: &str) -> Option<ArchiveBy> {
        match text {
            "event" => Some(ArchiveBy::Event),
            "month" => Some(ArchiveBy::Month),
            _ => None,
        }
    }
}

/// Former terms that still hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    pub until: i64,
    /// None: nothing is purged.
    pub days: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub hot_days: i32,
    pub warm_days: i32,
    pub is_compliance_mode: bool,
    pub archive_by: ArchiveBy,
    pub protection: Option<Protection>,
}

/// Why nothing of a workspace may be purged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    ComplianceMode,
    /// Compliance mode was left less than thirty days ago.
    LeftComplianceMode {
        until: i64,
    },
}

impl Terms {
    /// Those of a workspace without a policy row; the same stand as defaults in `sql/schema/retention.sql`.
    pub const DEFAULT: Terms = Terms {
        hot_days: 90,
        warm_days: 365,
        is_compliance_mode: false,
        archive_by: ArchiveBy::Event,
        protection: None,
    };

    /// The days that must pass before an archived event may be purged; None: it never may.
    fn own_days(&self) -> Option<i32> {
        (!self.is_compliance_mode).then_some(self.warm_days)
    }

    fn protection_at(&self, now: i64) -> Option<Protection> {
        self.protection.filter(|protection| protection.until > now)
    }

    /// The strictest terms in force.
    fn days_in_force(&self, now: i64) -> Option<i32> {
        match self.protection_at(now) {
            None => self.own_days(),
            Some(protection) => protection.days.zip(self.own_days()).map(|(former, own)| former.max(own)),
        }
    }

    /// Archived events before this time may be purged.
    pub fn purge_before(&self, now: i64) -> Result<i64, Kept> {
        match (self.days_in_force(now), self.protection_at(now)) {
            (Some(days), _) => Ok(days_before(now, days)),
            (None, Some(Protection { until, days: None })) if !self.is_compliance_mode => {
                Err(Kept::LeftComplianceMode { until })
            }
            (None, _) => Err(Kept::ComplianceMode),
        }
    }

    /// As these terms say by themselves, whatever was in force before; None: never.
    pub fn own_purge_before(&self, now: i64) -> Option<i64> {
        self.own_days().map(|days| days_before(now, days))
    }

    /// Why an event that these terms let go is kept all the same.
    pub fn why_protected(&self, now: i64) -> Option<&'static str> {
        self.protection_at(now).map(|protection| match protection.days {
            Some(_) => "warm_archive_days was shortened less than 30 days ago",
            None => "left compliance mode less than 30 days ago",
        })
    }

    /// What stays in force when these terms are replaced by `new`.
    pub fn protection_after(&self, new: &Terms, now: i64) -> Option<Protection> {
        let in_force = self.days_in_force(now);
        let is_loosened = match (in_force, new.own_days()) {
            (None, Some(_)) => true,
            (Some(former), Some(new)) => new < former,
            (_, None) => false,
        };
        match is_loosened {
            // A second change does not end what the first left in force.
            true => Some(Protection { until: now + PROTECTION_DAYS * MICROSECONDS_PER_DAY, days: in_force }),
            false => self.protection_at(now),
        }
    }

    pub fn archive_before(&self, now: i64) -> i64 {
        archive_before(now, self.hot_days, self.archive_by)
    }
}

fn days_before(now: i64, days: i32) -> i64 {
    now.saturating_sub(i64::from(days).saturating_mul(MICROSECONDS_PER_DAY))
}

/// Hot events before this time are due for the archive.
pub fn archive_before(now: i64, hot_days: i32, by: ArchiveBy) -> i64 {
    let time = days_before(now, hot_days);
    match by {
        ArchiveBy::Event => time,
        ArchiveBy::Month => Month::of(time).map_or(i64::MIN, Month::start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = MICROSECONDS_PER_DAY;
    const NOW: i64 = 9_800 * DAY;

    fn warm(days: i32) -> Terms {
        Terms { warm_days: days, ..Terms::DEFAULT }
    }

    fn compliance() -> Terms {
        Terms { is_compliance_mode: true, ..Terms::DEFAULT }
    }

    /// The terms after an UPDATE, as the trigger makes them.
    fn changed(former: Terms, new: Terms, now: i64) -> Terms {
        Terms { protection: former.protection_after(&new, now), ..new }
    }

    #[test]
    fn events_are_due_one_by_one_or_by_whole_months() {
        let month = |year, number| Month::new(year, number).unwrap().start();
        let now = month(2026, 4) + 5 * DAY;
        assert_eq!(archive_before(now, 10, ArchiveBy::Event), month(2026, 3) + 26 * DAY);
        assert_eq!(archive_before(now, 10, ArchiveBy::Month), month(2026, 3), "March is not over for ten days");
        assert_eq!(archive_before(now, 5, ArchiveBy::Month), month(2026, 4));
        assert_eq!(archive_before(now, i32::MAX, ArchiveBy::Month), i64::MIN);
    }

    #[test]
    fn for_ever_is_for_ever() {
        for days in [200_000_000, 999_999_999, i32::MAX] {
            assert!(archive_before(NOW, days, ArchiveBy::Event) < NOW - 200_000 * 365 * DAY, "{days} days");
            assert!(warm(days).purge_before(NOW).is_ok_and(|before| before < NOW - 200_000 * 365 * DAY), "{days} days");
        }
    }

    #[test]
    fn a_longer_policy_counts_at_once() {
        let terms = changed(warm(100), warm(200), NOW);
        assert_eq!(terms.protection, None);
        assert_eq!(terms.purge_before(NOW), Ok(NOW - 200 * DAY));
    }

    #[test]
    fn a_shorter_policy_counts_thirty_days_later() {
        let terms = changed(warm(200), warm(100), NOW);
        assert_eq!(terms.purge_before(NOW), Ok(NOW - 200 * DAY));
        let later = NOW + 30 * DAY;
        assert_eq!(terms.purge_before(later - 1), Ok(later - 1 - 200 * DAY));
        assert_eq!(terms.purge_before(later), Ok(later - 100 * DAY));
    }

    #[test]
    fn compliance_mode_is_never_purged_nor_for_thirty_days_after_it_was_left() {
        assert_eq!(compliance().purge_before(NOW), Err(Kept::ComplianceMode));
        let terms = changed(compliance(), warm(100), NOW);
        let until = NOW + 30 * DAY;
        assert_eq!(terms.purge_before(NOW), Err(Kept::LeftComplianceMode { until }));
        assert_eq!(terms.purge_before(until), Ok(until - 100 * DAY));
    }

    #[test]
    fn what_former_terms_keep_is_told_apart_from_what_these_keep() {
        let shortened = changed(warm(200), warm(100), NOW);
        assert_eq!(shortened.own_purge_before(NOW), Some(NOW - 100 * DAY));
        assert!(shortened.why_protected(NOW).is_some_and(|why| why.contains("shortened")));
        assert_eq!(shortened.why_protected(NOW + 30 * DAY), None);
        let left = changed(compliance(), warm(100), NOW);
        assert!(left.why_protected(NOW).is_some_and(|why| why.contains("left compliance mode")));
        assert_eq!(compliance().own_purge_before(NOW), None);
        assert_eq!(warm(100).why_protected(NOW), None);
    }

    #[test]
    fn shortening_in_steps_is_shortening_once() {
        let once = changed(warm(300), warm(200), NOW);
        let twice = changed(once, warm(100), NOW + 29 * DAY);
        let end = NOW + 59 * DAY;
        assert_eq!(twice.purge_before(end - 1), Ok(end - 1 - 300 * DAY), "the strictest of the last thirty days");
        assert_eq!(twice.purge_before(end), Ok(end - 100 * DAY));
    }

    #[test]
    fn entering_compliance_mode_does_not_end_a_protection_early() {
        let left = changed(compliance(), warm(100), NOW);
        let entered = changed(left, compliance(), NOW + DAY);
        let left_again = changed(entered, warm(100), NOW + 2 * DAY);
        assert!(left_again.purge_before(NOW + 31 * DAY).is_err());
        assert!(left_again.purge_before(NOW + 32 * DAY).is_ok());
    }

    proptest! {
        /// Whatever is purged was purgeable under all terms of the last thirty days.
        #[test]
        fn nothing_is_purged_that_was_protected_within_thirty_days(
            changes in prop::collection::vec((0i64..40, 1i32..500, any::<bool>()), 1..12), after in 0i64..60,
        ) {
            let mut now = NOW;
            let mut terms = Terms::DEFAULT;
            let mut history = vec![(i64::MIN, terms)];
            for (days, warm_days, is_compliance_mode) in changes {
                now += days * DAY;
                terms = changed(terms, Terms { warm_days, is_compliance_mode, ..Terms::DEFAULT }, now);
                history.push((now, terms));
            }
            now += after * DAY;
            if let Ok(before) = terms.purge_before(now) {
                let ends = history.iter().skip(1).map(|(from, _)| *from).chain([now]);
                for ((_, terms), end) in history.iter().zip(ends) {
                    if end > now - 30 * DAY || end == now {
                        prop_assert!(!terms.is_compliance_mode);
                        prop_assert!(before <= now - i64::from(terms.warm_days) * DAY);
                    }
                }
            }
        }
    }
}
