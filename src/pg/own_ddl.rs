//! DDL that the extension runs itself on the tables of the trail, and how the DDL guard knows it.
//!
//! The pass is a value in the backend's memory, never a setting: it holds while the [`OwnDdl`] lives, closed on every
//! way out, and only for statements that the native function which made it hands to SPI itself. SPI and every language put
//! an entry on Postgres' stack of error contexts; of a statement of ours the one below the topmost is what was on top when the
//! pass was made. Code of others that runs meanwhile (an index expression, a trigger, an event trigger) lies deeper, so
//! whatever DDL it tries is judged as anybody's.

use std::cell::Cell;

use pgrx::pg_sys;

use crate::pg::scope::Scoped;

thread_local! {
    /// The top of the error context stack where the pass was made; an address to compare with, never followed.
    static MADE_AT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The DDL guard lets pass what the function that holds this value runs.
pub struct OwnDdl {
    _pass: Scoped<Option<usize>>,
}

impl OwnDdl {
    pub fn begin() -> OwnDdl {
        // SAFETY: reads a variable of the backend.
        let top = unsafe { pg_sys::error_context_stack };
        OwnDdl { _pass: Scoped::set(&MADE_AT, Some(top as usize)) }
    }
}

/// Asked by the guard's event triggers: was the statement they fire for issued under a pass?
pub fn is_running() -> bool {
    // SAFETY: entries of the stack live as long as the calls that put them there, and we are called by these.
    MADE_AT.get().is_some_and(|made_at| unsafe {
        let top = pg_sys::error_context_stack;
        !top.is_null() && (*top).previous as usize == made_at
    })
}
