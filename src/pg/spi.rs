//! Statements: run once, or kept prepared by the backend.
//!
//! All of them run with a pinned `search_path` and the settings that they are written for, whoever the current user is, so they never meet an operator, function
//! or type that a caller has made. Settings that code of others (a trigger, an index expression) changes meanwhile are set back when the statement ends. The type
//! [`Connection`] does that, so it cannot be forgotten.

use audit_core::time::Timestamp;

use std::ffi::c_char;

pub use audit_core::template::fill;
use pgrx::pg_sys::{self, Oid};

use super::datum::{self, Datum, held};
use super::guc::LocalSettings;
pub use super::parameter::Parameter;
use super::quote::c_string;
use super::snapshot::Latest;
use super::{compat, unguarded};

/// An SPI connection with pinned settings; values of a result live until it is dropped.
pub(super) struct Connection {
    /// Dropped after the connection is closed.
    _settings: LocalSettings,
}

impl Connection {
    pub(super) fn open() -> Connection {
        let _settings = LocalSettings::for_our_statements();
        // SAFETY: may be called wherever a function called from SQL runs; it is closed by Drop.
        demand_success(unsafe { pg_sys::SPI_connect() }, "SPI_connect");
        Connection { _settings }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: closes what open() opened, also while an error unwinds: the error may be caught above us.
        unsafe { pg_sys::SPI_finish() };
    }
}

/// A prepared statement with a generic plan, kept for the life of the backend. Postgres plans it again when a
/// relation in it changes. Names in it must be qualified.
pub struct PreparedStatement {
    plan: pg_sys::SPIPlanPtr,
    /// Of its parameters.
    types: Vec<Oid>,
}

impl PreparedStatement {
    pub fn prepare(sql: &str, types: &[Oid]) -> PreparedStatement {
        let _connection = Connection::open();
        let text = c_string(sql);
        let mut types = types.to_vec();
        // SAFETY: the arrays are copied; SPI_keepplan moves the plan out of the connection's memory.
        unsafe {
            let plan = pg_sys::SPI_prepare_cursor(
                text.as_ptr(),
                types.len() as i32,
                types.as_mut_ptr(),
                pg_sys::CURSOR_OPT_GENERIC_PLAN as i32,
            );
            assert!(!plan.is_null() && pg_sys::SPI_keepplan(plan) == 0, "not a statement SPI can keep: {sql}");
            PreparedStatement { plan, types }
        }
    }

