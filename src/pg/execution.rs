//! Tells in which run of the executor a function is called.
//!
//! A running statement has no number. But it has a memory context of its own: the functions of its expressions are looked up there, and its
//! row triggers are called there. So a run is identified by that context. It gets a number when it is first asked about, and the number
//! ends with the run, because the next statement may get a context at the same address.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_void};

use audit_core::event::stamp::Execution;
use pgrx::pg_sys;

use super::call::Call;

/// The runs that a row trigger is called in.
#[derive(Clone, Copy)]
pub struct Executions {
    of_statement: Option<Execution>,
    /// COPY has its defaults in memory of its own.
    of_copy: Option<Execution>,
}

impl Executions {
    pub fn include(self, execution: Execution) -> bool {
        self.of_statement == Some(execution) || self.of_copy == Some(execution)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RunKind {
    Statement,
    Copy,
}

struct Run {
    memory: pg_sys::MemoryContext,
    kind: RunKind,
    execution: Execution,
}

thread_local! {
    /// The runs that were asked about and have not ended, the innermost last.
    static RUNS: RefCell<Vec<Run>> = const { RefCell::new(Vec::new()) };
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// The run that evaluates the expression which calls the function; None where there is none.
pub fn of_expression(call: &Call) -> Option<Execution> {
    // SAFETY: flinfo is NULL or valid during the call, and so is the memory that it was made in.
    let memory = unsafe { (*call.raw()).flinfo.as_ref()?.fn_mcxt };
    let (memory, kind) = home(memory)?;
    Some(known(memory).unwrap_or_else(|| enter(memory, kind)))
}

/// The runs that a row trigger is called in, if their expressions called of_expression().
pub fn of_row_trigger() -> Executions {
    // SAFETY: reads a variable of the backend.
    let memory = unsafe { pg_sys::CurrentMemoryContext };
    let of_copy =
        RUNS.with_borrow(|runs| runs.iter().rev().find(|run| run.kind == RunKind::Copy).map(|run| run.execution));
    Executions { of_statement: home(memory).and_then(|(memory, _)| known(memory)), of_copy }
}

fn known(memory: pg_sys::MemoryContext) -> Option<Execution> {
    RUNS.with_borrow(|runs| runs.iter().rev().find(|run| run.memory == memory).map(|run| run.execution))
}

/// The memory of the run that this memory is a part of (`CreateExecutorState`, `BeginCopyFrom`).
fn home(mut memory: pg_sys::MemoryContext) -> Option<(pg_sys::MemoryContext, RunKind)> {
    loop {
        // SAFETY: a memory context and those above it are valid while the code that uses it runs; their names are C strings.
        let (name, parent) = unsafe {
            let context = memory.as_ref()?;
            (CStr::from_ptr(context.name), context.parent)
        };
        if name == c"ExecutorState" {
            return Some((memory, RunKind::Statement));
        }
        if name == c"COPY" {
            return Some((memory, RunKind::Copy));
        }
        memory = parent;
    }
}

fn enter(memory: pg_sys::MemoryContext, kind: RunKind) -> Execution {
    let execution = Execution(LAST.get() + 1);
    // SAFETY: the callback lies in the very memory that calls it when it is given back.
    unsafe {
        let callback = pg_sys::MemoryContextAllocZero(memory, size_of::<pg_sys::MemoryContextCallback>())
            .cast::<pg_sys::MemoryContextCallback>();
        (*callback).func = Some(end);
        (*callback).arg = execution.0 as usize as *mut c_void;
        pg_sys::MemoryContextRegisterResetCallback(memory, callback);
    }
    LAST.set(execution.0);
    RUNS.with_borrow_mut(|runs| runs.push(Run { memory, kind, execution }));
    execution
}

/// The run is over, at its end or after an error. At the end of the process there may be no list any more.
unsafe extern "C-unwind" fn end(execution: *mut c_void) {
    let execution = Execution(execution as usize as u64);
    let _ = RUNS.try_with(|runs| runs.borrow_mut().retain(|run| run.execution != execution));
}
