//! `audit_seal()`: one seal, or one after another.

use std::rc::Rc;

use audit_core::catalogue::LOG_SEALS;
use audit_core::time::Timestamp;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::hash::Hash;
use audit_evidence::window::{MOST_XIDS, Now, Snapshot, Window};
use pgrx::pg_sys;

use super::append::{Appended, Logs};
use super::checkpoint::Incarnation;
use super::find;
use super::incarnation;
use super::refusal::SealError;
use super::statements::statements;
use super::{state, write};
use crate::error::Error;
use crate::interlock::{self, Contention};
use crate::pg::call::{Answer, Call};
use crate::pg::moment::Moment;
use crate::pg::procedure::{InBlock, Procedure};
use crate::pg::role::Acting;
use crate::pg::{datum, encoding, guc, parameter, raise, server, snapshot, spi, subtransaction};
use crate::record::idempotency::swap;
use crate::storage::{Interference, Storage};

pub const IN_BLOCK: InBlock =
    InBlock { procedure: "audit_keep_sealing", hint: "CALL it by itself, or use audit_seal(), which seals once." };

/// What a seal did.
#[derive(Default)]
pub struct Sealed {
    events: u64,
    heads: u64,
    /// The newest one, of this seal or an earlier one.
    checkpoint: Option<Checkpoint>,
    /// There is more than it took.
    is_behind: bool,
}

/// `audit_seal()`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let sealed = run(&storage)?;
    swap::swap_if_due(&storage)?;
    let checkpoint = sealed.checkpoint.map(|checkpoint| datum::from_text(checkpoint.to_string().as_bytes()));
    Ok(call.record(&[
        Some(datum::from_int8(sealed.events as i64)),
        Some(datum::from_int8(sealed.heads as i64)),
        checkpoint,
        Some(datum::from_bool(sealed.is_behind)),
    ]))
}

/// `CALL audit_keep_sealing(p_interval)`.
pub fn keep_call(call: &Call) -> Result<Answer, Error> {
    const LONGEST_SLEEP: u64 = 1_000;
    let pause = super::wait::milliseconds("p_interval", call.datum(0))?;
    let procedure = Procedure::begin(call, IN_BLOCK)?;
    loop {
        let storage = Storage::of(call)?;
        let is_behind = run(&storage)?.is_behind;
        swap::swap_if_due(&storage)?;
        procedure.commit_and_pause(|| {
            let mut left = if is_behind { 0 } else { pause };
            while server::is_client_there() && left > 0 {
                subtransaction::sleep_interruptibly(left.min(LONGEST_SLEEP));
                left = left.saturating_sub(LONGEST_SLEEP);
            }
        });
        pgrx::check_for_interrupts!();
        if !server::is_client_there() {
            return Ok(Answer::Nothing);
        }
    }
}

/// Seals what was committed since the last seal.
fn run(storage: &Rc<Storage>) -> Result<Sealed, Error> {
    if snapshot::is_fixed() {
        return Err(SealError::Isolation.into());
    }
    let _owner = Acting::as_owner(storage.owner);
    // A snapshot taken from here on sees what the last seal wrote.
    if !interlock::seal(storage)? {
        return Err(Contention::Sealer.into());
    }
    demand_what_sealing_needs(storage)?;
    guc::commit_durably();
    let begun = incarnation::of_server(storage)?;
    let incarnation = &begun.incarnation;
    let clock = state::clock();
    let moment = Moment::take();
    let snapshot = Snapshot::parse(&moment.snapshot()).expect("a pg_snapshot as PostgreSQL prints it");
    let now = Now { snapshot, own_xid: moment.own_xid, clock };
    let (before, may_be_known) = state::before(storage, &begun);
    let mut advanced = 0;
    loop {
        let window = Window::new(&before, &now, advanced);
        let mut logs = Logs::open(storage, incarnation)?;
        let odd = find::seal(storage, &window, &may_be_known, &mut logs)?;
        let appended = logs.finish()?;
        if appended.events == 0 && window.is_behind {
            advanced += MOST_XIDS;
            continue;
        }
        if odd > 0 {
            raise::warn(&SealError::Odd { count: odd });
        }
        if appended.events > 0 || window.is_worth_keeping() {
            keep(storage, incarnation, &window, &now, moment.next_xid, &appended)?;
        }
        return Ok(told(incarnation, &window, &appended));
    }
}

fn told(incarnation: &Incarnation, window: &Window, appended: &Appended) -> Sealed {
    let checkpoint =
        Checkpoint { origin: incarnation.origin.clone(), size: appended.root_size, root: appended.root_hash };
    Sealed {
        events: appended.events,
        heads: appended.heads,
        checkpoint: (appended.root_size > 0).then_some(checkpoint),
        is_behind: window.is_behind,
    }
}

/// What does not work is not begun: an event that is passed over would never be sealed.
fn demand_what_sealing_needs(storage: &Storage) -> Result<(), SealError> {
    if !encoding::is_utf8() {
        return Err(SealError::Encoding);
    }
    let statements = statements(storage);
    let tables = [Some(datum::from_oid(storage.events)), Some(datum::from_oid(storage.archive))];
    if statements.is_subscribed.run(&tables[..1], |outcome| outcome.processed) > 0 {
        return Err(SealError::Subscriber);
    }
    match statements.has_indexes.run(&tables, |outcome| outcome.column(1).map(datum::read_bool)) {
        Some(true) => Ok(()),
        _ => Err(SealError::NoIndex),
    }
}

/// The seal's own row, from which the next one carries on.
fn keep(
    storage: &Storage,
    incarnation: &Incarnation,
    window: &Window,
    now: &Now,
    next_xid: u64,
    appended: &Appended,
) -> Result<(), Error> {
    let Hash(root) = appended.root_hash;
    let values = [
        parameter::int4(incarnation.number),
        parameter::count(appended.events),
        parameter::count(appended.heads),
        parameter::count(appended.root_size),
        parameter::bytes(&root),
        parameter::count(next_xid),
        parameter::text(&now.clock.boot_id),
        parameter::text(&window.snapshot.to_string()),
        parameter::time(Timestamp::from_microseconds(now.clock.time)),
        (pg_sys::INT8OID, Some(datum::from_int8(now.clock.uptime))),
        parameter::int8s(window.waiting.iter().map(|one| Some(one.xid as i64))),
        parameter::times(window.waiting.iter().map(|one| Timestamp::from_microseconds(one.since))),
    ];
    let sql = storage.fill(include_str!("../../sql/seal/seal.sql"), &[]);
    match write::admitted(LOG_SEALS, || spi::count_with(&sql, &values))? {
        1 => Ok(()),
        _ => Err(Interference::Suppressed { table: LOG_SEALS }.into()),
    }
}
