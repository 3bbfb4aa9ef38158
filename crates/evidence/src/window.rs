//! Which transactions a seal takes, so that each event is sealed once and none is left out, though nobody waits.
//!
//! A seal remembers its snapshot and the transactions that were running then. The next one takes what is numbered from the last snapshot's end to the new
//! one's and can be seen, and those that were waited for and have ended. A running transaction may stand in no snapshot's list, if nothing with a higher number
//! has ended: its number is then not below the snapshot's end, so it is new to a later seal.
//!
//! The sealer's own transaction counts as running, though its snapshot does not list it: what it records after the seal would be missed otherwise.

use std::fmt;

/// Microseconds of the wall clock.
pub type Time = i64;

pub const SECOND: Time = 1_000_000;
pub const DAY: Time = 86_400 * SECOND;
/// A row is stored at most a second after its time was drawn, else it is marked; the rest is margin for clocks of several processors.
pub const MARGIN: Time = 5 * SECOND;
/// How many transactions a seal takes at most.
pub const MOST_XIDS: u64 = 1 << 20;
/// When a seal that found nothing is kept all the same.
pub const KEPT_AFTER: u64 = 1 << 19;

/// Which transactions had ended: `xmin:xmax:xip,xip` as PostgreSQL prints a `pg_snapshot`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub xmin: u64,
    pub xmax: u64,
    /// Those below `xmax` that were running, ascending.
    pub running: Vec<u64>,
}

impl Snapshot {
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (xmin, xmax) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let running = match parts.next()? {
            "" => Vec::new(),
            list => list.split(',').map(|xid| xid.parse().ok()).collect::<Option<Vec<u64>>>()?,
        };
        let snapshot = Self { xmin, xmax, running };
        (parts.next().is_none() && snapshot.running.is_sorted() && snapshot.to_string() == text).then_some(snapshot)
    }

    pub fn is_running(&self, xid: u64) -> bool {
        xid >= self.xmax || self.running.binary_search(&xid).is_ok()
    }

    /// As if it had been taken when `xmax` was the next number.
    fn cut(&self, xmax: u64) -> Self {
        let running = self.running.iter().copied().filter(|xid| *xid < xmax).collect();
        Self { xmin: self.xmin.min(xmax), xmax, running }
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let running: Vec<String> = self.running.iter().map(u64::to_string).collect();
        write!(f, "{}:{}:{}", self.xmin, self.xmax, running.join(","))
    }
}

/// A transaction that a seal saw running, and from when on events of it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub xid: u64,
    pub since: Time,
}

/// A reading of both clocks: the wall's, which can be set, and that of the machine since it started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    pub time: Time,
    pub uptime: Time,
    pub boot_id: String,
}

impl Clock {
    /// How far the wall clock was set back between two readings; a day if the machine was started in between, for then nobody knows.
    pub fn backward_step(&self, later: &Self) -> Time {
        if self.boot_id != later.boot_id {
            return DAY;
        }
        ((later.uptime - self.uptime) - (later.time - self.time)).max(0)
    }
}

/// What the last seal left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSeal {
    pub snapshot: Snapshot,
    pub waiting: Vec<Waiting>,
    pub clock: Clock,
}

/// What the window goes back to: the newest seal of this incarnation after which every number from the last snapshot's end on was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    pub seen_at: Time,
    /// The sum of the backward steps from it to the last seal.
    pub stepped_back: Time,
}

/// Where a seal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// The first seal of a trail takes all that is there.
    Nothing,
    /// The first seal of an incarnation: numbers of the other server mean nothing. What the logs hold is left out by looking it up.
    OtherServer {
        last_seen_at: Time,
        waiting: Vec<Waiting>,
    },
    Seal {
        last: LastSeal,
        base: Base,
    },
}

/// The moment of a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    pub snapshot: Snapshot,
    /// The sealer's own number, if it has one.
    pub own_xid: Option<u64>,
    pub clock: Clock,
}

