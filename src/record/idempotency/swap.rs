//! The tables of keys change places once a day: the one that is not current is emptied and becomes the current one.
//!
//! It is part of what runs every day anyway: sealing, the archive, and the making of partitions. Whoever uses a key has both tables locked
//! until the end of the transaction, so the lock that TRUNCATE needs is had while nobody does. It is tried for a moment, and by the next run
//! again. Emptying and marking are one transaction, so a crash leaves both or neither.

use audit_core::catalogue::IDEMPOTENCY_KEYS;
use audit_core::event::idempotency::{LAST_MARK, is_due, mark};
use audit_core::time::Timestamp;

use super::tables::{current, marks_of, open};
use crate::error::Error;
use crate::interlock;
use crate::permit::{Permit, Purpose};
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::role::Acting;
use crate::pg::{clock, lock, parameter, relation, spi, transaction};
use crate::storage::{Interference, Storage};

/// Since when the current table takes new keys.
pub fn current_since(storage: &Storage) -> Result<Option<Timestamp>, Error> {
    Ok(marks_of(&open(storage, AccessShareLock)?)?.into_iter().max().flatten())
}

/// Lets the tables change places if a day has passed. Locks are kept until the end of the transaction, so it comes last.
pub fn swap_if_due(storage: &Storage) -> Result<(), Error> {
    // Tables of an older release have no keys.
    if transaction::is_read_only() || IDEMPOTENCY_KEYS.iter().any(|name| storage.oid(name).is_err()) {
        return Ok(());
    }
    // Somebody who swaps has the lock; there is nothing to wait for.
    let Some(tables) = try_open(storage)? else { return Ok(()) };
    let marks = marks_of(&tables)?;
    if !is_due(marks[current(&marks)], clock::now()) {
        return Ok(());
    }
    drop(tables);
    let _owner = Acting::as_owner(storage.owner);
    let next = 1 - current(&marks);
    let mut outcome = Ok(false);
    lock::try_briefly(|| {
        spi::run(&format!("LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE MODE", storage.qualified(IDEMPOTENCY_KEYS[next])));
        outcome = swap_to(storage, next, &marks);
    });
    if outcome? {
        interlock::end_soon(storage);
    }
    Ok(())
}

/// Under the lock. False if somebody else was faster.
fn swap_to(storage: &Storage, next: usize, marks: &[Option<Timestamp>; 2]) -> Result<bool, Error> {
    if marks_of(&open(storage, AccessShareLock)?)? != *marks {
        return Ok(false);
    }
    let now = clock::now();
    if marks[1 - next].is_some_and(|mark| mark > now) {
        set_back_mark(storage, 1 - next, now)?;
        return Ok(true);
    }
    {
        let _permit = Permit::issue(Purpose::ForgetKeys { table: storage.oid(IDEMPOTENCY_KEYS[next])? })?;
        spi::run(&format!("TRUNCATE TABLE ONLY {}", storage.qualified(IDEMPOTENCY_KEYS[next])));
    }
    make_mark(storage, next)?;
    Ok(true)
}

/// The clock was ahead when the table became the current one. It stays that, and its day begins anew: nobody knows how old its keys are, so none of either
/// table is forgotten before.
fn set_back_mark(storage: &Storage, place: usize, now: Timestamp) -> Result<(), Error> {
    for table in IDEMPOTENCY_KEYS {
        let _permit = storage.writing(table)?;
        let sql = format!("DELETE FROM ONLY {} WHERE key_hash > $1 AND key_hash <= $2", storage.qualified(table));
        spi::count_with(&sql, &[parameter::uuid(mark(now)), parameter::uuid(LAST_MARK)]);
    }
    make_mark(storage, place)
}

fn try_open(storage: &Storage) -> Result<Option<[Relation; 2]>, Error> {
    let open = |name: &str| Ok::<_, Error>(Relation::try_open(storage.oid(name)?, AccessShareLock));
    Ok(open(IDEMPOTENCY_KEYS[0])?.zip(open(IDEMPOTENCY_KEYS[1])?).map(|(first, second)| [first, second]))
}

/// Part of `audit_setup()`: the time from which the first day is counted.
pub fn make_first_mark(storage: &Storage) -> Result<(), Error> {
    if marks_of(&open(storage, AccessShareLock)?)? == [None; 2] {
        make_mark(storage, 0)?;
    }
    Ok(())
}

fn make_mark(storage: &Storage, place: usize) -> Result<(), Error> {
    let table = IDEMPOTENCY_KEYS[place];
    let _permit = storage.writing(table)?;
    let sql = format!("INSERT INTO {} (key_hash, event_id) VALUES ($1, $1)", storage.qualified(table));
    if spi::count_with(&sql, &[parameter::uuid(mark(clock::now()))]) != 1 {
        return Err(Interference::Suppressed { table }.into());
    }
    relation::tell_changed(storage.oid(table)?);
    Ok(())
}
