//! Events in the order of the trail from an index of ids alone.
//!
//! Ids of one version sort by time, but within a millisecond those of recorded events all come before those of imported ones. So of a
//! millisecond that has both, the two are read side by side and merged. Nothing is buffered: as many events as are read may have the same time.

use uuid::Uuid;

use crate::event::id::{self, Ids};
use crate::ids::EventId;
use crate::merge::Order;

/// A scan of the index, in the order that is asked for.
pub trait Cursor {
    /// Starts over: ids from one to another, both included.
    fn restart(&mut self, ids: Ids);
    /// Moves to the next row; None at the end.
    fn advance(&mut self) -> Option<EventId>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing was read.
    New,
    /// `main` is read on. Where it has this millisecond, that one was asked for others before.
    Plain { asked: Option<u64> },
    /// Within a millisecond that has both, where these two are.
    Both { millisecond: u64, main: Option<EventId>, other: Option<EventId> },
}

/// `main` reads all ids. `other` reads, of a millisecond, the kind of ids that come last there.
pub struct ById<C> {
    main: C,
    other: C,
    order: Order,
    /// What is to be read.
    ids: Ids,
    behind: Option<EventId>,
    state: State,
    is_at_other: bool,
}

impl<C: Cursor> ById<C> {
    /// Events of `ids`, or those of them that follow one of them, which may be given once more. Both cursors were begun with [`first`].
    pub fn new(main: C, other: C, order: Order, ids: Ids, behind: Option<EventId>) -> ById<C> {
        ById { main, other, order, ids, behind, state: State::New, is_at_other: false }
    }

    /// The cursor that moved to the row.
    pub fn cursor(&self) -> &C {
        if self.is_at_other { &self.other } else { &self.main }
    }

    /// The cursor that reads all.
    pub fn main(&mut self) -> &mut C {
        &mut self.main
    }

    /// Moves to the next row; false at the end.
    pub fn advance(&mut self) -> bool {
        match self.state {
            State::New => match self.behind.filter(|id| self.is_last_kind(*id)) {
                // What was read last is of the kind that comes last, so others of its millisecond may be left.
                Some(behind) => {
                    let ids = self.following(id::beside(&behind));
                    self.main.restart(ids);
                    let main = self.main.advance();
                    self.ask(id::millisecond(&behind), main)
                }
                None => self.advance_main(None),
            },
            State::Plain { asked } => self.advance_main(asked),
            State::Both { millisecond, main, other } => {
                let (main, other) = match self.is_at_other {
                    true => (main, self.other.advance()),
                    false => (self.main.advance(), other),
                };
                self.choose(millisecond, main, other)
            }
        }
    }

    fn advance_main(&mut self, asked: Option<u64>) -> bool {
        let next = self.main.advance();
        self.arrive(next, asked)
    }

    fn arrive(&mut self, next: Option<EventId>, asked: Option<u64>) -> bool {
        self.is_at_other = false;
        self.state = State::Plain { asked };
        let Some(event) = next else { return false };
        let millisecond = id::millisecond(&event);
        if asked == Some(millisecond) || self.is_last_kind(event) {
            return true;
        }
        self.ask(millisecond, next)
    }

    /// Looks for ids of the millisecond that are of the kind that comes last.
    fn ask(&mut self, millisecond: u64, main: Option<EventId>) -> bool {
        let of_kind = match self.order {
            Order::OldestFirst => id::imported_of(millisecond),
            Order::NewestFirst => id::recorded_of(millisecond),
        };
        let begin = self
            .behind
            .filter(|behind| id::millisecond(behind) == millisecond)
            .map(|behind| if self.is_last_kind(behind) { behind.0 } else { id::beside(&behind) });
        let ids = match (self.order, begin) {
            (_, None) => of_kind,
            (Order::OldestFirst, Some(begin)) => Ids { least: begin, ..of_kind },
            (Order::NewestFirst, Some(begin)) => Ids { greatest: begin, ..of_kind },
        };
        self.other.restart(ids);
        match self.other.advance() {
            None => self.arrive(main, Some(millisecond)),
            other => self.choose(millisecond, main, other),
        }
    }

    /// Of both, the one that is next; when there is none left, what follows the millisecond.
    fn choose(&mut self, millisecond: u64, main: Option<EventId>, other: Option<EventId>) -> bool {
        let main = main.filter(|id| id::millisecond(id) == millisecond && !self.is_last_kind(*id));
        let place = |event: EventId| (id::created_at(&event), event);
        self.is_at_other = match (main, other) {
            (None, None) => {
                let ids = self.after(millisecond);
                self.main.restart(ids);
                return self.advance_main(Some(millisecond));
            }
            (Some(main), Some(other)) => self.order.is_behind(&place(main), &place(other)),
            (main, _) => main.is_none(),
        };
        self.state = State::Both { millisecond, main, other };
        true
    }

    /// Whether an id is of the kind that comes last in its millisecond.
    fn is_last_kind(&self, event: EventId) -> bool {
        id::is_of_import(&event) == (self.order == Order::OldestFirst)
    }