    /// Runs the statement, seeing all that the transaction did so far, and hands its result to `read`.
    pub fn run<R>(&self, arguments: &[Option<Datum<'_>>], read: impl FnOnce(&Outcome) -> R) -> R {
        self.execute(arguments, only_reading(), read)
    }

    fn execute<R>(&self, arguments: &[Option<Datum<'_>>], read_only: bool, read: impl FnOnce(&Outcome) -> R) -> R {
        let _connection = Connection::open();
        assert!(arguments.len() == self.types.len(), "a statement has as many arguments as parameters");
        let (mut values, nulls) = arguments_of(self.types.iter().copied().zip(arguments.iter().copied()));
        // SAFETY: as many values as the plan has parameters, of their types.
        unsafe {
            let outcome = pg_sys::SPI_execute_plan(self.plan, values.as_mut_ptr(), nulls.as_ptr(), read_only, 0);
            demand_success(outcome, "a prepared statement");
            read(&Outcome { processed: pg_sys::SPI_processed, table: pg_sys::SPI_tuptable })
        }
    }

    /// Runs a query and gives what `read` makes of each row, under the snapshot of the running statement; nothing but SELECT. So a function asks several
    /// questions about one state of the trail, also on a standby.
    pub fn read<T>(&self, arguments: &[Option<Datum<'_>>], read: impl FnMut(ResultRow) -> T) -> Vec<T> {
        self.execute(arguments, true, |outcome| outcome.rows().map(read).collect())
    }

    /// As [`PreparedStatement::read`], of the first row alone.
    pub fn read_first<T>(
        &self,
        arguments: &[Option<Datum<'_>>],
        read: impl FnOnce(ResultRow) -> Option<T>,
    ) -> Option<T> {
        self.execute(arguments, true, |outcome| outcome.rows().next().and_then(read))
    }

    /// As [`PreparedStatement::rows`], of the first row alone.
    pub fn first_row<T>(
        &self,
        arguments: &[Option<Datum<'_>>],
        read: impl FnOnce(ResultRow) -> Option<T>,
    ) -> Option<T> {
        self.run(arguments, |outcome| outcome.rows().next().and_then(read))
    }

    /// Runs the statement and gives what `read` makes of each row.
    pub fn rows<T>(&self, arguments: &[Option<Datum<'_>>], read: impl FnMut(ResultRow) -> T) -> Vec<T> {
        self.run(arguments, |outcome| outcome.rows().map(read).collect())
    }
}

/// Values and NULL flags as SPI takes them, each of the type that its parameter has.
pub(super) fn arguments_of<'a>(arguments: impl Iterator<Item = Parameter<'a>>) -> (Vec<pg_sys::Datum>, Vec<c_char>) {
    let checked = arguments.map(|(kind, value)| {
        let fits = value.is_none_or(|value| value.kind() == kind);
        assert!(fits, "an argument of another type than the parameter, {}", kind.to_u32());
        let (value, is_null) = held(value);
        (value, if is_null { b'n' } else { b' ' } as c_char)
    });
    checked.unzip()
}

impl Drop for PreparedStatement {
    fn drop(&mut self) {
        // SAFETY: kept by prepare(). Statements live in memory that is not dropped at process exit.
        unsafe { pg_sys::SPI_freeplan(self.plan) };
    }
}

/// What a statement did and gave back.
pub struct Outcome {
    pub processed: u64,
    table: *mut pg_sys::SPITupleTable,
}

impl Outcome {
    /// A column (numbered from 1) of the first row; good until `read` returns.
    pub fn column(&self, number: i32) -> Option<Datum<'_>> {
        if self.table.is_null() || self.processed == 0 {
            return None;
        }
        self.value(0, number)
    }

    /// What the statement that ended last gave.
    ///
    /// # Safety
    /// An SPI statement has ended in the connection that is open.
    pub(super) unsafe fn of_last_statement() -> Outcome {
        // SAFETY: variables of SPI, which the statement has set.
        unsafe { Outcome { processed: pg_sys::SPI_processed, table: pg_sys::SPI_tuptable } }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = ResultRow<'_>> {
        (0..self.processed as usize).map(|index| ResultRow { outcome: self, index })
    }

    fn value(&self, row: usize, number: i32) -> Option<Datum<'_>> {
        let mut null = false;
        // SAFETY: the table has this row, and its description says of which types the columns are.
        unsafe {
            let description = (*self.table).tupdesc;
            assert!((1..=(*description).natts).contains(&number), "no such column");
            let value = pg_sys::SPI_getbinval(*(*self.table).vals.add(row), description, number, &mut null);
            let kind = (*compat::attribute(description, number as usize - 1)).atttypid;
            (!null).then(|| Datum::of(value, kind))
        }
    }
}

/// A query that runs in parallel cannot begin a command: what is asked meanwhile is asked under its snapshot, and can only read.
fn only_reading() -> bool {
    // SAFETY: reads a variable of the backend.
    unsafe { unguarded::IsInParallelMode() }
}

/// SPI raises an error of the statement; it answers with a negative number where it is used wrongly, by us.
pub(super) fn demand_success(outcome: i32, what: &str) {
    assert!(outcome >= 0, "SPI cannot run this (code {outcome}): {what}");
}

/// Runs statements that give nothing back.
pub fn run(sql: &str) {
    execute(sql, |_| ());
}

/// Runs one data-changing statement and gives the number of rows it changed.
pub fn count(sql: &str) -> u64 {
    execute(sql, |outcome| outcome.processed)
}

/// Runs a query and gives what `read` makes of each row.
pub fn rows<T>(sql: &str, read: impl FnMut(ResultRow) -> T) -> Vec<T> {
    rows_with(sql, &[], read)
}

/// What `read` makes of the first row that it makes something of.
pub fn find_row<T>(sql: &str, read: impl FnMut(ResultRow) -> Option<T>) -> Option<T> {
    find_row_with(sql, &[], read)
}

/// As [`rows`], with values for `$1`, `$2` …
pub fn rows_with<T>(sql: &str, parameters: &[Parameter], read: impl FnMut(ResultRow) -> T) -> Vec<T> {
    execute_with(sql, parameters, |outcome| outcome.rows().map(read).collect())
}

/// As [`find_row`], with values for `$1`, `$2` …
pub fn find_row_with<T>(sql: &str, parameters: &[Parameter], read: impl FnMut(ResultRow) -> Option<T>) -> Option<T> {
    execute_with(sql, parameters, |outcome| outcome.rows().find_map(read))
}

/// As [`find_row_with`], of what is committed and of what this transaction did, whatever the age of its snapshot. Nothing but SELECT.
pub fn find_row_as_committed<T>(
    sql: &str,
    parameters: &[Parameter],
    read: impl FnMut(ResultRow) -> Option<T>,
) -> Option<T> {
    let _latest = Latest::activate();
    run_with(sql, parameters, true, |outcome| outcome.rows().find_map(read))
}

/// As [`rows_with`], under the snapshot of the running statement. Nothing but SELECT.
pub fn read_with<T>(sql: &str, parameters: &[Parameter], read: impl FnMut(ResultRow) -> T) -> Vec<T> {
    run_with(sql, parameters, true, |outcome| outcome.rows().map(read).collect())
}

/// As [`read_with`], of the first row alone.
pub fn read_first_with<T>(sql: &str, parameters: &[Parameter], read: impl FnOnce(ResultRow) -> Option<T>) -> Option<T> {
    run_with(sql, parameters, true, |outcome| outcome.rows().next().and_then(read))
}

/// As [`count`], with values for `$1`, `$2` …
pub fn count_with(sql: &str, parameters: &[Parameter]) -> u64 {
    execute_with(sql, parameters, |outcome| outcome.processed)
}

fn execute<R>(sql: &str, read: impl FnOnce(&Outcome) -> R) -> R {
    execute_with(sql, &[], read)
}

fn execute_with<R>(sql: &str, parameters: &[Parameter], read: impl FnOnce(&Outcome) -> R) -> R {
    run_with(sql, parameters, false, read)
}

/// Under the active snapshot if it is `read_only`, else under one of its own.
fn run_with<R>(sql: &str, parameters: &[Parameter], read_only: bool, read: impl FnOnce(&Outcome) -> R) -> R {
    let _connection = Connection::open();
    let text = c_string(sql);
    let mut types: Vec<Oid> = parameters.iter().map(|(oid, _)| *oid).collect();
    let (mut values, nulls) = arguments_of(parameters.iter().copied());
    // SAFETY: as many types, values and NULL flags as parameters. An error is raised; any other failure is found by its code.
    // The statement sees all that the transaction did so far.
    unsafe {
        let outcome = pg_sys::SPI_execute_with_args(
            text.as_ptr(),
            parameters.len() as i32,
            types.as_mut_ptr(),
            values.as_mut_ptr(),
            nulls.as_ptr(),
            read_only || only_reading(),
            0,
        );
        demand_success(outcome, sql);
        read(&Outcome { processed: pg_sys::SPI_processed, table: pg_sys::SPI_tuptable })
    }
}

/// One row of a result.
pub struct ResultRow<'a> {
    outcome: &'a Outcome,
    index: usize,
}

impl<'a> ResultRow<'a> {
    /// A value (numbered from 1), whatever its type.
    pub fn column(&self, number: i32) -> Option<Datum<'a>> {
        self.outcome.value(self.index, number)
    }

    pub fn int4(&self, number: i32) -> Option<i32> {
        self.column(number).map(datum::read_int4)
    }

    pub fn int8(&self, number: i32) -> Option<i64> {
        self.column(number).map(datum::read_int8)
    }

    /// A timestamptz.
    pub fn time(&self, number: i32) -> Option<Timestamp> {
        self.column(number).map(datum::read_time)
    }

    pub fn uuid(&self, number: i32) -> Option<uuid::Uuid> {
        self.column(number).map(datum::read_uuid)
    }

    pub fn bool(&self, number: i32) -> Option<bool> {
        self.column(number).map(datum::read_bool)
    }

    pub fn oid(&self, number: i32) -> Option<Oid> {
        self.column(number).map(datum::read_oid)
    }

    pub fn text(&self, number: i32) -> Option<String> {
        self.column(number).map(datum::read_text)
    }

    /// A bytea, copied.
    pub fn bytes(&self, number: i32) -> Option<Vec<u8>> {
        self.column(number).map(|value| datum::read_bytes(value).to_vec())
    }
}
