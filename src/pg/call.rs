//! Entry of SQL into Rust: one macro makes the C symbol, [`Call`] reads the arguments.
//!
//! The SQL declarations are written by hand in `sql/functions`, where an auditor reads them; `Call`'s readers are
//! asked for the types declared there. Symbols are never removed: the SQL of an older release must still load.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

use audit_core::time::{Span, Timestamp};
use pgrx::pg_sys::{self, Oid};
use uuid::Uuid;

use super::datum::{self, Datum, held};
use super::row::{Tuple, assert_fits};

/// Declares the C function `$name` that SQL binds to and sends it to `$body`, which gives an [`Answer`], or an error that holds a
/// report for the client.
macro_rules! sql_function {
    ($($name:ident => $body:expr;)+) => { $(
        const _: () = {
            #[allow(unsafe_code)]
            #[unsafe(export_name = concat!("pg_finfo_", stringify!($name)))]
            extern "C" fn finfo() -> &'static pgrx::pg_sys::Pg_finfo_record {
                const V1: pgrx::pg_sys::Pg_finfo_record = pgrx::pg_sys::Pg_finfo_record { api_version: 1 };
                &V1
            }
        };
        #[unsafe(no_mangle)]
        #[doc(hidden)]
        #[allow(unsafe_code)]
        /// # Safety
        /// Called by Postgres' function manager only.
        pub unsafe extern "C-unwind" fn $name(fcinfo: pgrx::pg_sys::FunctionCallInfo) -> pgrx::pg_sys::Datum {
            // SAFETY: this is the top Rust frame of the call, as the guard demands.
            unsafe {
                pgrx::pgrx_extern_c_guard(|| {
                    let call = $crate::pg::call::Call::new(fcinfo);
                    match ($body)(&call) {
                        Ok(answer) => call.answer(answer),
                        Err(error) => $crate::pg::raise::raise(error.as_ref()),
                    }
                })
            }
        }
    )+ };
}
pub(crate) use sql_function;