/// What a seal looks for. Times are where the search by id begins; `None` is the beginning of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Numbers that are new, if numbers count at all.
    pub new: Option<std::ops::Range<u64>>,
    pub from: Option<Time>,
    /// Those that were waited for and have ended, ascending.
    pub late: Vec<u64>,
    pub late_from: Option<Time>,
    own_xid: Option<u64>,
    /// What the seal keeps.
    pub snapshot: Snapshot,
    pub waiting: Vec<Waiting>,
    /// There is more than this seal takes.
    pub is_behind: bool,
}

impl Window {
    /// The window of a seal now. `advanced`: by how many numbers an earlier cut of the same call, which found nothing, has moved on.
    pub fn new(before: &Before, now: &Now, advanced: u64) -> Self {
        match before {
            Before::Nothing => Self::of_all(now, None),
            Before::OtherServer { last_seen_at, waiting } => {
                let oldest = waiting.iter().map(|one| one.since).fold(*last_seen_at, Time::min);
                Self::of_all(now, Some(back(oldest, DAY)))
            }
            Before::Seal { last, base } => Self::after(last, base, now, advanced),
        }
    }

    fn of_all(now: &Now, from: Option<Time>) -> Self {
        let since = from.unwrap_or(Time::MIN);
        let waiting = running(&now.snapshot, now.own_xid).map(|xid| Waiting { xid, since }).collect();
        Self {
            new: None,
            from,
            late: Vec::new(),
            late_from: None,
            own_xid: now.own_xid,
            snapshot: now.snapshot.clone(),
            waiting,
            is_behind: false,
        }
    }

    fn after(last: &LastSeal, base: &Base, now: &Now, advanced: u64) -> Self {
        let start = last.snapshot.xmax;
        let end = start.saturating_add(advanced).saturating_add(MOST_XIDS);
        let is_behind = now.snapshot.xmax > end;
        let snapshot = if is_behind { now.snapshot.cut(end) } else { now.snapshot.clone() };
        let step = last.clock.backward_step(&now.clock);
        let is_late = |one: &&Waiting| !now.snapshot.is_running(one.xid) && Some(one.xid) != now.own_xid;
        let late: Vec<Waiting> = last.waiting.iter().filter(is_late).copied().collect();
        let since = |xid| {
            let before = last.waiting.iter().find(|one| one.xid == xid);
            back(before.map_or(back(base.seen_at, base.stepped_back), |one| one.since), step)
        };
        let waiting = running(&snapshot, now.own_xid).map(|xid| Waiting { xid, since: since(xid) }).collect();
        Self {
            new: Some(start..snapshot.xmax.max(start)),
            from: Some(back(base.seen_at, MARGIN + base.stepped_back + step)),
            late_from: late.iter().map(|one| back(one.since, MARGIN + step)).min(),
            late: late.iter().map(|one| one.xid).collect(),
            own_xid: now.own_xid,
            snapshot,
            waiting,
            is_behind,
        }
    }

    /// Whether a row that can be seen, with this number in its `seal_xid`, is for this seal.
    pub fn takes(&self, seal_xid: i64) -> bool {
        let xid = seal_xid.unsigned_abs();
        if Some(xid) == self.own_xid {
            return false;
        }
        match &self.new {
            None => true,
            Some(new) => new.contains(&xid) || self.late.binary_search(&xid).is_ok(),
        }
    }

    /// Whether a seal that found nothing is kept, so that the next one need not look as far back.
    pub fn is_worth_keeping(&self) -> bool {
        self.new.as_ref().is_some_and(|new| new.end - new.start > KEPT_AFTER)
    }
}

/// The beginning of time stays what it is, however far one goes back.
fn back(time: Time, by: Time) -> Time {
    time.saturating_sub(by)
}

