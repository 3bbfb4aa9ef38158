//! Work that may fail and be rolled back without failing the transaction.

use pgrx::pg_sys::panic::CaughtError;
use pgrx::{PgSqlErrorCode, PgTryBuilder, pg_sys};

/// The innermost savepoint, or 1 outside of any; ids grow within a transaction.
pub fn current() -> pg_sys::SubTransactionId {
    // SAFETY: reads a variable of the backend.
    unsafe { pg_sys::GetCurrentSubTransactionId() }
}

/// Runs `work` in a subtransaction of its own and keeps what it wrote if it says so, else undoes it. An error undoes it too, and
/// goes on: Postgres does not do it for us, and would leave the session in an aborted subtransaction that nobody can name.
pub fn attempt(work: impl FnOnce() -> bool) -> bool {
    // SAFETY: the steps of PL/pgSQL's exception block: remember owner and context, begin, release or roll back,
    // put owner and context back.
    unsafe {
        let (owner, context) = (pg_sys::CurrentResourceOwner, pg_sys::CurrentMemoryContext);
        let level = pg_sys::GetCurrentTransactionNestLevel();
        PgTryBuilder::new(std::panic::AssertUnwindSafe(|| {
            pg_sys::BeginInternalSubTransaction(std::ptr::null());
            pg_sys::MemoryContextSwitchTo(context);
            let keep = work();
            match keep {
                true => pg_sys::ReleaseCurrentSubTransaction(),
                false => pg_sys::RollbackAndReleaseCurrentSubTransaction(),
            }
            pg_sys::MemoryContextSwitchTo(context);
            pg_sys::CurrentResourceOwner = owner;
            keep
        }))
        .catch_others(|error| {
            pg_sys::MemoryContextSwitchTo(context);
            while pg_sys::GetCurrentTransactionNestLevel() > level {
                pg_sys::RollbackAndReleaseCurrentSubTransaction();
            }
            pg_sys::MemoryContextSwitchTo(context);
            pg_sys::CurrentResourceOwner = owner;
            error.rethrow()
        })
        .execute()
    }
}

/// As [`attempt`]; what `work` wrote is undone where it gives an error.
pub fn try_to<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let mut outcome = None;
    attempt(|| {
        let made = work();
        let keep = made.is_ok();
        outcome = Some(made);
        keep
    });
    outcome.unwrap_or_else(|| unreachable!("an attempt runs its work"))
}

/// Why a lock was not had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedOut {
    /// Not in the time that `lock_timeout` gives.
    Late,
    /// Whoever has it waits for us.
    Deadlock,
}

/// As [`attempt`], keeping what `work` wrote unless a lock could not be had. Any other error goes on to the caller.
pub fn run_unless_locked_out(work: impl FnOnce()) -> Result<(), LockedOut> {
    // SAFETY: owner and context are put back, for attempt() leaves them to whoever catches the error; after these errors nothing but the subtransaction must be
    // undone, which attempt() has done.
    unsafe {
        let (owner, context) = (pg_sys::CurrentResourceOwner, pg_sys::CurrentMemoryContext);
        let locked_out = |why| {
            move |_: CaughtError| {
                pg_sys::MemoryContextSwitchTo(context);
                Err(why)
            }
        };
        let done = PgTryBuilder::new(std::panic::AssertUnwindSafe(|| {
            attempt(|| {
                work();
                true
            });
            Ok(())
        }))
        .catch_when(PgSqlErrorCode::ERRCODE_LOCK_NOT_AVAILABLE, locked_out(LockedOut::Late))
        .catch_when(PgSqlErrorCode::ERRCODE_T_R_DEADLOCK_DETECTED, locked_out(LockedOut::Deadlock))
        .execute();
        pg_sys::MemoryContextSwitchTo(context);
        pg_sys::CurrentResourceOwner = owner;
        done
    }
}

/// Why work that was rolled back failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A lock could not be had in the time that `lock_timeout` gives.
    LockTimeout,
    /// The message of any other error.
    Error(String),
}

/// Runs `work` in a subtransaction of its own, which is undone where it fails; gives what it makes, or why it failed. That a query is cancelled, or
/// the session ended, goes on to the caller.
pub fn outcome<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    const NOT_OURS: [PgSqlErrorCode; 3] = [
        PgSqlErrorCode::ERRCODE_QUERY_CANCELED,
        PgSqlErrorCode::ERRCODE_ADMIN_SHUTDOWN,
        PgSqlErrorCode::ERRCODE_CRASH_SHUTDOWN,
    ];
    // SAFETY: attempt() has put owner and context back, or undone the subtransaction, before the error is looked at here.
    unsafe {
        let (owner, context) = (pg_sys::CurrentResourceOwner, pg_sys::CurrentMemoryContext);
        let mut made = None;
        let failure = PgTryBuilder::new(std::panic::AssertUnwindSafe(|| {
            attempt(|| {
                made = Some(work());
                true
            });
            None
        }))
        .catch_others(|error| {
            let (code, message) = match &error {
                CaughtError::PostgresError(report)
                | CaughtError::ErrorReport(report)
                | CaughtError::RustPanic { ereport: report, .. } => {
                    (report.sql_error_code(), report.message().to_owned())
                }
            };
            if NOT_OURS.contains(&code) {
                error.rethrow()
            }
            pg_sys::MemoryContextSwitchTo(context);
            Some(match code {
                PgSqlErrorCode::ERRCODE_LOCK_NOT_AVAILABLE => Failure::LockTimeout,
                _ => Failure::Error(message),
            })
        })
        .execute();
        pg_sys::MemoryContextSwitchTo(context);
        pg_sys::CurrentResourceOwner = owner;
        match failure {
            None => made.ok_or_else(|| Failure::Error("it came to no end".to_owned())),
            Some(failure) => Err(failure),
        }
    }
}

/// Sleeps, and ends at once with Postgres' own error when the query is cancelled.
pub fn sleep_interruptibly(milliseconds: u64) {
    // SAFETY: WaitLatch on the backend's own latch; a pending interrupt raises from check_for_interrupts.
    unsafe {
        pg_sys::WaitLatch(
            pg_sys::MyLatch,
            (pg_sys::WL_LATCH_SET | pg_sys::WL_TIMEOUT | pg_sys::WL_EXIT_ON_PM_DEATH) as _,
            milliseconds as _,
            pg_sys::PG_WAIT_EXTENSION,
        );
        pg_sys::ResetLatch(pg_sys::MyLatch);
    }
    pgrx::check_for_interrupts!();
}
