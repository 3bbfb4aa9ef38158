//! Looking for a place in rows that are in order and cannot be counted, each of which covers neighbouring places.

/// A row: its first place, the one behind its last, and what it is compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<K> {
    pub first: u64,
    pub end: u64,
    pub key: K,
}

/// The last row whose key is not above what is looked for, among rows that cover the places below `end`. `row_at` gives the row that covers a place. About as
/// many rows are read as the number of rows has bits.
///
/// Where keys are not quite in order it is a row near by.
pub fn last_up_to<K>(
    end: u64,
    mut row_at: impl FnMut(u64) -> Option<Span<K>>,
    is_up_to: impl Fn(&K) -> bool,
) -> Option<Span<K>> {
    let (mut low, mut high) = (0, end);
    let mut found = None;
    while low < high {
        let middle = low + (high - low) / 2;
        // A row that does not cover the place is of a log with a hole in it; nothing is found twice.
        let row = row_at(middle).filter(|row| row.first <= middle && row.end > middle)?;
        if is_up_to(&row.key) {
            low = row.end;
            found = Some(row);
        } else {
            high = row.first;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of these lengths; the key of a row is its number.
    fn rows(lengths: &[u64]) -> Vec<Span<usize>> {
        let mut first = 0;
        let row = |(key, length): (usize, &u64)| {
            let row = Span { first, end: first + length, key };
            first = row.end;
            row
        };
        lengths.iter().enumerate().map(row).collect()
    }

    #[test]
    fn the_last_row_that_is_not_above_is_found() {
        let rows = rows(&[3, 1, 256, 2, 7, 1]);
        let end = rows.last().map_or(0, |row| row.end);
        let row_at = |place| rows.iter().find(|row| row.first <= place && place < row.end).copied();
        for (wanted, row) in rows.iter().enumerate() {
            assert_eq!(last_up_to(end, row_at, |key| *key <= wanted), Some(*row));
        }
        assert_eq!(last_up_to(end, row_at, |_| false), None);
        assert_eq!(last_up_to(0, row_at, |_| true), None);
    }

    #[test]
    fn few_rows_are_read() {
        let rows = rows(&[4; 4096]);
        let mut reads = 0;
        let row_at = |place: u64| {
            reads += 1;
            Some(rows[(place / 4) as usize])
        };
        assert_eq!(last_up_to(4 * 4096, row_at, |key| *key <= 1234).map(|row| row.key), Some(1234));
        assert!(reads <= 13, "{reads} reads");
    }

    #[test]
    fn a_hole_ends_the_search() {
        assert_eq!(last_up_to(9, |_| Some(Span { first: 0, end: 2, key: 0 }), |_| true), None);
    }
}
