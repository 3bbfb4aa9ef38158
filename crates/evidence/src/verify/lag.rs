//! How long an event may wait for its seal before somebody should look.

use crate::window::{SECOND, Time};

/// Nobody is alarmed earlier, however often is sealed.
const LEAST: Time = 600 * SECOND;
/// How many usual intervals may pass.
const INTERVALS: Time = 10;

/// From the intervals between the last hundred seals: ten times the usual one, and ten minutes at least.
pub fn allowed_lag(intervals: &[Time]) -> Time {
    let mut intervals = intervals.to_vec();
    intervals.sort_unstable();
    let median = intervals.get(intervals.len() / 2).copied().unwrap_or_default();
    median.saturating_mul(INTERVALS).max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_usual_intervals_and_ten_minutes_at_least() {
        assert_eq!(allowed_lag(&[]), LEAST);
        assert_eq!(allowed_lag(&[SECOND; 100]), LEAST);
        assert_eq!(allowed_lag(&[3_600 * SECOND, 120 * SECOND, 60 * SECOND]), 1_200 * SECOND);
    }
}
