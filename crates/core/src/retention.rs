//! What the terms of a policy mean: which events are due for the archive, which may be purged, and which former terms still protect events
//! after a change.

use crate::month::Month;
use crate::time::Timestamp;

/// Terms that a change would loosen still hold for this long: time to notice, and to place a hold.
pub const PROTECTION_DAYS: i32 = 30;

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
    pub until: Timestamp,
    /// None: nothing is purged.
    pub days: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub hot_days: i32,
    pub warm_days: i32,
    /// None: events do not go to cold storage.
    pub cold_days: Option<i32>,
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
        until: Timestamp,
    },
}

impl Terms {
    /// Those of a workspace without a policy row; the same stand as defaults in `sql/schema/retention.sql`.
    pub const DEFAULT: Terms = Terms {
        hot_days: 90,
        warm_days: 365,
        cold_days: None,
        is_compliance_mode: false,
        archive_by: ArchiveBy::Event,
        protection: None,
    };

    /// The days that must pass before an event that is no longer hot may be purged; None: it never may.
    fn own_days(&self) -> Option<i32> {
        (!self.is_compliance_mode).then(|| self.cold_days.unwrap_or(self.warm_days))
    }

    fn protection_at(&self, now: Timestamp) -> Option<Protection> {
        self.protection.filter(|protection| protection.until > now)
    }

    /// The strictest terms in force.
    fn days_in_force(&self, now: Timestamp) -> Option<i32> {
        match self.protection_at(now) {
            None => self.own_days(),
            Some(protection) => protection.days.zip(self.own_days()).map(|(former, own)| former.max(own)),
        }
    }

    /// Archived and cold events before this time may be purged.
    pub fn purge_before(&self, now: Timestamp) -> Result<Timestamp, Kept> {
        match (self.days_in_force(now), self.protection_at(now)) {
            (Some(days), _) => Ok(now.minus_days(days)),
            (None, Some(Protection { until, days: None })) if !self.is_compliance_mode => {
                Err(Kept::LeftComplianceMode { until })
            }
            (None, _) => Err(Kept::ComplianceMode),
        }
    }

    /// The column that purge counts from.
    pub fn purge_period(&self) -> &'static str {
        if self.cold_days.is_some() { "cold_retention_days" } else { "warm_archive_days" }
    }

    /// Archived events before this time may go to cold storage, whole months of them; None: the terms send nothing there.
    pub fn cold_before(&self, now: Timestamp) -> Option<Timestamp> {
        self.cold_days.map(|_| archive_before(now, self.warm_days, ArchiveBy::Month))
    }

    /// As these terms say by themselves, whatever was in force before; None: never.
    pub fn own_purge_before(&self, now: Timestamp) -> Option<Timestamp> {
        self.own_days().map(|days| now.minus_days(days))
    }

    /// Why an event that these terms let go is kept all the same.
    pub fn why_protected(&self, now: Timestamp) -> Option<&'static str> {
        self.protection_at(now).map(|protection| match protection.days {
            Some(_) => "retention was shortened less than 30 days ago",
            None => "left compliance mode less than 30 days ago",
        })
    }

    /// What stays in force when these terms are replaced by `new`.
    pub fn protection_after(&self, new: &Terms, now: Timestamp) -> Option<Protection> {
        let in_force = self.days_in_force(now);
        let is_loosened = match (in_force, new.own_days()) {
            (None, Some(_)) => true,
            (Some(former), Some(new)) => new < former,
            (_, None) => false,
        };
        match is_loosened {
            // A second change does not end what the first left in force.
            true => Some(Protection { until: now.plus_days(PROTECTION_DAYS), days: in_force }),
            false => self.protection_at(now),
        }
    }

    pub fn archive_before(&self, now: Timestamp) -> Timestamp {
        archive_before(now, self.hot_days, self.archive_by)
    }
}

