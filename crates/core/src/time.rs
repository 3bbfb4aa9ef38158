//! Times as PostgreSQL counts them: microseconds since 2000-01-01 UTC.

use std::ops::{Add, Sub};

/// From the Unix epoch to PostgreSQL's, in microseconds.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;
/// The first time that a timestamptz can be: 24 November 4714 BC.
const START: i64 = -211_813_488_000_000_000;
/// The first time that a timestamptz cannot be: 294277 AD.
const END: i64 = 9_223_371_331_200_000_000;

/// 400 years, in microseconds.
const CYCLE: i64 = 146_097 * Span::DAY.0;

/// What a timestamptz holds, `-infinity` and `infinity` included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A length of time, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Timestamp {
    /// `-infinity`: before every time.
    pub const PAST: Timestamp = Timestamp(i64::MIN);
    /// `infinity`: after every time.
    pub const FUTURE: Timestamp = Timestamp(i64::MAX);
    /// 1970-01-01 UTC.
    pub const UNIX_EPOCH: Timestamp = Timestamp(-POSTGRES_EPOCH);

    /// From microseconds since 2000-01-01 UTC.
    pub const fn from_microseconds(microseconds: i64) -> Timestamp {
        Timestamp(microseconds)
    }

    /// Microseconds since 2000-01-01 UTC.
    pub const fn microseconds(self) -> i64 {
        self.0
    }

    /// From microseconds since 1970-01-01 UTC.
    pub const fn from_unix(microseconds: i64) -> Timestamp {
        Timestamp(microseconds - POSTGRES_EPOCH)
    }

    /// Whether PostgreSQL has such a time (timestamp.h); it need not be a finite one.
    pub const fn is_possible(self) -> bool {
        self.is_infinite() || START <= self.0 && self.0 < END
    }

    /// Microseconds since 1970-01-01 UTC. None where there is no such number, as for infinity; `-infinity` gives a number that is before all times.
    pub const fn unix(self) -> Option<i64> {
        self.0.checked_add(POSTGRES_EPOCH)
    }

    /// As RFC 3339 writes it: in UTC, with microseconds. A year that has five digits, which RFC 3339 cannot write, has a sign as in ISO 8601;
    /// infinity is `infinity` or `-infinity`, as PostgreSQL prints it.
    pub fn rfc3339(self) -> String {
        match self {
            Timestamp::PAST => return "-infinity".to_owned(),
            Timestamp::FUTURE => return "infinity".to_owned(),
            _ => (),
        }
        let written = |unix: i64| jiff::Timestamp::from_microsecond(unix).ok().map(|time| format!("{time:.6}"));
        let Some(unix) = self.unix() else { return "infinity".to_owned() };
        written(unix).unwrap_or_else(|| {
            // The calendar repeats itself every 400 years.
            let text = written(unix.rem_euclid(CYCLE)).unwrap_or_default();
            let (year, rest) = text.split_at(text.find('-').unwrap_or_default());
            let year = year.parse::<i64>().unwrap_or_default() + 400 * unix.div_euclid(CYCLE);
            format!("{year:+}{rest}")
        })
    }

    /// So many days later; infinity when there is no such time.
    pub fn plus_days(self, days: i32) -> Timestamp {
        let after = self + Span::days(days.into());
        if after.0 < END { after } else { Timestamp::FUTURE }
    }

    /// So many days earlier; minus infinity when there is no such time.
    pub fn minus_days(self, days: i32) -> Timestamp {
        let before = self - Span::days(days.into());
        if before.0 >= START { before } else { Timestamp::PAST }
    }

    const fn is_infinite(self) -> bool {
        matches!(self, Timestamp::PAST | Timestamp::FUTURE)
    }
}

impl Span {
    pub const MICROSECOND: Span = Span(1);
    pub const SECOND: Span = Span(1_000_000);
    pub const DAY: Span = Span(86_400_000_000);

    pub const fn days(days: i64) -> Span {
        Span(days.saturating_mul(Span::DAY.0))
    }

    pub const fn microseconds(microseconds: i64) -> Span {
        Span(microseconds)
    }

    /// Whole seconds; what is left over is dropped.
    pub const fn whole_seconds(self) -> i64 {
        self.0 / Span::SECOND.0
    }

    /// Whole days; what is left over is dropped.
    pub const fn whole_days(self) -> i64 {
        self.0 / Span::DAY.0
    }
}

impl Add<Span> for Timestamp {
    type Output = Timestamp;

    /// Infinity stays what it is.
    fn add(self, span: Span) -> Timestamp {
        if self.is_infinite() { self } else { Timestamp(self.0.saturating_add(span.0)) }
    }
}

impl Sub<Span> for Timestamp {
    type Output = Timestamp;

    /// Infinity stays what it is.
    fn sub(self, span: Span) -> Timestamp {
        if self.is_infinite() { self } else { Timestamp(self.0.saturating_sub(span.0)) }
    }
}

impl Sub for Timestamp {
    type Output = Span;

    fn sub(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// As RFC 3339 writes it, in UTC whatever the session's time zone.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self.unix().and_then(|time| jiff::Timestamp::from_microsecond(time).ok()) {
            Some(time) => time.fmt(f),
            None => f.write_str("infinity"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_days_leads_to_a_time() {
        let time = Timestamp::from_microseconds;
        assert_eq!(time(7).plus_days(2), time(7) + Span::days(2));
        let last = ((END - 1) / Span::DAY.0) as i32;
        assert!(time(0).plus_days(last) < time(END));
        for days in [last + 1, 200_000_000, i32::MAX] {
            assert_eq!(time(0).plus_days(days), Timestamp::FUTURE, "{days} days");
        }
        assert_eq!(Timestamp::FUTURE.plus_days(1), Timestamp::FUTURE);
        assert_eq!(Timestamp::PAST.minus_days(1), Timestamp::PAST);
        let first = (START / Span::DAY.0) as i32;
        assert_eq!(time(0).minus_days(-first), time(START));
        for days in [1 - first, 999_999_999, i32::MAX] {
            assert_eq!(time(0).minus_days(days), Timestamp::PAST, "{days} days");
        }
    }

    #[test]
    fn infinity_stays_what_it_is() {
        for time in [Timestamp::PAST, Timestamp::FUTURE] {
            assert_eq!([time + Span::MICROSECOND, time - Span::MICROSECOND], [time, time]);
        }
    }

    #[test]
    fn rfc_3339_has_microseconds_whatever_the_year() {
        for (unix, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_748_822_400_123_456, "2025-06-02T00:00:00.123456Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            // 10000-01-01 and 12345-03-01, by PostgreSQL.
            (253_402_300_800_000_000, "+10000-01-01T00:00:00.000000Z"),
            (327_408_480_000_000_000, "+12345-03-01T00:00:00.000000Z"),
        ] {
            assert_eq!(Timestamp::from_unix(unix).rfc3339(), text);
        }
        assert_eq!(Timestamp::FUTURE.rfc3339(), "infinity");
        assert_eq!(Timestamp::PAST.rfc3339(), "-infinity");
    }

    #[test]
    fn a_time_is_written_in_utc() {
        assert_eq!(Timestamp::from_unix(1_500_000).to_string(), "1970-01-01T00:00:01.5Z");
        assert_eq!(Timestamp::FUTURE.to_string(), "infinity");
    }
}
