//! Time and id of an event, and whether the server or the caller supplied them.
//!
//! The defaults of `id` and `created_at` are functions of the extension. For each row they draw one stamp: the clock at that moment, and
//! the id that contains this time. Within a backend, times and ids only grow, even if the clock stands still or goes back a little
//! ([`LEAD`]).
//!
//! A stamp is remembered until the row's trigger asks for it. If the row has the values of a stamp, the server supplied the time: there is
//! nothing to check, no lock to take and nothing to read, so the event is never refused. Otherwise the caller supplied the time, and it is
//! compared with the newest event of the workspace. A caller who calls the default functions and uses their values in the same statement
//! gets what the defaults give. A stamp ends with the statement that drew it: kept longer, it would let a later event be dated before
//! events recorded since.
//!
//! Rows that are never stored (an error, a WHERE in a rule) leave stamps behind. The oldest are forgotten first. More than one is
//! remembered because a trigger of somebody else may record events between our default and our trigger.

use std::collections::VecDeque;

use super::id;
use crate::catalogue::EVENTS;
use crate::ids::EventId;
use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;
use crate::time::{Span, Timestamp};

/// One run of a statement. Numbers are never given again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Execution(pub u64);

const REMEMBERED: usize = 1024;

/// By how much the times of a backend may be ahead of the clock, so that they grow. If the clock is set back by more, it was
/// wrong before: events that follow get the time of the clock.
pub const LEAD: Span = Span::SECOND;

/// The time of an event and the id that carries it.
pub type Stamp = (Timestamp, EventId);

/// A stamp whose row the trigger has not seen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Issued {
    id: EventId,
    created_at: Timestamp,
    time_taken: bool,
    /// The statement that drew it.
    execution: Execution,
}

/// What the trigger learns about a row.
#[derive(Debug, PartialEq, Eq)]
pub struct Origin {
    /// The server gave the time; else the caller supplied it.
    pub server_time: bool,
    /// The id the row must get, when it does not have it yet.
    pub id: Option<EventId>,
}

/// Why an event gets no time or no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StampError {
    /// The caller brought an id of their own.
    OwnId,
    /// A time of the caller's that no id can carry.
    TimeOutOfRange,
    /// The operating system gives no random bytes.
    NoRandomness,
}

impl IntoReport for StampError {
    fn report(&self) -> Report {
        match self {
            StampError::OwnId => Report::new(
                SqlState::GeneratedAlways,
                "cannot insert a caller's own value into column \"id\" of an audit event",
            )
            .hint("Leave the column out: the server makes the id and RETURNING id gives it back.")
            .table(EVENTS)
            .column("id"),
            StampError::TimeOutOfRange => {
                Report::new(SqlState::DatetimeFieldOverflow, "audit event time is out of range")
                    .hint("created_at must lie between 1970-01-01 and now; leave it out to take the time of insertion.")
                    .parameter("created_at")
            }
            StampError::NoRandomness => {
                Report::new(SqlState::SystemError, "the operating system gives no random bytes for audit events").hint(
                    "Give the server's processes getrandom() or /dev/urandom, then try again; nothing was recorded.",
                )
            }
        }
    }
}

/// The stamps of one backend.
pub struct Stamps<R> {
    last_time: Timestamp,
    maker: id::Maker<R>,
    issued: VecDeque<Issued>,
}

impl<R: FnMut() -> u64> Stamps<R> {
    pub fn new(random: R) -> Self {
        Stamps { last_time: Timestamp::PAST, maker: id::Maker::new(random), issued: VecDeque::new() }
    }

    /// The default of `id`, evaluated before that of `created_at`. Outside of a statement it is an id like any other.
    pub fn default_id(&mut self, now: Timestamp, execution: Option<Execution>) -> Option<EventId> {
        let stamp = self.fresh(now)?;
        if let Some(execution) = execution {
            self.remember(stamp, false, execution);
        }
        Some(stamp.1)
    }

    /// The default of `created_at`: the time of the stamp drawn for this row, or of a new one when the caller gave an id.
    pub fn default_time(&mut self, now: impl FnOnce() -> Timestamp, execution: Option<Execution>) -> Option<Timestamp> {
        let last = self.issued.iter_mut().rfind(|stamp| Some(stamp.execution) == execution);
        if let Some(stamp) = last.filter(|stamp| !stamp.time_taken) {
            stamp.time_taken = true;
            return Some(stamp.created_at);
        }
        let stamp = self.fresh(now())?;
        if let Some(execution) = execution {
            self.remember(stamp, true, execution);
        }
        Some(stamp.0)
    }

