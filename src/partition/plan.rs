//! Which months need a partition, and how gently each can be made.

use std::collections::BTreeSet;

use super::month::Month;

/// A month is made gently when it begins at least this long after now, in microseconds: nobody can be recording into
/// it, so nobody's event can be on its way to the default partition.
const SAFELY_AHEAD: i64 = 86_400_000_000;

#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Months ahead, empty: only the default partition is locked, for a moment.
    pub ahead: Vec<Month>,
    /// Months whose events may be in the default partition, or on their way to it.
    pub current: Vec<Month>,
}

/// From this month to `months_ahead` later, every month that has rows in the default partition, and `besides`.
pub fn plan(
    now: i64,
    months_ahead: i32,
    existing: &BTreeSet<Month>,
    in_default: &BTreeSet<Month>,
    besides: &BTreeSet<Month>,
) -> Plan {
    let window = Month::of(now).into_iter().flat_map(|first| (0..=months_ahead).filter_map(move |n| first.plus(n)));
    let wanted: BTreeSet<Month> =
        window.chain(in_default.iter().chain(besides).copied()).filter(|month| !existing.contains(month)).collect();
    let (ahead, current) = wanted
        .into_iter()
        .partition(|month| !in_default.contains(month) && month.start().saturating_sub(now) >= SAFELY_AHEAD);
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
        let now = month(2026, 11).start() + 5 * SAFELY_AHEAD;
        let plan = plan(now, 2, &set(&[]), &set(&[]), &set(&[]));
        assert_eq!(plan.current, [month(2026, 11)]);
        assert_eq!(plan.ahead, [month(2026, 12), month(2027, 1)]);
    }

    #[test]
    fn what_exists_is_not_made_again() {
        let now = month(2026, 11).start();
        let existing = set(&[month(2026, 11), month(2026, 12)]);
        assert_eq!(plan(now, 1, &existing, &set(&[]), &set(&[])), Plan { ahead: vec![], current: vec![] });
    }

    #[test]
    fn strays_in_the_default_partition_get_their_month() {
        let now = month(2026, 11).start() + SAFELY_AHEAD;
        let existing = set(&[month(2026, 11)]);
        let strays = set(&[month(2025, 2), month(2027, 6)]);
        assert_eq!(plan(now, 0, &existing, &strays, &set(&[])).current, [month(2025, 2), month(2027, 6)]);
    }

    #[test]
    fn months_of_the_other_table_are_made_too() {
        let now = month(2026, 11).start() + SAFELY_AHEAD;
        let existing = set(&[month(2026, 11)]);
        let besides = set(&[month(2026, 9), month(2026, 11)]);
        assert_eq!(plan(now, 0, &existing, &set(&[]), &besides).current, [month(2026, 9)]);
    }

    #[test]
    fn a_month_about_to_begin_is_not_ahead() {
        let now = month(2026, 12).start() - SAFELY_AHEAD + 1;
        assert_eq!(plan(now, 1, &set(&[month(2026, 11)]), &set(&[]), &set(&[])).current, [month(2026, 12)]);
    }
}