/// Hot events before this time are due for the archive.
pub fn archive_before(now: Timestamp, hot_days: i32, by: ArchiveBy) -> Timestamp {
    let time = now.minus_days(hot_days);
    match by {
        ArchiveBy::Event => time,
        ArchiveBy::Month => Month::of(time).map_or(Timestamp::PAST, Month::start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_microseconds(9_800 * 86_400_000_000);

    fn warm(days: i32) -> Terms {
        Terms { warm_days: days, ..Terms::DEFAULT }
    }

    fn compliance() -> Terms {
        Terms { is_compliance_mode: true, ..Terms::DEFAULT }
    }

    /// The terms after an UPDATE, as the trigger makes them.
    fn changed(former: Terms, new: Terms, now: Timestamp) -> Terms {
        Terms { protection: former.protection_after(&new, now), ..new }
    }

    #[test]
    fn events_are_due_one_by_one_or_by_whole_months() {
        let month = |year, number| Month::new(year, number).unwrap().start();
        let now = month(2026, 4) + Span::days(5);
        assert_eq!(archive_before(now, 10, ArchiveBy::Event), month(2026, 3) + Span::days(26));
        assert_eq!(archive_before(now, 10, ArchiveBy::Month), month(2026, 3), "March is not over for ten days");
        assert_eq!(archive_before(now, 5, ArchiveBy::Month), month(2026, 4));
        assert_eq!(archive_before(now, i32::MAX, ArchiveBy::Month), Timestamp::PAST);
    }

    #[test]
    fn for_ever_is_for_ever() {
        for days in [200_000_000, 999_999_999, i32::MAX] {
            assert!(archive_before(NOW, days, ArchiveBy::Event) < NOW - Span::days(200_000 * 365), "{days} days");
            assert!(
                warm(days).purge_before(NOW).is_ok_and(|before| before < NOW - Span::days(200_000 * 365)),
                "{days} days"
            );
        }
    }

    #[test]
    fn a_longer_policy_counts_at_once() {
        let terms = changed(warm(100), warm(200), NOW);
        assert_eq!(terms.protection, None);
        assert_eq!(terms.purge_before(NOW), Ok(NOW - Span::days(200)));
    }

    #[test]
    fn a_shorter_policy_counts_thirty_days_later() {
        let terms = changed(warm(200), warm(100), NOW);
        assert_eq!(terms.purge_before(NOW), Ok(NOW - Span::days(200)));
        let later = NOW + Span::days(30);
        assert_eq!(terms.purge_before(later - Span::MICROSECOND), Ok(later - Span::MICROSECOND - Span::days(200)));
        assert_eq!(terms.purge_before(later), Ok(later - Span::days(100)));
    }

    #[test]
    fn purge_counts_from_the_cold_period_where_there_is_one() {
        let cold = Terms { cold_days: Some(400), ..warm(100) };
        assert_eq!(changed(warm(100), cold, NOW).purge_before(NOW), Ok(NOW - Span::days(400)), "it is longer");
        let shortened = changed(cold, Terms { cold_days: Some(300), ..cold }, NOW);
        assert_eq!(shortened.purge_before(NOW), Ok(NOW - Span::days(400)));
        let removed = changed(cold, warm(100), NOW);
        assert_eq!(removed.purge_before(NOW), Ok(NOW - Span::days(400)));
        assert_eq!(removed.purge_before(NOW + Span::days(30)), Ok(NOW + Span::days(30) - Span::days(100)));
        let sooner_cold = changed(cold, Terms { cold_days: Some(400), ..warm(50) }, NOW);
        assert_eq!(sooner_cold.protection, None, "what goes cold earlier is purged no earlier");
    }

    #[test]
    fn whole_months_go_cold_where_there_is_a_cold_period() {
        let now = Month::new(2026, 4).unwrap().start() + Span::days(5);
        let cold = Terms { cold_days: Some(400), ..warm(30) };
        assert_eq!(cold.cold_before(now), Some(Month::new(2026, 3).unwrap().start()));
        assert_eq!(warm(30).cold_before(now), None);
        assert_eq!([cold.purge_period(), warm(30).purge_period()], ["cold_retention_days", "warm_archive_days"]);
    }

    #[test]
    fn compliance_mode_is_never_purged_nor_for_thirty_days_after_it_was_left() {
        assert_eq!(compliance().purge_before(NOW), Err(Kept::ComplianceMode));
        let terms = changed(compliance(), warm(100), NOW);
        let until = NOW + Span::days(30);
        assert_eq!(terms.purge_before(NOW), Err(Kept::LeftComplianceMode { until }));
        assert_eq!(terms.purge_before(until), Ok(until - Span::days(100)));
    }

    #[test]
    fn what_former_terms_keep_is_told_apart_from_what_these_keep() {
        let shortened = changed(warm(200), warm(100), NOW);
        assert_eq!(shortened.own_purge_before(NOW), Some(NOW - Span::days(100)));
        assert!(shortened.why_protected(NOW).is_some_and(|why| why.contains("shortened")));
        assert_eq!(shortened.why_protected(NOW + Span::days(30)), None);
        let left = changed(compliance(), warm(100), NOW);
        assert!(left.why_protected(NOW).is_some_and(|why| why.contains("left compliance mode")));
        assert_eq!(compliance().own_purge_before(NOW), None);
        assert_eq!(warm(100).why_protected(NOW), None);
    }

    #[test]
    fn shortening_in_steps_is_shortening_once() {
        let once = changed(warm(300), warm(200), NOW);
        let twice = changed(once, warm(100), NOW + Span::days(29));
        let end = NOW + Span::days(59);
        assert_eq!(
            twice.purge_before(end - Span::MICROSECOND),
            Ok(end - Span::MICROSECOND - Span::days(300)),
            "the strictest of the last thirty days"
        );
        assert_eq!(twice.purge_before(end), Ok(end - Span::days(100)));
    }

    #[test]
    fn entering_compliance_mode_does_not_end_a_protection_early() {
        let left = changed(compliance(), warm(100), NOW);
        let entered = changed(left, compliance(), NOW + Span::DAY);
        let left_again = changed(entered, warm(100), NOW + Span::days(2));
        assert!(left_again.purge_before(NOW + Span::days(31)).is_err());
        assert!(left_again.purge_before(NOW + Span::days(32)).is_ok());
    }

    proptest! {
        /// Whatever is purged was purgeable under all terms of the last thirty days.
        #[test]
        fn nothing_is_purged_that_was_protected_within_thirty_days(
            changes in prop::collection::vec((0i64..40, 1i32..500, prop::option::of(0i32..500), any::<bool>()), 1..12), after in 0i64..60,
        ) {
            let mut now = NOW;
            let mut terms = Terms::DEFAULT;
            let mut history = vec![(Timestamp::PAST, terms)];
            for (days, warm_days, cold, is_compliance_mode) in changes {
                now = now + Span::days(days);
                let cold_days = cold.map(|longer| warm_days + longer);
                terms = changed(terms, Terms { warm_days, cold_days, is_compliance_mode, ..Terms::DEFAULT }, now);
                history.push((now, terms));
            }
            now = now + Span::days(after);
            if let Ok(before) = terms.purge_before(now) {
                let ends = history.iter().skip(1).map(|(from, _)| *from).chain([now]);
                for ((_, terms), end) in history.iter().zip(ends) {
                    if end > now - Span::days(30) || end == now {
                        prop_assert!(!terms.is_compliance_mode);
                        prop_assert!(before <= now - Span::days(terms.cold_days.unwrap_or(terms.warm_days).into()));
                    }
                }
            }
        }
    }
}