    /// Whether the server or the caller supplied the time of a row, and which id it must get. A stamp is used once, by the statement that
    /// drew it.
    pub fn origin_of(
        &mut self,
        id: Option<EventId>,
        created_at: Timestamp,
        is_of_statement: impl Fn(Execution) -> bool,
    ) -> Result<Origin, StampError> {
        let gave_time = |stamp: &Issued| stamp.time_taken && stamp.created_at == created_at;
        let mut take = |fits: &dyn Fn(&Issued) -> bool| {
            let position = self.issued.iter().rposition(|stamp| fits(stamp) && is_of_statement(stamp.execution));
            position.and_then(|position| self.issued.remove(position))
        };
        if let Some(id) = id {
            let of_id = take(&|stamp| stamp.id == id).ok_or(StampError::OwnId)?;
            if gave_time(&of_id) {
                return Ok(Origin { server_time: true, id: None });
            }
        }
        // Of several rows of VALUES the times that are written as DEFAULT come first, and the ids that are left out after them.
        let of_time = take(&gave_time).map(|stamp| stamp.id);
        let server_time = of_time.is_some();
        let id = of_time.or_else(|| self.id_at(created_at)).ok_or(StampError::TimeOutOfRange)?;
        Ok(Origin { server_time, id: Some(id) })
    }

    /// A stamp for an event that is stored without a trigger.
    pub fn fresh(&mut self, now: Timestamp) -> Option<Stamp> {
        let grown = self.last_time + Span::MICROSECOND;
        self.last_time = if grown > now + LEAD { now } else { now.max(grown) };
        self.maker.make(self.last_time).map(|id| (self.last_time, id))
    }

    /// The id of an event whose time the caller supplied.
    pub fn id_at(&mut self, created_at: Timestamp) -> Option<EventId> {
        self.maker.make(created_at)
    }

