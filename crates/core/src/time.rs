//! Times as PostgreSQL counts them: microseconds since 2000-01-01 UTC.

/// From the Unix epoch to PostgreSQL's, in microseconds.
pub const POSTGRES_EPOCH: i64 = 946_684_800_000_000;
pub const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;
/// The first time that a timestamptz cannot be: 294277 AD.
const END: i64 = 9_223_371_331_200_000_000;

/// So many days after a time; infinity when there is no such time.
pub fn days_after(time: i64, days: i32) -> i64 {
    let after = time.saturating_add(i64::from(days).saturating_mul(MICROSECONDS_PER_DAY));
    if after < END { after } else { i64::MAX }
}

/// A time in words, in UTC whatever the session's time zone.
pub fn in_words(time: i64) -> String {
    time.checked_add(POSTGRES_EPOCH)
        .and_then(|time| jiff::Timestamp::from_microsecond(time).ok())
        .map_or_else(|| "infinity".to_owned(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_days_leads_to_a_time() {
        assert_eq!(days_after(7, 2), 7 + 2 * MICROSECONDS_PER_DAY);
        let last = ((END - 1) / MICROSECONDS_PER_DAY) as i32;
        assert!(days_after(0, last) < END);
        for days in [last + 1, 200_000_000, i32::MAX] {
            assert_eq!(days_after(0, days), i64::MAX, "{days} days");
        }
        assert_eq!(days_after(i64::MAX, 1), i64::MAX);
    }
}
