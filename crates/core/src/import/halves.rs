//! Narrowing down which of many rows cannot be read, by reading ever smaller parts of them.

/// The rows whose hashes lie between these two, both included.
pub type Part = (i64, i64);

/// What came of reading a part: how many rows it has, or nothing because it cannot be read.
pub type Read = Result<u64, ()>;

/// The part that is known to have a row that cannot be read.
pub struct Halves {
    whole: Part,
    /// Rows of another part can be read, so the cause is in this one.
    is_told_apart: bool,
}

impl Halves {
    #[expect(clippy::new_without_default, reason = "nobody needs one")]
    pub fn new() -> Halves {
        Halves { whole: (i64::MIN, i64::MAX), is_told_apart: false }
    }

    pub fn whole(&self) -> Part {
        self.whole
    }

    /// Whether the row is the only one, or others can be read.
    pub fn is_told_apart(&self) -> bool {
        self.is_told_apart || self.whole == (i64::MIN, i64::MAX)
    }

    /// Its two halves, if it has more than one hash.
    pub fn parts(&self) -> Option<[Part; 2]> {
        let (low, high) = self.whole;
        let middle = low.wrapping_add_unsigned(high.abs_diff(low) / 2);
        (low < high).then_some([(low, middle), (middle + 1, high)])
    }

    /// Goes on with a half that cannot be read. None where both can.
    pub fn take(&mut self, low: Read, high: Read) -> Option<()> {
        let [lower, upper] = self.parts()?;
        let (part, other) = match (low, high) {
            (Err(()), other) => (lower, other),
            (other, Err(())) => (upper, other),
            _ => return None,
        };
        self.whole = part;
        self.is_told_apart |= other.is_ok_and(|rows| rows > 0);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Narrows it down among rows of these hashes, some of which cannot be read.
    fn found(rows: &[i64], cannot_be_read: impl Fn(i64) -> bool) -> Option<i64> {
        let mut halves = Halves::new();
        let within = |(low, high): Part| rows.iter().copied().filter(move |row| (low..=high).contains(row));
        let read = |part| match within(part).any(&cannot_be_read) {
            true => Err(()),
            false => Ok(within(part).count() as u64),
        };
        loop {
            let (least, greatest) = (within(halves.whole()).min()?, within(halves.whole()).max()?);
            if least == greatest {
                return halves.is_told_apart().then_some(least);
            }
            let [low, high] = halves.parts()?;
            halves.take(read(low), read(high))?;
        }
    }

    #[test]
    fn each_row_that_cannot_be_read_is_found() {
        let rows = [i64::MIN, -5_000_000_000, -7, -6, 0, 1, 2, 99, i64::MAX];
        for bad in rows {
            assert_eq!(found(&rows, |row| row == bad), Some(bad));
        }
        assert!([Some(-7), Some(99)].contains(&found(&rows, |row| row == -7 || row == 99)));
        assert_eq!(found(&[4], |_| true), Some(4));
    }

    #[test]
    fn where_nothing_can_be_told_apart_no_row_is_blamed() {
        assert_eq!(found(&[-9, 4, 5], |_| true), None);
        assert_eq!(found(&[-9, 4, 5], |_| false), None);
        assert_eq!(found(&[], |_| true), None);
    }
}
