//! Which months need a partition, and which of them can be made without holding up anybody.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::month::Month;
use crate::time::{Span, Timestamp};

/// A month is made gently when it begins at least this long after now: nobody can be recording into
/// it, so nobody's event can be on its way to the default partition.
const SAFELY_AHEAD: Span = Span::DAY;
/// Months before the current one that maintenance makes by itself. Whoever may record can invent events of any month since 1970; every
/// partition costs whoever plans, locks or checks the trail, and is there for good. A year covers what comes late.
/// History that is older is imported on purpose, and its months are made on purpose.
pub const MONTHS_BACK: i32 = 12;

/// What is asked for: these months in any case, and of those that have rows in the default partition the ones within bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub anyway: Vec<Month>,
    pub strays: RangeInclusive<Month>,
}

impl Wish {
    /// From this month to `months_ahead` later, and what came late.
    pub fn regular(now: Timestamp, months_ahead: i32) -> Wish {
        let current = Month::of(now).unwrap_or(Month::FIRST);
        let anyway = (0..=months_ahead).filter_map(|n| current.plus(n)).collect();
        Wish { anyway, strays: oldest_regular(now)..=Month::LAST }
    }
}

/// The oldest month that maintenance makes by itself.
pub fn oldest_regular(now: Timestamp) -> Month {
    Month::of(now).and_then(|current| current.plus(-MONTHS_BACK)).unwrap_or(Month::FIRST)
}

#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Months ahead, empty: only the default partition is locked, for a moment.
    pub ahead: Vec<Month>,
    /// Months whose events may be in the default partition, or on their way to it.
    pub current: Vec<Month>,
}

/// The months that `wish` asks for, and `besides`.
pub fn plan(
    now: Timestamp,
    wish: &Wish,
    existing: &BTreeSet<Month>,
    in_default: &BTreeSet<Month>,
    besides: &BTreeSet<Month>,
) -> Plan {
    let strays = in_default.iter().filter(|month| wish.strays.contains(month));
    let wanted: BTreeSet<Month> =
        wish.anyway.iter().chain(strays).chain(besides).copied().filter(|month| !existing.contains(month)).collect();
    let (ahead, current) =
        wanted.into_iter().partition(|month| !in_default.contains(month) && month.start() - now >= SAFELY_AHEAD);
    Plan { ahead, current }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(year: i32, number: i32) -> Month {
        Month::new(year, number).unwrap()
    }

    fn set(months: &[Month]) -> BTreeSet<Month> {
        months.iter().copied().collect()
    }

    #[test]
    fn a_new_trail_gets_this_month_and_those_ahead() {
        let now = month(2026, 11).start() + Span::days(5);
        let plan = plan(now, &Wish::regular(now, 2), &set(&[]), &set(&[]), &set(&[]));
        assert_eq!(plan.current, [month(2026, 11)]);
        assert_eq!(plan.ahead, [month(2026, 12), month(2027, 1)]);
    }

    #[test]
    fn what_exists_is_not_made_again() {
        let now = month(2026, 11).start();
        let existing = set(&[month(2026, 11), month(2026, 12)]);
        assert_eq!(
            plan(now, &Wish::regular(now, 1), &existing, &set(&[]), &set(&[])),
            Plan { ahead: vec![], current: vec![] }
        );
    }

    #[test]
    fn strays_in_the_default_partition_get_their_month() {
        let now = month(2026, 11).start() + SAFELY_AHEAD;
        let existing = set(&[month(2026, 11)]);
        let strays = set(&[month(2026, 2), month(2027, 6)]);
        assert_eq!(
            plan(now, &Wish::regular(now, 0), &existing, &strays, &set(&[])).current,
            [month(2026, 2), month(2027, 6)]
        );
    }

    #[test]
    fn strays_of_long_ago_stay_until_they_are_asked_for() {
        let now = month(2026, 11).start() + SAFELY_AHEAD;
        let existing = set(&[month(2026, 11)]);
        let strays = set(&[month(1999, 5), month(2001, 1), month(2025, 10), month(2025, 11)]);
        assert_eq!(plan(now, &Wish::regular(now, 0), &existing, &strays, &set(&[])).current, [month(2025, 11)]);
        let wish = Wish { anyway: vec![], strays: month(2000, 1)..=month(2025, 10) };
        assert_eq!(plan(now, &wish, &existing, &strays, &set(&[])).current, [month(2001, 1), month(2025, 10)]);
    }

    #[test]
    fn however_many_months_are_invented_a_regular_run_makes_few() {
        let now = month(2026, 11).start();
        let strays: BTreeSet<Month> =
            (0..).map_while(|n| Month::FIRST.plus(n)).take_while(|m| m.start() < now).collect();
        assert_eq!(plan(now, &Wish::regular(now, 3), &set(&[]), &strays, &set(&[])).current.len(), 13);
    }

    #[test]
    fn months_of_the_other_table_are_made_too() {
        let now = month(2026, 11).start() + SAFELY_AHEAD;
        let existing = set(&[month(2026, 11)]);
        let besides = set(&[month(2026, 9), month(2026, 11)]);
        assert_eq!(plan(now, &Wish::regular(now, 0), &existing, &set(&[]), &besides).current, [month(2026, 9)]);
    }

    #[test]
    fn a_month_about_to_begin_is_not_ahead() {
        let now = month(2026, 12).start() - SAFELY_AHEAD + Span::MICROSECOND;
        assert_eq!(
            plan(now, &Wish::regular(now, 1), &set(&[month(2026, 11)]), &set(&[]), &set(&[])).current,
            [month(2026, 12)]
        );
    }
}
