//! Where a seal stands: the clocks, which transactions have ended, and what the last seal left.

use audit_core::time::Timestamp;
use audit_evidence::window::{Base, Before, Clock, DAY, LastSeal, Snapshot, Time, Waiting};

use super::find::MayBeKnown;
use super::incarnation::Begun;
use super::statements::statements;
use crate::pg::spi::ResultRow;
use crate::pg::{array, clock as wall, datum, parameter, server, spi};
use crate::storage::Storage;

/// Both clocks, now.
pub fn clock() -> Clock {
    let time = wall::now().microseconds();
    // Where the kernel does not tell, each seal counts as after another start of the machine.
    let boot_id = server::boot_id().unwrap_or_else(|| format!("unknown at {time}"));
    Clock { time, uptime: server::uptime(), boot_id }
}

/// What the last seal left, and what the logs may hold of that which this one finds.
pub fn before(storage: &Storage, begun: &Begun) -> (Before, MayBeKnown) {
    let last = statements(storage).last.first_row(&[], |row| Some((row.int4(1)?, last_seal(&row)?)));
    let old = match begun.incarnation.number {
        1 => MayBeKnown::Nothing,
        _ => MayBeKnown::Before(begun.at),
    };
    match last {
        None => (Before::Nothing, MayBeKnown::Nothing),
        Some((number, last)) if number == begun.incarnation.number => {
            let base = base(storage, number, &last);
            (Before::Seal { last, base }, old)
        }
        Some((_, last)) => {
            let before = Before::OtherServer { last_seen_at: last.clock.time, waiting: last.waiting };
            (before, MayBeKnown::Before(Timestamp::FUTURE))
        }
    }
}

fn last_seal(row: &ResultRow) -> Option<LastSeal> {
    Some(LastSeal {
        snapshot: Snapshot::parse(&row.text(2)?)?,
        clock: Clock { time: row.time(3)?.microseconds(), uptime: row.int8(4)?, boot_id: row.text(5)? },
        waiting: waiting(array::read_int8s(row.column(6)?), array::read_times(row.column(7)?)),
    })
}

fn waiting(xids: Vec<i64>, since: Vec<Timestamp>) -> Vec<Waiting> {
    xids.into_iter().zip(since).map(|(xid, since)| Waiting { xid: xid as u64, since: since.microseconds() }).collect()
}

/// What the window goes back to, and how far the clock was set back since.
fn base(storage: &Storage, incarnation: i32, last: &LastSeal) -> Base {
    let values = [Some(datum::from_int4(incarnation)), Some(datum::from_int8(last.snapshot.xmax as i64))];
    let seals = statements(storage).since_base.rows(&values, |row| {
        let clock = Clock { time: row.time(1)?.microseconds(), uptime: row.int8(2)?, boot_id: row.text(3)? };
        Some((clock, row.bool(4)?))
    });
    let seals: Vec<(Clock, bool)> = seals.into_iter().flatten().collect();
    let stepped_back = seals.windows(2).map(|pair| pair[0].0.backward_step(&pair[1].0)).sum();
    let seen_at = match seals.first() {
        Some((clock, true)) => clock.time,
        _ => first_from(storage, incarnation),
    };
    Base { seen_at, stepped_back }
}

/// From when on the first seal of an incarnation looked.
fn first_from(storage: &Storage, incarnation: i32) -> Time {
    let sql = storage.fill(include_str!("../../sql/seal/before_incarnation.sql"), &[]);
    let former = spi::read_first_with(&sql, &[parameter::int4(incarnation)], |row| {
        let since = array::read_times(row.column(2)?).into_iter().map(Timestamp::microseconds);
        Some(since.fold(row.time(1)?.microseconds(), Time::min))
    });
    former.map_or(Time::MIN, |oldest| oldest.saturating_sub(DAY))
}
