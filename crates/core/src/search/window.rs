//! The span of time that is read.

use crate::argument::Argument;
use crate::time::{Span, Timestamp};

/// How far is read back where it is not said from when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// 30 days: what a search shows.
    Days,
    /// All there is: what leaves the database.
    Everything,
}

const DAYS: i32 = 30;

/// From `since` on, up to `until` without it; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    since: Timestamp,
    until: Timestamp,
}

impl Window {
    /// By `p_from` and `p_to`.
    pub fn of(
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        reach: Reach,
        now: Timestamp,
    ) -> Result<Window, Argument> {
        let until = to.unwrap_or(Timestamp::FUTURE);
        let newest = if until == Timestamp::FUTURE { now } else { until };
        let since = from.unwrap_or_else(|| match reach {
            Reach::Days => newest.minus_days(DAYS),
            Reach::Everything => Timestamp::PAST,
        });
        if since >= until {
            return Err(Argument::new("p_from")
                .problem("must be earlier than p_to")
                .hint("p_from belongs to what is read, p_to does not. Leave p_to out to read up to now."));
        }
        Ok(Window { since, until })
    }

    /// Without an end.
    pub const fn from(since: Timestamp) -> Window {
        Window { since, until: Timestamp::FUTURE }
    }

    /// One moment.
    pub fn at(time: Timestamp) -> Window {
        Window { since: time, until: time + Span::MICROSECOND }
    }

    /// From one moment to another, both included.
    pub fn through(oldest: Timestamp, newest: Timestamp) -> Window {
        Window { since: oldest, until: newest + Span::MICROSECOND }
    }

    pub const fn since(self) -> Timestamp {
        self.since
    }

    pub const fn until(self) -> Timestamp {
        self.until
    }

    pub fn contains(self, time: Timestamp) -> bool {
        self.since <= time && time < self.until
    }

    /// Whether events of the times from `lower` up to, not including, `upper` may lie in it.
    pub fn overlaps(self, lower: Timestamp, upper: Timestamp) -> bool {
        self.since < upper && lower < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_microseconds(700_000_000_000_000);

    #[test]
    fn thirty_days_are_read_unless_it_is_said_from_when() {
        let month_before = |time: Timestamp| time.minus_days(30);
        let window = |from, to| Window::of(from, to, Reach::Days, NOW).map(|window| (window.since(), window.until()));
        let earlier = NOW.minus_days(100);
        assert_eq!(window(None, None), Ok((month_before(NOW), Timestamp::FUTURE)));
        assert_eq!(window(None, Some(earlier)), Ok((month_before(earlier), earlier)));
        assert_eq!(window(None, Some(Timestamp::FUTURE)), Ok((month_before(NOW), Timestamp::FUTURE)));
        assert_eq!(window(Some(Timestamp::PAST), None), Ok((Timestamp::PAST, Timestamp::FUTURE)));
        assert_eq!(window(Some(earlier), Some(NOW)), Ok((earlier, NOW)));
    }

    #[test]
    fn everything_is_read_where_all_is_in_reach() {
        let window =
            |from, to| Window::of(from, to, Reach::Everything, NOW).map(|window| (window.since(), window.until()));
        assert_eq!(window(None, None), Ok((Timestamp::PAST, Timestamp::FUTURE)));
        assert_eq!(window(None, Some(NOW)), Ok((Timestamp::PAST, NOW)));
        assert_eq!(window(Some(NOW), None), Ok((NOW, Timestamp::FUTURE)));
        assert!(Window::of(None, Some(Timestamp::PAST), Reach::Everything, NOW).is_err());
    }

    #[test]
    fn a_window_without_a_moment_is_refused() {
        for (from, to) in [(NOW, NOW), (NOW, NOW.minus_days(1)), (Timestamp::FUTURE, Timestamp::FUTURE)] {
            assert!(Window::of(Some(from), Some(to), Reach::Days, NOW).is_err(), "{from} {to}");
        }
        assert!(Window::of(None, Some(Timestamp::PAST), Reach::Days, NOW).is_err());
        assert!(Window::of(Some(Timestamp::FUTURE), None, Reach::Days, NOW).is_err());
    }

    #[test]
    fn the_beginning_belongs_to_it_and_the_end_does_not() {
        let at = Timestamp::from_microseconds;
        let window = Window::of(Some(at(10)), Some(at(20)), Reach::Days, NOW).unwrap();
        assert_eq!([9, 10, 19, 20].map(|time| window.contains(at(time))), [false, true, true, false]);
        for (lower, upper, may) in [(0, 10, false), (0, 11, true), (19, 30, true), (20, 30, false), (12, 13, true)] {
            assert_eq!(window.overlaps(at(lower), at(upper)), may, "{lower} {upper}");
        }
        assert_eq!([9, 10, 11].map(|time| Window::at(at(10)).contains(at(time))), [false, true, false]);
        assert!(Window::from(at(5)).contains(at(i64::MAX - 1)));
    }
}
