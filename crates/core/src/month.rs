//! Calendar months in UTC, which is how the trail is partitioned whatever a session's time zone.

use crate::time::{MICROSECONDS_PER_DAY, POSTGRES_EPOCH};

const POSTGRES_EPOCH_YEAR: i32 = 2000;

/// A month, counted from January of the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    pub const FIRST: Month = Month(1970 * 12);
    pub const LAST: Month = Month(9998 * 12 + 11);

    /// None outside the years 1970 to 9998, which no event id, or no calendar of ours, can name.
    pub fn new(year: i32, month: i32) -> Option<Month> {
        ((1970..=9998).contains(&year) && (1..=12).contains(&month)).then_some(Month(year * 12 + month - 1))
    }

    /// The month of a time (Postgres' microseconds).
    pub fn of(time: i64) -> Option<Month> {
        let time = jiff::Timestamp::from_microsecond(time.checked_add(POSTGRES_EPOCH)?).ok()?;
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

    /// The first moment of the month (Postgres' microseconds).
    pub fn start(self) -> i64 {
        let first = jiff::civil::date(self.year() as i16, self.number() as i8, 1);
        let epoch = jiff::civil::date(POSTGRES_EPOCH_YEAR as i16, 1, 1);
        let days = first.since(epoch).map_or(0, |span| i64::from(span.get_days()));
        days * MICROSECONDS_PER_DAY
    }

    /// Its first day, as SQL writes it.
    pub fn as_date(self) -> String {
        format!("{:04}-{:02}-01", self.year(), self.number())
    }

    /// As a partition bound.
    pub fn as_bound(self) -> String {
        format!("{:04}-{:02}-01 00:00:00+00", self.year(), self.number())
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
        assert_eq!(Month::new(2000, 1).unwrap().start(), 0);
        assert_eq!(Month::new(2000, 3).unwrap().start(), (31 + 29) * MICROSECONDS_PER_DAY);
        assert_eq!(Month::new(1970, 1).unwrap().start(), -POSTGRES_EPOCH);
    }

    #[test]
    fn year_and_leap_day_end_where_they_should() {
        let month = |year, number| Month::new(year, number).unwrap();
        assert_eq!(Month::of(month(2024, 3).start() - 1), Some(month(2024, 2)));
        assert_eq!(Month::of(month(2025, 1).start() - 1), Some(month(2024, 12)));
        assert_eq!(month(2024, 12).plus(1), Some(month(2025, 1)));
        assert_eq!(month(2025, 1).plus(-1), Some(month(2024, 12)));
        assert_eq!(month(2024, 2).to_string(), "2024_02");
    }

    #[test]
    fn months_that_cannot_be_are_none() {
        assert_eq!(Month::new(1969, 12), None);
        assert_eq!(Month::new(2024, 13), None);
        assert_eq!(Month::of(i64::MAX), None);
        assert_eq!(Month::of(i64::MIN), None);
    }

    proptest! {
        #[test]
        fn a_time_lies_in_its_month(time in -POSTGRES_EPOCH..250_000_000_000_000_000i64) {
            let month = Month::of(time).unwrap();
            prop_assert!(month.start() <= time && time < month.plus(1).unwrap().start());
        }
    }
}
