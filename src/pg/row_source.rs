//! The answer of a set-returning function, a row at a time: only the row that is asked for is in memory, however many there are.
//!
//! Between two calls the source holds nothing of PostgreSQL's: no open table, scan or connection. So nothing has to be closed where a query
//! ends before its last row.

use std::ffi::c_void;

use pgrx::pg_sys;

use super::call::{Answer, Call};
use super::misuse::Misuse;
use super::node;

/// Where the rows come from.
pub trait RowSource: 'static {
    type Error: From<Misuse>;

    /// The next row, as an answer of the call; None at the end.
    fn next(&mut self, call: &Call) -> Result<Option<Answer>, Self::Error>;
}

/// Answers one call of a function declared SETOF or TABLE; `begin` makes the source at the first call of the query.
pub fn next_row<S: RowSource>(call: &Call, begin: impl FnOnce() -> Result<S, S::Error>) -> Result<Answer, S::Error> {
    // SAFETY: the protocol of fmgr/README, "functions returning sets, value-per-call mode". The source was put there by keep(), of this very
    // type: one function has one source. It is dropped with the memory of the calls.
    unsafe {
        let info = node::place::<pg_sys::ReturnSetInfo>((*call.raw()).resultinfo);
        let takes_rows = |info: &*mut pg_sys::ReturnSetInfo| {
            (**info).allowedModes & pg_sys::SetFunctionReturnMode::SFRM_ValuePerCall as i32 != 0
        };
        let info = info.filter(takes_rows).ok_or(Misuse::SetNotExpected)?;
        if (*(*call.raw()).flinfo).fn_extra.is_null() {
            keep(call, begin()?);
        }
        let calls = pg_sys::per_MultiFuncCall(call.raw());
        match (*(*calls).user_fctx.cast::<S>()).next(call)? {
            Some(row) => {
                (*calls).call_cntr += 1;
                (*info).isDone = pg_sys::ExprDoneCond::ExprMultipleResult;
                Ok(row)
            }
            None => {
                pg_sys::end_MultiFuncCall(call.raw(), calls);
                (*info).isDone = pg_sys::ExprDoneCond::ExprEndResult;
                Ok(Answer::Null)
            }
        }
    }
}

/// Keeps the source for the later calls of the query.
///
/// # Safety
/// This is the first call of a set-returning function.
unsafe fn keep<S: RowSource>(call: &Call, source: S) {
    // SAFETY: the caller promises that this is the first call. The callback lives in the memory with whose end it is called, once.
    unsafe {
        let calls = pg_sys::init_MultiFuncCall(call.raw());
        let memory = (*calls).multi_call_memory_ctx;
        let callback: *mut pg_sys::MemoryContextCallback =
            pg_sys::MemoryContextAllocZero(memory, size_of::<pg_sys::MemoryContextCallback>()).cast();
        let source = Box::into_raw(Box::new(source)).cast::<c_void>();
        (*callback).func = Some(drop_source::<S>);
        (*callback).arg = source;
        pg_sys::MemoryContextRegisterResetCallback(memory, callback);
        (*calls).user_fctx = source;
    }
}

/// # Safety
/// `source` is a boxed source of this type that nobody uses any more.
#[pgrx::pg_guard]
unsafe extern "C-unwind" fn drop_source<S: RowSource>(source: *mut c_void) {
    // SAFETY: the caller promises that it is a box of this type.
    drop(unsafe { Box::from_raw(source.cast::<S>()) });
}
