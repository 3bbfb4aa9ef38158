//! Whether the events of a month may go to cold storage now, and what is in the way.

use crate::month::Month;
use crate::retention::Terms;
use crate::time::Timestamp;

/// Why the events of a workspace and month stay where they are for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The policy does not send events to cold storage.
    NoColdPeriod,
    /// The month is not wholly past warm_archive_days.
    TooEarly,
    Held,
    /// In compliance mode nothing leaves the database unless a request says so.
    NoRequest,
    ErasurePending,
    /// The session that began an object of the month lives.
    UnderWay,
    /// An object of the month is stored: its events are to be released first.
    Stored,
    StillHot,
    NoEvents,
    NotSealed,
}

impl Obstacle {
    pub const ALL: [Obstacle; 10] = [
        Obstacle::NoColdPeriod,
        Obstacle::TooEarly,
        Obstacle::Held,
        Obstacle::NoRequest,
        Obstacle::ErasurePending,
        Obstacle::UnderWay,
        Obstacle::Stored,
        Obstacle::StillHot,
        Obstacle::NoEvents,
        Obstacle::NotSealed,
    ];

    pub fn in_words(self) -> &'static str {
        match self {
            Obstacle::NoColdPeriod => "no cold_retention_days",
            Obstacle::TooEarly => "within warm_archive_days",
            Obstacle::Held => "legal hold",
            Obstacle::NoRequest => "compliance mode without request",
            Obstacle::ErasurePending => "erasure pending",
            Obstacle::UnderWay => "object under way",
            Obstacle::Stored => "object stored, not released",
            Obstacle::StillHot => "events still hot",
            Obstacle::NoEvents => "no archived events",
            Obstacle::NotSealed => "not sealed",
        }
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Obstacle::NoColdPeriod => {
                "A compliance officer sets cold_retention_days in the retention policy of the workspace."
            }
            Obstacle::TooEarly => "audit_cold_due() shows the months whose time has come.",
            Obstacle::Held => "Wait until the hold is released; audit_legal_holds shows who placed it and why.",
            Obstacle::NoRequest => "Ask with request_audit_cold_release().",
            Obstacle::ErasurePending => "Run audit-cold erase first; audit_cold_erasures shows what is pending.",
            Obstacle::UnderWay => "Wait until it is stored, or end its session: audit_cold_objects.opened_by_pid.",
            Obstacle::Stored => {
                "Release it with release_audit_cold_object(), or discard it with discard_audit_cold_object()."
            }
            Obstacle::StillHot => {
                "archive_old_audit_events() moves them when their time has come; what was restored stays hot for a while."
            }
            Obstacle::NoEvents => "audit_cold_due() shows the months that have some.",
            Obstacle::NotSealed => {
                "Call audit_seal(); if they are still not sealed, audit_adopt_events() makes them ready for the next seal."
            }
        }
    }
}

/// What the policy has against sending a month to cold storage.
pub fn of_policy(terms: &Terms, month: Month, now: Timestamp) -> Option<Obstacle> {
    let end = month.plus(1).map_or(Timestamp::FUTURE, Month::start);
    match terms.cold_before(now) {
        None => Some(Obstacle::NoColdPeriod),
        Some(before) if end > before => Some(Obstacle::TooEarly),
        Some(_) => None,
    }
}

/// What is in the way in the whole workspace.
#[derive(Clone, Copy, Debug)]
pub struct WorkspaceFacts {
    /// A hold on the workspace or on anybody in it.
    pub is_held: bool,
    /// Compliance mode, also for the thirty days after it was left.
    pub is_kept_for_ever: bool,
    /// A request for the release of cold objects that is not over.
    pub has_request: bool,
    pub is_erasure_pending: bool,
}

/// An object of the month that is not released yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    Open { is_session_alive: bool },
    Stored,
}

#[derive(Clone, Copy, Debug)]
pub struct MonthFacts {
    pub live: Option<Live>,
    pub has_hot_events: bool,
    /// Archived ones that may go.
    pub event_count: u64,
}

