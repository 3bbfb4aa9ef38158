//! Calendar months in UTC, which is how the trail is partitioned whatever a session's time zone.

use crate::time::{Span, Timestamp};

/// From where PostgreSQL counts.
const Y2K: Timestamp = Timestamp::from_microseconds(0);

/// A month, counted from January of the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    pub const FIRST: Month = Month(1970 * 12);
    pub const LAST: Month = Month(9998 * 12 + 11);

    /// None before 1970, where event ids begin, and after 9998: the calendar ends with 9999, and a month needs the one behind it.
    pub fn new(year: i32, month: i32) -> Option<Month> {
        ((1970..=9998).contains(&year) && (1..=12).contains(&month)).then_some(Month(year * 12 + month - 1))
    }

    /// The month of a time.
    pub fn of(time: Timestamp) -> Option<Month> {
        let time = jiff::Timestamp::from_microsecond(time.unix()?).ok()?;
        let date = jiff::tz::Offset::UTC.to_datetime(time).date();
        Month::new(date.year().into(), date.month().into())
    }

    pub fn year(self) -> i32 {
        self.0 / 12
    }

    pub fn number(self) -> i32 {
        self.0 % 12 + 1
    }

    pub fn plus(self, months: i32) -> Option<Month> {
        let sum = self.0.checked_add(months)?;
        Month::new(sum.div_euclid(12), sum.rem_euclid(12) + 1)
    }

    /// The first moment of the month.
    pub fn start(self) -> Timestamp {
        let first = jiff::civil::date(self.year() as i16, self.number() as i8, 1);
        let epoch = jiff::civil::date(2000, 1, 1);
        let days = first.since(epoch).map_or(0, |span| i64::from(span.get_days()));
        Y2K + Span::days(days)
    }

    /// As ISO 8601 writes it.
    pub fn as_iso(self) -> String {
        format!("{:04}-{:02}", self.year(), self.number())
    }

    /// Its first day, as SQL writes it.
    pub fn as_date(self) -> String {
        format!("{}-01", self.as_iso())
    }

    /// As a partition bound.
    pub fn as_bound(self) -> String {
        format!("{} 00:00:00+00", self.as_date())
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:04}_{:02}", self.year(), self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_months_begin_when_they_do() {
        assert_eq!(Month::new(2000, 1).unwrap().start(), Y2K);
        assert_eq!(Month::new(2000, 3).unwrap().start(), Y2K.plus_days(31 + 29));
        assert_eq!(Month::new(1970, 1).unwrap().start(), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn year_and_leap_day_end_where_they_should() {
        let month = |year, number| Month::new(year, number).unwrap();
        assert_eq!(Month::of(month(2024, 3).start() - Span::MICROSECOND), Some(month(2024, 2)));
        assert_eq!(Month::of(month(2025, 1).start() - Span::MICROSECOND), Some(month(2024, 12)));
        assert_eq!(month(2024, 12).plus(1), Some(month(2025, 1)));
        assert_eq!(month(2025, 1).plus(-1), Some(month(2024, 12)));
        assert_eq!(month(2024, 2).to_string(), "2024_02");
    }

    #[test]
    fn months_that_cannot_be_are_none() {
        assert_eq!(Month::new(1969, 12), None);
        assert_eq!(Month::new(2024, 13), None);
        assert_eq!(Month::of(Timestamp::FUTURE), None);
        assert_eq!(Month::of(Timestamp::PAST), None);
    }

    proptest! {
        #[test]
        fn a_time_lies_in_its_month(time in Timestamp::UNIX_EPOCH.microseconds()..250_000_000_000_000_000) {
            let time = Timestamp::from_microseconds(time);
            let month = Month::of(time).unwrap();
            prop_assert!(month.start() <= time && time < month.plus(1).unwrap().start());
        }
    }
}