/// What a function gives back.
pub enum Answer {
    Null,
    /// Also for `void` and for set-returning functions, whose rows went to [`super::rows::Rows`].
    Nothing,
    Value(Datum<'static>),
    /// The row that a BEFORE trigger lets pass.
    Row(Tuple<'static>),
}

impl From<Uuid> for Answer {
    fn from(id: Uuid) -> Self {
        Answer::Value(datum::from_uuid(&id))
    }
}

impl Answer {
    /// A timestamptz.
    pub fn time(time: Timestamp) -> Answer {
        Answer::Value(datum::from_time(time))
    }
}

impl From<bool> for Answer {
    fn from(truth: bool) -> Self {
        Answer::Value(datum::from_bool(truth))
    }
}

/// One call of a SQL function.
pub struct Call {
    fcinfo: pg_sys::FunctionCallInfo,
    /// The types of the arguments; asked for with the first one.
    types: OnceCell<&'static [Oid]>,
}

thread_local! {
    /// The types of arguments by function. They never change: a function of other arguments is another function.
    static TYPES: RefCell<HashMap<Oid, &'static [Oid]>> = RefCell::default();
    /// Of the function that was asked for last.
    static LAST: Cell<(Oid, &'static [Oid])> = const { Cell::new((pg_sys::InvalidOid, &[])) };
}

impl Call {
    /// # Safety
    /// `fcinfo` comes from the function manager and outlives the value.
    pub unsafe fn new(fcinfo: pg_sys::FunctionCallInfo) -> Self {
        Call { fcinfo, types: OnceCell::new() }
    }

    pub fn raw(&self) -> pg_sys::FunctionCallInfo {
        self.fcinfo
    }

    /// OID of the function that was called: the key to its schema, whatever the caller's search_path.
    pub fn function(&self) -> pg_sys::Oid {
        // SAFETY: flinfo is always set for functions called through SQL.
        unsafe { (*(*self.fcinfo).flinfo).fn_oid }
    }

    /// The argument as it came, None for NULL.
    pub fn datum(&self, index: usize) -> Option<Datum<'_>> {
        let types = *self.types.get_or_init(|| {
            let (function, types) = LAST.get();
            if function == self.function() { types } else { self.argument_types() }
        });
        // SAFETY: nargs values follow the header of fcinfo, of the types declared.
        unsafe {
            assert!(
                index < (*self.fcinfo).nargs as usize && index < types.len(),
                "the SQL declaration has fewer arguments"
            );
            let argument = (*self.fcinfo).args.as_ptr().add(index);
            (!(*argument).isnull).then(|| Datum::of((*argument).value, types[index]))
        }
    }

    /// The same for an argument that declarations of older releases do not have: None for those.
    pub fn added(&self, index: usize) -> Option<Datum<'_>> {
        // SAFETY: fcinfo is there for the length of the call.
        let count = unsafe { (*self.fcinfo).nargs } as usize;
        (index < count).then(|| self.datum(index)).flatten()
    }

    #[cold]
    fn argument_types(&self) -> &'static [Oid] {
        let function = self.function();
        if let Some(known) = TYPES.with_borrow(|types| types.get(&function).copied()) {
            LAST.set((function, known));
            return known;
        }
        let (mut types, mut count) = (std::ptr::null_mut(), 0);
        // SAFETY: gives a palloc'd array, which is copied; raises for a function that is gone.
        let declared: &'static [Oid] = unsafe {
            pg_sys::get_func_signature(function, &mut types, &mut count);
            Box::leak(std::slice::from_raw_parts(types, count as usize).into())
        };
        TYPES.with_borrow_mut(|types| types.insert(function, declared));
        declared
    }

    pub fn uuid(&self, index: usize) -> Option<Uuid> {
        self.datum(index).map(datum::read_uuid)
    }

    pub fn int4(&self, index: usize) -> Option<i32> {
        self.datum(index).map(datum::read_int4)
    }

    pub fn int8(&self, index: usize) -> Option<i64> {
        self.datum(index).map(datum::read_int8)
    }

    /// A bytea, copied.
    pub fn bytes(&self, index: usize) -> Option<Vec<u8>> {
        self.datum(index).map(|value| datum::read_bytes(value).to_vec())
    }

    pub fn bool(&self, index: usize) -> Option<bool> {
        self.datum(index).map(datum::read_bool)
    }

    /// A date, as the time of its first moment in UTC.
    pub fn date(&self, index: usize) -> Option<Timestamp> {
        self.datum(index).map(|days| Timestamp::from_microseconds(0) + Span::days(datum::read_date(days).into()))
    }

    pub fn oid(&self, index: usize) -> Option<Oid> {
        self.datum(index).map(datum::read_oid)
    }

    pub fn text(&self, index: usize) -> Option<String> {
        self.datum(index).map(datum::read_text)
    }

    pub fn name(&self, index: usize) -> Option<String> {
        self.datum(index).map(datum::read_name)
    }

    /// One row, for a function that returns a record by OUT parameters.
    pub fn record(&self, values: &[Option<Datum>]) -> Answer {
        // SAFETY: the description is that of the declaration, and has as many columns as there are values.
        unsafe {
            let mut description: pg_sys::TupleDesc = std::ptr::null_mut();
            pg_sys::get_call_result_type(self.fcinfo, std::ptr::null_mut(), &mut description);
            assert!(!description.is_null(), "no record is declared");
            assert_fits(description, values);
            let description = pg_sys::BlessTupleDesc(description);
            let (mut values, mut nulls): (Vec<_>, Vec<_>) = values.iter().copied().map(held).unzip();
            let tuple = pg_sys::heap_form_tuple(description, values.as_mut_ptr(), nulls.as_mut_ptr());
            Answer::Value(Datum::of(pg_sys::HeapTupleHeaderGetDatum((*tuple).t_data), pg_sys::RECORDOID))
        }
    }

    pub fn answer(&self, answer: Answer) -> pg_sys::Datum {
        let (null, value) = match answer {
            Answer::Null => (true, pg_sys::Datum::from(0usize)),
            Answer::Nothing => (false, pg_sys::Datum::from(0usize)),
            Answer::Value(value) => (false, value.raw()),
            Answer::Row(row) => (false, pg_sys::Datum::from(row.raw())),
        };
        // SAFETY: fcinfo is ours for the length of the call.
        unsafe { (*self.fcinfo).isnull = null };
        value
    }
}