impl WorkspaceFacts {
    fn obstacle(&self) -> Option<Obstacle> {
        match self {
            WorkspaceFacts { is_held: true, .. } => Some(Obstacle::Held),
            WorkspaceFacts { is_kept_for_ever: true, has_request: false, .. } => Some(Obstacle::NoRequest),
            WorkspaceFacts { is_erasure_pending: true, .. } => Some(Obstacle::ErasurePending),
            _ => None,
        }
    }
}

impl MonthFacts {
    fn obstacle(&self) -> Option<Obstacle> {
        match self {
            MonthFacts { live: Some(Live::Open { is_session_alive: true }), .. } => Some(Obstacle::UnderWay),
            MonthFacts { live: Some(Live::Stored), .. } => Some(Obstacle::Stored),
            MonthFacts { has_hot_events: true, .. } => Some(Obstacle::StillHot),
            MonthFacts { event_count: 0, .. } => Some(Obstacle::NoEvents),
            _ => None,
        }
    }
}

/// The first thing in the way of a month that is due. Whether its events are sealed is asked last, for that takes a look at each.
pub fn obstacle(
    workspace: &WorkspaceFacts,
    month: &MonthFacts,
    has_unsealed: impl FnOnce() -> bool,
) -> Option<Obstacle> {
    workspace.obstacle().or_else(|| month.obstacle()).or_else(|| has_unsealed().then_some(Obstacle::NotSealed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    const CLEAR: WorkspaceFacts =
        WorkspaceFacts { is_held: false, is_kept_for_ever: false, has_request: false, is_erasure_pending: false };
    const FULL: MonthFacts = MonthFacts { live: None, has_hot_events: false, event_count: 100 };

    fn found(workspace: WorkspaceFacts, month: MonthFacts) -> Option<Obstacle> {
        obstacle(&workspace, &month, || false)
    }

    #[test]
    fn a_month_is_due_when_its_last_day_is() {
        let month = |year, number| Month::new(year, number).unwrap().start();
        let terms = Terms { warm_days: 10, cold_days: Some(20), ..Terms::DEFAULT };
        let now = month(2026, 4) + Span::days(10);
        assert_eq!(terms.cold_before(now), Some(month(2026, 4)));
        assert_eq!(terms.cold_before(now - Span::MICROSECOND), Some(month(2026, 3)));
        assert_eq!(Terms { cold_days: None, ..terms }.cold_before(now), None);
    }

    #[test]
    fn nothing_is_in_the_way_of_archived_and_sealed_events() {
        assert_eq!(found(CLEAR, FULL), None);
        assert_eq!(found(WorkspaceFacts { is_kept_for_ever: true, has_request: true, ..CLEAR }, FULL), None);
        let abandoned = Some(Live::Open { is_session_alive: false });
        assert_eq!(found(CLEAR, MonthFacts { live: abandoned, ..FULL }), None, "its file is worth nothing");
    }

    #[test]
    fn each_obstacle_is_found() {
        assert_eq!(found(WorkspaceFacts { is_held: true, ..CLEAR }, FULL), Some(Obstacle::Held));
        assert_eq!(found(WorkspaceFacts { is_kept_for_ever: true, ..CLEAR }, FULL), Some(Obstacle::NoRequest));
        assert_eq!(found(WorkspaceFacts { is_erasure_pending: true, ..CLEAR }, FULL), Some(Obstacle::ErasurePending));
        let live = |live| MonthFacts { live: Some(live), ..FULL };
        assert_eq!(found(CLEAR, live(Live::Open { is_session_alive: true })), Some(Obstacle::UnderWay));
        assert_eq!(found(CLEAR, live(Live::Stored)), Some(Obstacle::Stored));
        assert_eq!(found(CLEAR, MonthFacts { has_hot_events: true, ..FULL }), Some(Obstacle::StillHot));
        assert_eq!(found(CLEAR, MonthFacts { event_count: 0, ..FULL }), Some(Obstacle::NoEvents));
        assert_eq!(obstacle(&CLEAR, &FULL, || true), Some(Obstacle::NotSealed));
    }

    #[test]
    fn seals_are_asked_only_where_nothing_else_is_in_the_way() {
        let held = WorkspaceFacts { is_held: true, ..CLEAR };
        assert_eq!(obstacle(&held, &FULL, || unreachable!()), Some(Obstacle::Held));
    }
}