    fn remember(&mut self, (created_at, id): Stamp, time_taken: bool, execution: Execution) {
        if self.issued.len() == REMEMBERED {
            self.issued.pop_front();
        }
        self.issued.push_back(Issued { id, created_at, time_taken, execution });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    /// The statement that draws and stores.
    const HERE: Option<Execution> = Some(Execution(1));
    const SERVER: Origin = Origin { server_time: true, id: None };

    fn at(microseconds: i64) -> Timestamp {
        Timestamp::from_microseconds(microseconds)
    }

    fn here(execution: Execution) -> bool {
        Some(execution) == HERE
    }

    fn stamps() -> Stamps<impl FnMut() -> u64> {
        let mut n = 0u64;
        Stamps::new(move || {
            n = n.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            n
        })
    }

    #[test]
    fn a_row_that_takes_both_defaults_is_the_servers() {
        let mut stamps = stamps();
        let id = stamps.default_id(at(100), HERE).unwrap();
        let time = stamps.default_time(|| at(105), HERE).unwrap();
        assert_eq!(time, at(100), "both come from one stamp");
        assert_eq!(stamps.origin_of(Some(id), time, here), Ok(SERVER));
        assert_eq!(stamps.origin_of(Some(id), time, here), Err(StampError::OwnId), "a stamp counts once");
    }

    #[test]
    fn a_callers_time_gets_an_id_that_carries_it() {
        let mut stamps = stamps();
        let id = stamps.default_id(at(100), HERE).unwrap();
        let origin = stamps.origin_of(Some(id), at(50), here).unwrap();
        assert!(!origin.server_time);
        assert_eq!(origin.id.and_then(|id| id::created_at(&id)), Some(at(50)));
    }

    #[test]
    fn a_callers_time_is_not_the_servers_though_it_meets_the_clock() {
        let mut stamps = stamps();
        let id = stamps.default_id(at(100), HERE).unwrap();
        assert!(!stamps.origin_of(Some(id), at(100), here).unwrap().server_time);
    }

    #[test]
    fn the_default_time_stays_the_servers_when_the_id_is_null() {
        let mut stamps = stamps();
        let time = stamps.default_time(|| at(100), HERE).unwrap();
        let origin = stamps.origin_of(None, time, here).unwrap();
        assert!(origin.server_time);
        assert_eq!(origin.id.and_then(|id| id::created_at(&id)), Some(at(100)));
    }

    #[test]
    fn the_default_time_stays_the_servers_when_it_is_drawn_before_the_id() {
        let mut stamps = stamps();
        let time = stamps.default_time(|| at(100), HERE).unwrap();
        let id = stamps.default_id(at(105), HERE).unwrap();
        let origin = stamps.origin_of(Some(id), time, here).unwrap();
        assert!(origin.server_time);
        assert_eq!(origin.id.and_then(|id| id::created_at(&id)), Some(time));
        assert!(stamps.issued.is_empty());
    }

    #[test]
    fn a_callers_id_is_refused() {
        assert_eq!(stamps().origin_of(Some(EventId(Uuid::from_u128(7))), at(1), here), Err(StampError::OwnId));
    }

    #[test]
    fn events_recorded_between_default_and_trigger_do_no_harm() {
        let mut stamps = stamps();
        let (outer, outer_time) =
            (stamps.default_id(at(1), HERE).unwrap(), stamps.default_time(|| at(1), HERE).unwrap());
        let (inner, inner_time) =
            (stamps.default_id(at(2), HERE).unwrap(), stamps.default_time(|| at(2), HERE).unwrap());
        assert_eq!(stamps.origin_of(Some(inner), inner_time, here), Ok(SERVER));
        assert_eq!(stamps.origin_of(Some(outer), outer_time, here), Ok(SERVER));
    }

    #[test]
    fn a_stamp_that_was_kept_for_another_statement_is_a_callers() {
        let mut stamps = stamps();
        let elsewhere = |execution| execution == Execution(2);
        let (id, time) = (stamps.default_id(at(100), HERE).unwrap(), stamps.default_time(|| at(100), HERE).unwrap());
        assert_eq!(stamps.origin_of(Some(id), time, elsewhere), Err(StampError::OwnId));
        assert!(!stamps.origin_of(None, time, elsewhere).unwrap().server_time);
        let (id, time) = (stamps.default_id(at(200), None).unwrap(), stamps.default_time(|| at(200), None).unwrap());
        assert_eq!(stamps.origin_of(Some(id), time, here), Err(StampError::OwnId), "drawn by no statement");
    }

    #[test]
    fn a_time_is_not_taken_from_a_stamp_of_another_statement() {
        let mut stamps = stamps();
        stamps.default_id(at(100), HERE).unwrap();
        assert_eq!(stamps.default_time(|| at(200), Some(Execution(2))), Some(at(200)));
        assert_eq!(stamps.default_time(|| at(300), HERE), Some(at(100)));
    }

    #[test]
    fn a_clock_that_was_ahead_and_was_set_back_is_left_behind() {
        let mut stamps = stamps();
        let after = |leads: i64, more: i64| at(leads * 1_000_000 + more);
        assert_eq!(LEAD, Span::microseconds(1_000_000));
        stamps.fresh(after(10, 0)).unwrap();
        assert_eq!(stamps.fresh(after(9, 1)).unwrap().0, after(10, 1));
        assert_eq!(stamps.fresh(after(1, 0)).unwrap().0, after(1, 0));
        assert_eq!(stamps.fresh(after(1, 0)).unwrap().0, after(1, 1));
    }

    #[test]
    fn what_is_never_stored_is_forgotten() {
        let mut stamps = stamps();
        for now in 0..10_000 {
            stamps.default_id(at(now), HERE).unwrap();
        }
        assert_eq!(stamps.issued.len(), REMEMBERED);
    }

    proptest! {
        #[test]
        fn a_row_is_the_servers_just_where_its_own_statement_drew_the_stamp(rows in prop::collection::vec((0u64..4, 0u64..4), 1..100)) {
            let mut stamps = stamps();
            let drawn: Vec<_> = rows.into_iter().zip(0..).map(|((drawn_by, stored_by), now)| {
                let (now, by) = (at(now), Some(Execution(drawn_by)));
                (drawn_by == stored_by, stored_by, stamps.default_id(now, by).unwrap(), stamps.default_time(|| now, by).unwrap())
            }).collect();
            for (is_same, stored_by, id, time) in drawn {
                let origin = stamps.origin_of(Some(id), time, |execution| execution == Execution(stored_by));
                prop_assert_eq!(origin == Ok(SERVER), is_same);
            }
        }

        #[test]
        fn times_and_ids_grow_though_the_clock_goes_back_a_little(clock in prop::collection::vec((0i64..500_000).prop_map(at), 2..100)) {
            let mut stamps = stamps();
            let drawn: Vec<_> = clock
                .into_iter()
                .map(|now| (stamps.default_id(now, HERE).unwrap(), stamps.default_time(|| now, HERE).unwrap()))
                .collect();
            prop_assert!(drawn.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1));
        }
    }
}