/// The transactions to wait for. The sealer's own is one of them if its number is below the snapshot's end; else it is new to a later seal.
fn running(snapshot: &Snapshot, own: Option<u64>) -> impl Iterator<Item = u64> {
    let own = own.filter(|own| *own < snapshot.xmax && snapshot.running.binary_search(own).is_err());
    let mut running = snapshot.running.clone();
    running.extend(own);
    running.sort_unstable();
    running.into_iter()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn clock(time: Time, uptime: Time) -> Clock {
        Clock { time, uptime, boot_id: "boot".into() }
    }

    #[test]
    fn snapshots_as_postgresql_prints_them() {
        for text in ["725:725:", "10:20:10,14,19"] {
            assert_eq!(Snapshot::parse(text).unwrap().to_string(), text);
        }
        let snapshot = Snapshot::parse("10:20:10,14").unwrap();
        let running: Vec<u64> = (8..23).filter(|xid| snapshot.is_running(*xid)).collect();
        assert_eq!(running, [10, 14, 20, 21, 22]);
        for odd in ["", "1:2", "1:2:3:4", "1:2:x", "1:9:5,4", "01:2:"] {
            assert_eq!(Snapshot::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_window_goes_back_as_far_as_the_clock_did() {
        let (early, late) = (clock(100 * SECOND, 50 * SECOND), clock(90 * SECOND, 60 * SECOND));
        assert_eq!(early.backward_step(&late), 20 * SECOND);
        assert_eq!(late.backward_step(&clock(200 * SECOND, 70 * SECOND)), 0);
        assert_eq!(early.backward_step(&Clock { boot_id: "other".into(), ..late.clone() }), DAY);
        let last = LastSeal {
            snapshot: Snapshot::parse("5:9:5").unwrap(),
            waiting: vec![Waiting { xid: 5, since: 70 * SECOND }],
            clock: early,
        };
        let base = Base { seen_at: 80 * SECOND, stepped_back: 3 * SECOND };
        let now = Now { snapshot: Snapshot::parse("12:12:").unwrap(), own_xid: Some(11), clock: late };
        let window = Window::new(&Before::Seal { last, base }, &now, 0);
        assert_eq!((window.new.clone(), window.late.as_slice()), (Some(9..12), &[5][..]));
        assert_eq!(window.from, Some((80 - 5 - 3 - 20) * SECOND));
        assert_eq!(window.late_from, Some((70 - 5 - 20) * SECOND));
        assert_eq!(window.waiting, [Waiting { xid: 11, since: (80 - 3 - 20) * SECOND }]);
        let taken: Vec<i64> = (-13..14).filter(|xid| window.takes(*xid)).collect();
        assert_eq!(taken, [-10, -9, -5, 5, 9, 10]);
    }

    #[test]
    fn a_long_way_is_gone_in_steps() {
        let last = LastSeal { snapshot: Snapshot::parse("5:5:").unwrap(), waiting: Vec::new(), clock: clock(0, 0) };
        let before = Before::Seal { last, base: Base { seen_at: 0, stepped_back: 0 } };
        let xmax = 5 + MOST_XIDS + 10;
        let snapshot = Snapshot { xmin: 7, xmax, running: vec![7, xmax - 3] };
        let now = Now { snapshot, own_xid: None, clock: clock(0, 0) };
        let first = Window::new(&before, &now, 0);
        assert_eq!((first.is_behind, first.snapshot.xmax), (true, 5 + MOST_XIDS));
        assert_eq!(first.waiting.iter().map(|one| one.xid).collect::<Vec<_>>(), [7]);
        assert!(first.is_worth_keeping());
        let whole = Window::new(&before, &now, MOST_XIDS);
        assert_eq!((whole.is_behind, whole.snapshot), (false, now.snapshot));
    }

    /// A step of a history: something a transaction does, or a seal.
    #[derive(Clone, Debug)]
    enum Step {
        Begin,
        Record(usize),
        End(usize, bool),
        /// By a transaction of its own, or within a running one, which records on afterwards.
        Seal(Option<usize>),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::Begin),
            4 => any::<prop::sample::Index>().prop_map(|of| Step::Record(of.index(8))),
            3 => (0..8_usize, any::<bool>()).prop_map(|(of, commits)| Step::End(of, commits)),
            2 => prop::option::of(0..8_usize).prop_map(Step::Seal),
        ]
    }

    /// A server: numbers are drawn by the first event of a transaction, snapshots end at the latest ended number plus one.
    #[derive(Default)]
    struct Server {
        next: u64,
        latest_ended: u64,
        running: Vec<(Option<u64>, Vec<u32>)>,
        committed: Vec<(u64, u32)>,
        events: u32,
        sealed: Vec<u32>,
        seal: Option<LastSeal>,
    }

    impl Server {
        fn snapshot(&self) -> Snapshot {
            let xmax = self.latest_ended + 1;
            let mut running: Vec<u64> =
                self.running.iter().filter_map(|(xid, _)| *xid).filter(|xid| *xid < xmax).collect();
            running.sort_unstable();
            Snapshot { xmin: running.first().copied().unwrap_or(xmax), xmax, running }
        }

        fn record(&mut self, of: usize) {
            if let Some((xid, events)) = self.running.get_mut(of) {
                xid.get_or_insert_with(|| {
                    self.next += 1;
                    self.next
                });
                self.events += 1;
                events.push(self.events);
            }
        }

        fn end(&mut self, of: usize, commits: bool) {
            if of >= self.running.len() {
                return;
            }
            let (Some(xid), events) = self.running.remove(of) else { return };
            self.latest_ended = self.latest_ended.max(xid);
            if commits {
                self.committed.extend(events.into_iter().map(|event| (xid, event)));
            }
        }

        fn seal(&mut self, own: Option<usize>) {
            let own = own.and_then(|of| self.running.get(of).cloned());
            let own_xid = own.as_ref().and_then(|(xid, _)| *xid);
            let mut snapshot = self.snapshot();
            // A snapshot does not list the transaction that takes it.
            snapshot.running.retain(|xid| Some(*xid) != own_xid);
            let now = Now { snapshot, own_xid, clock: clock(0, 0) };
            let base = Base { seen_at: 0, stepped_back: 0 };
            let before = match self.seal.take() {
                Some(last) => Before::Seal { last, base },
                None => Before::Nothing,
            };
            let window = Window::new(&before, &now, 0);
            let own_rows = own.into_iter().flat_map(|(xid, events)| events.into_iter().map(move |event| (xid, event)));
            let own_rows = own_rows.filter_map(|(xid, event)| Some((xid?, event)));
            let visible = self.committed.iter().copied().filter(|(xid, _)| !now.snapshot.is_running(*xid));
            self.sealed
                .extend(visible.chain(own_rows).filter(|(xid, _)| window.takes(*xid as i64)).map(|(_, event)| event));
            self.seal = Some(LastSeal { snapshot: window.snapshot, waiting: window.waiting, clock: clock(0, 0) });
        }
    }

    proptest! {
        /// Whatever begins, commits, rolls back and seals: each committed event is sealed once, and nothing else is.
        #[test]
        fn every_event_once(steps in prop::collection::vec(step(), 0..120)) {
            let mut server = Server { next: 10, latest_ended: 10, ..Server::default() };
            for step in steps {
                match step {
                    Step::Begin => server.running.push((None, Vec::new())),
                    Step::Record(of) => server.record(of),
                    Step::End(of, commits) => server.end(of, commits),
                    Step::Seal(own) => server.seal(own),
                }
            }
            while !server.running.is_empty() {
                server.end(0, true);
            }
            server.seal(None);
            let sealed: BTreeSet<u32> = server.sealed.iter().copied().collect();
            let committed: BTreeSet<u32> = server.committed.iter().map(|(_, event)| *event).collect();
            prop_assert_eq!(sealed.len(), server.sealed.len(), "sealed twice");
            prop_assert_eq!(sealed, committed);
        }
    }
}
