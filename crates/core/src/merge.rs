//! Merges several sources of rows, newest first, and opens a source only when it may hold the newest row left.
//!
//! A lane is a source of rows in descending order. It consists of parts (partitions), each older than the one before it. Of a part that is
//! not open, only the upper bound is known. The lane with the greatest head is always next, and a part is opened only when its upper bound
//! is that head. So no partition is opened that the page does not need.

use crate::ids::EventId;
use crate::time::Timestamp;

/// The position of an event in the trail: time, then id.
pub type Position = (Timestamp, EventId);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// The next part holds rows before this time only.
    Before(Timestamp),
    Row(Position),
}

impl Head {
    /// Whether this lane must be dealt with before the other.
    fn precedes(self, other: Head) -> bool {
        match (self, other) {
            (Head::Row(a), Head::Row(b)) => a > b,
            (Head::Before(a), Head::Before(b)) => a > b,
            // A part may hold any time below its bound.
            (Head::Before(bound), Head::Row((time, _))) => bound > time,
            (Head::Row((time, _)), Head::Before(bound)) => time >= bound,
        }
    }
}

pub trait Lane {
    /// Why a part cannot be opened.
    type Error;
    /// What comes next; None at the end.
    fn head(&self) -> Option<Head>;
    /// Opens the part whose bound is the head.
    fn open(&mut self) -> Result<(), Self::Error>;
    /// Leaves the row that is the head.
    fn advance(&mut self);
}

/// Visits rows over all lanes, newest first, until `visit` says stop.
pub fn newest_first<L: Lane>(
    lanes: &mut [L],
    mut visit: impl FnMut(&L, Position) -> std::ops::ControlFlow<()>,
) -> Result<(), L::Error> {
    loop {
        let mut first: Option<(usize, Head)> = None;
        for (position, lane) in lanes.iter().enumerate() {
            if let Some(head) = lane.head()
                && first.is_none_or(|(_, best)| head.precedes(best))
            {
                first = Some((position, head));
            }
        }
        match first {
            None => return Ok(()),
            Some((position, Head::Before(_))) => lanes[position].open()?,
            Some((position, Head::Row(key))) => {
                if visit(&lanes[position], key).is_break() {
                    return Ok(());
                }
                lanes[position].advance();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::ops::ControlFlow;
    use uuid::Uuid;

    fn at(microseconds: i64) -> Timestamp {
        Timestamp::from_microseconds(microseconds)
    }

    /// Parts, newest first: an upper bound and rows in descending order.
    #[derive(Clone, Debug)]
    struct Months {
        parts: Vec<(Timestamp, Vec<Position>)>,
        open: Vec<Position>,
        opened: usize,
    }

    impl Months {
        fn of(mut keys: Vec<Position>, months: i64, length: i64) -> Months {
            keys.sort_unstable();
            let parts = (0..months)
                .rev()
                .map(|month| {
                    let (lower, upper) = (at(month * length), at((month + 1) * length));
                    let rows = keys.iter().rev().filter(|key| (lower..upper).contains(&key.0)).copied().collect();
                    (upper, rows)
                })
                .collect();
            Months { parts, open: Vec::new(), opened: 0 }
        }
    }

    impl Lane for Months {
        type Error = std::convert::Infallible;

        fn head(&self) -> Option<Head> {
            match self.open.first() {
                Some(key) => Some(Head::Row(*key)),
                None => self.parts.first().map(|(bound, _)| Head::Before(*bound)),
            }
        }
        fn open(&mut self) -> Result<(), Self::Error> {
            self.open = self.parts.remove(0).1;
            self.opened += 1;
            Ok(())
        }
        fn advance(&mut self) {
            self.open.remove(0);
        }
    }

    fn keys() -> impl Strategy<Value = Vec<Position>> {
        prop::collection::vec(
            ((0i64..120).prop_map(at), any::<u128>().prop_map(|id| EventId(Uuid::from_u128(id)))),
            0..60,
        )
    }

    proptest! {
        #[test]
        fn a_page_is_the_newest_rows_of_all_lanes(hot in keys(), cold in keys(), limit in 1usize..80) {
            let mut expected: Vec<Position> = hot.iter().chain(&cold).copied().collect();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            expected.truncate(limit);
            let mut lanes = [Months::of(hot, 12, 10), Months::of(cold, 12, 10)];
            let mut page = Vec::new();
            newest_first(&mut lanes, |_, key| {
                page.push(key);
                if page.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }).unwrap();
            prop_assert_eq!(page, expected);
        }
    }

    #[test]
    fn older_parts_stay_closed() {
        let id = EventId(Uuid::nil());
        let mut lanes = [Months::of(vec![(at(119), id), (at(5), id)], 12, 10), Months::of(vec![(at(7), id)], 12, 10)];
        newest_first(&mut lanes, |_, _| ControlFlow::Break(())).unwrap();
        assert!(lanes[0].opened == 1 && lanes[1].opened <= 1, "{lanes:?}");
    }
}