    /// What is to be read from an id on.
    fn following(&self, from: Uuid) -> Ids {
        match self.order {
            Order::OldestFirst => Ids { least: from, ..self.ids },
            Order::NewestFirst => Ids { greatest: from, ..self.ids },
        }
    }

    /// What is to be read behind a millisecond.
    fn after(&self, millisecond: u64) -> Ids {
        self.following(match self.order {
            Order::OldestFirst => Uuid::from_u128(u128::from(millisecond + 1) << 80),
            Order::NewestFirst => Uuid::from_u128((u128::from(millisecond) << 80).saturating_sub(1)),
        })
    }
}

/// The ids that a reader of `ids` begins with, which goes on behind one of them.
pub fn first(order: Order, ids: Ids, behind: Option<EventId>) -> Ids {
    match (order, behind) {
        (_, None) => ids,
        (Order::OldestFirst, Some(behind)) => Ids { least: behind.0, ..ids },
        (Order::NewestFirst, Some(behind)) => Ids { greatest: behind.0, ..ids },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Position;
    use crate::time::Timestamp;
    use proptest::prelude::*;

    /// Ids in the order in which an index gives them.
    struct Index<'a> {
        order: Order,
        all: &'a [EventId],
        left: Vec<EventId>,
        at: Option<EventId>,
        restarts: usize,
    }

    impl Cursor for Index<'_> {
        fn restart(&mut self, ids: Ids) {
            self.left = self.all.iter().copied().filter(|id| (ids.least..=ids.greatest).contains(&id.0)).collect();
            self.left.sort_by(|a, b| self.order.compare(b, a));
            self.restarts += 1;
        }
        fn advance(&mut self) -> Option<EventId> {
            self.at = self.left.pop();
            self.at
        }
    }

    const ALL: Ids = Ids { least: Uuid::nil(), greatest: Uuid::max() };

    fn reader(all: &[EventId], order: Order, behind: Option<EventId>) -> ById<Index<'_>> {
        let begin = || {
            let mut index = Index { order, all, left: Vec::new(), at: None, restarts: 0 };
            index.restart(first(order, ALL, behind));
            index.restarts = 0;
            index
        };
        ById::new(begin(), begin(), order, ALL, behind)
    }

    fn next(reader: &mut ById<Index>) -> Option<EventId> {
        reader.advance().then(|| reader.cursor().at.unwrap())
    }

    fn place(event: &EventId) -> Position {
        (id::created_at(event).unwrap(), *event)
    }

    fn event(microseconds: i64, is_imported: bool, random: u64) -> EventId {
        let time = Timestamp::from_unix(1_700_000_000_000_000 + microseconds);
        if is_imported { id::of_import(time, random).unwrap() } else { id::at(time, random).unwrap() }
    }

    fn events() -> impl Strategy<Value = Vec<EventId>> {
        let one = (0i64..30, any::<bool>(), 0u64..4).prop_map(|(time, kind, random)| event(time * 170, kind, random));
        prop::collection::vec(one, 0..60)
    }

    proptest! {
        #[test]
        fn all_that_is_behind_an_event_is_read_once_in_the_order_of_time(
            all in events(), from in any::<prop::sample::Index>(), is_begun: bool, newest: bool,
        ) {
            let order = if newest { Order::NewestFirst } else { Order::OldestFirst };
            let mut expected: Vec<Position> = all.iter().map(place).collect();
            expected.sort_by(|a, b| order.compare(a, b));
            expected.dedup();
            let all: Vec<EventId> = expected.iter().map(|(_, event)| *event).collect();
            let behind = (is_begun && !all.is_empty()).then(|| *from.get(&all));
            let is_ahead = |event: &EventId| behind.is_none_or(|behind| order.is_behind(&place(event), &place(&behind)));
            let mut reader = reader(&all, order, behind);
            let found: Vec<Position> =
                std::iter::from_fn(|| next(&mut reader)).filter(is_ahead).map(|event| place(&event)).collect();
            expected.retain(|(_, event)| is_ahead(event));
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_was_read_before_is_not_read_again_however_many_events_have_one_time() {
        let all: Vec<EventId> = (0..200).map(|n| event(n / 100, n % 2 == 0, n as u64)).collect();
        for order in [Order::OldestFirst, Order::NewestFirst] {
            for behind in &all {
                let mut reader = reader(&all, order, Some(*behind));
                let ahead = |event: EventId| order.is_behind(&place(&event), &place(behind));
                let again = std::iter::from_fn(|| next(&mut reader)).take_while(|event| !ahead(*event)).count();
                assert!(again <= 2, "{order:?} {behind}: {again}");
            }
        }
    }

    #[test]
    fn a_millisecond_is_asked_once_and_only_if_others_may_follow() {
        let all: Vec<EventId> = (0..5000).map(|n| event(n, false, 1)).collect();
        for (order, asked) in [(Order::OldestFirst, 5), (Order::NewestFirst, 0)] {
            let mut reader = reader(&all, order, None);
            while reader.advance() {}
            assert_eq!((reader.main.restarts, reader.other.restarts), (0, asked), "{order:?}");
        }
    }
}
