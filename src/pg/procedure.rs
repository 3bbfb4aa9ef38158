//! Procedures that commit as they go.

use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use pgrx::pg_sys;

use super::call::Call;
use super::node::cast;
use super::raised::{Raised, catch};
use super::spi::demand_success;

/// The procedure commits, and was called where nothing may be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InBlock {
    pub procedure: &'static str,
    /// What to do instead.
    pub hint: &'static str,
}

impl IntoReport for InBlock {
    fn report(&self) -> Report {
        let message = format!("{}() commits and cannot run inside a transaction block", self.procedure);
        Report::new(SqlState::InvalidTransactionTermination, message).hint(self.hint)
    }
}

/// A procedure that commits as it goes; an SPI connection around those of the statements it runs.
pub struct Procedure(());

impl Procedure {
    /// `refused` when the CALL is inside a transaction block or a function, where nothing may be committed.
    pub fn begin(call: &Call, refused: InBlock) -> Result<Procedure, InBlock> {
        // SAFETY: context is NULL or a node; for a CALL it is a CallContext.
        unsafe {
            if cast::<pg_sys::CallContext>((*call.raw()).context).is_none_or(|context| context.atomic) {
                return Err(refused);
            }
            demand_success(pg_sys::SPI_connect_ext(pg_sys::SPI_OPT_NONATOMIC as i32), "SPI_connect_ext");
        }
        Ok(Procedure(()))
    }

    /// Commits and begins the next transaction. Values of the former one, settings and roles that last to its end included,
    /// must be gone.
    pub fn commit(&self) {
        self.commit_and_pause(|| ());
    }

    /// As [`Procedure::commit`]. Before the next transaction begins to see anything, `pause` runs, so that it keeps nobody's VACUUM from its work; it must not
    /// look at tables.
    pub fn commit_and_pause(&self, pause: impl FnOnce()) {
        // SAFETY: the connection is the innermost one and not atomic. Whoever looks at a table without a snapshot gets an error.
        unsafe {
            pg_sys::SPI_commit();
            pause();
            pg_sys::EnsurePortalSnapshotExists();
        }
    }

    /// Undoes the transaction and begins the next one.
    pub fn rollback(&self) {
        // SAFETY: the connection is the innermost one and not atomic.
        unsafe {
            pg_sys::SPI_rollback();
            pg_sys::EnsurePortalSnapshotExists();
        }
    }

    /// As [`Procedure::commit`]. An error of the commit, or of reading the rest of a cursor for it, undoes the transaction; the next one has begun then, too.
    pub fn try_commit(&self) -> Result<(), Raised> {
        // SAFETY: the connection is the innermost one and not atomic. SPI begins a transaction before it raises an error again.
        let outcome = catch(|| unsafe { pg_sys::SPI_commit() });
        // SAFETY: the procedure is called by a portal, which needs a snapshot in each transaction.
        unsafe { pg_sys::EnsurePortalSnapshotExists() };
        outcome
    }
}

impl Drop for Procedure {
    fn drop(&mut self) {
        // SAFETY: closes what begin() opened, also while an error unwinds.
        unsafe { pg_sys::SPI_finish() };
    }
}
