//! Merges several sources of rows in the order of the trail, and opens a source only when it may hold the row that is next.
//!
//! A lane is a source of rows in this order. It consists of parts (partitions), each behind the one before it. Of a part that is not open,
//! only the bound is known at which it begins. The lane whose head is first in the order is always next, and a part is opened only when its
//! bound is that head. So no partition is opened that the page does not need.

use std::cmp::Ordering;

use crate::ids::EventId;
use crate::time::Timestamp;

/// The position of an event in the trail: time, then id.
pub type Position = (Timestamp, EventId);

/// In which direction the trail is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    NewestFirst,
    OldestFirst,
}

impl Order {
    /// How two positions, or two times, follow each other.
    pub fn compare<T: Ord>(self, a: &T, b: &T) -> Ordering {
        match self {
            Order::NewestFirst => b.cmp(a),
            Order::OldestFirst => a.cmp(b),
        }
    }

    /// Whether `a` comes behind `b`.
    pub fn is_behind<T: Ord>(self, a: &T, b: &T) -> bool {
        self.compare(a, b).is_gt()
    }

    /// Whether the head `a` must be dealt with before the head `b`.
    fn precedes(self, a: Head, b: Head) -> bool {
        match (a, b) {
            (Head::Row(a), Head::Row(b)) => self.compare(&a, &b).is_lt(),
            (Head::Part(a), Head::Part(b)) => self.compare(&a, &b).is_lt(),
            (Head::Part(bound), Head::Row((time, _))) => self.may_hold(bound, time),
            (Head::Row((time, _)), Head::Part(bound)) => !self.may_hold(bound, time),
        }
    }

    /// Whether a part that begins at this bound may hold rows of this time, or rows before it in the order. An upper bound belongs to no
    /// part, a lower bound does.
    fn may_hold(self, bound: Timestamp, time: Timestamp) -> bool {
        match self {
            Order::NewestFirst => bound > time,
            Order::OldestFirst => bound <= time,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// The next part begins here: all its rows are earlier where the newest come first, else of this time or later.
    Part(Timestamp),
    Row(Position),
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

/// Visits rows over all lanes, which are all in this order, until `visit` says stop.
pub fn merge<L: Lane>(
    lanes: &mut [L],
    order: Order,
    mut visit: impl FnMut(&L, Position) -> std::ops::ControlFlow<()>,
) -> Result<(), L::Error> {
    loop {
        let mut first: Option<(usize, Head)> = None;
        for (position, lane) in lanes.iter().enumerate() {
            if let Some(head) = lane.head()
                && first.is_none_or(|(_, best)| order.precedes(head, best))
            {
                first = Some((position, head));
            }
        }
        match first {
            None => return Ok(()),
            Some((position, Head::Part(_))) => lanes[position].open()?,
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

    /// Parts in their order: where each begins, and its rows.
    #[derive(Clone, Debug)]
    struct Months {
        parts: Vec<(Timestamp, Vec<Position>)>,
        open: Vec<Position>,
        opened: usize,
    }

    impl Months {
        fn of(keys: Vec<Position>, order: Order, months: i64, length: i64) -> Months {
            let mut parts: Vec<_> = (0..months)
                .map(|month| {
                    let (lower, upper) = (at(month * length), at((month + 1) * length));
                    let mut rows: Vec<_> = keys.iter().filter(|key| (lower..upper).contains(&key.0)).copied().collect();
                    rows.sort_unstable_by(|a, b| order.compare(a, b));
                    (if order == Order::NewestFirst { upper } else { lower }, rows)
                })
                .collect();
            parts.sort_by(|(a, _), (b, _)| order.compare(a, b));
            Months { parts, open: Vec::new(), opened: 0 }
        }
    }

    impl Lane for Months {
        type Error = std::convert::Infallible;

        fn head(&self) -> Option<Head> {
            match self.open.first() {
                Some(key) => Some(Head::Row(*key)),
                None => self.parts.first().map(|(bound, _)| Head::Part(*bound)),
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

    fn orders() -> impl Strategy<Value = Order> {
        prop_oneof![Just(Order::NewestFirst), Just(Order::OldestFirst)]
    }

    proptest! {
        #[test]
        fn a_page_is_the_first_rows_of_all_lanes(hot in keys(), cold in keys(), order in orders(), limit in 1usize..80) {
            let mut expected: Vec<Position> = hot.iter().chain(&cold).copied().collect();
            expected.sort_unstable();
            if order == Order::NewestFirst {
                expected.reverse();
            }
            expected.truncate(limit);
            // The third has one part that holds any time, as a default partition does.
            let (cold, rest): (Vec<_>, Vec<_>) = cold.into_iter().partition(|(time, _)| *time < at(60));
            let mut lanes = [Months::of(hot, order, 12, 10), Months::of(cold, order, 12, 10), Months::of(rest, order, 1, 120)];
            let mut page = Vec::new();
            merge(&mut lanes, order, |_, key| {
                page.push(key);
                if page.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }).unwrap();
            prop_assert_eq!(page, expected);
        }
    }

    #[test]
    fn parts_behind_the_first_row_stay_closed() {
        let id = EventId(Uuid::nil());
        for (order, times) in [(Order::NewestFirst, [119, 5, 7]), (Order::OldestFirst, [0, 115, 117])] {
            let [first, second, third] = times.map(|time| (at(time), id));
            let mut lanes = [Months::of(vec![first, second], order, 12, 10), Months::of(vec![third], order, 12, 10)];
            merge(&mut lanes, order, |_, _| ControlFlow::Break(())).unwrap();
            assert!(lanes[0].opened == 1 && lanes[1].opened <= 1, "{order:?} {lanes:?}");
        }
    }
}
