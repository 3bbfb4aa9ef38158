//! DDL that the extension runs itself on the tables of the trail, and how the DDL guard recognises it.
//!
//! An [`InternalDdl`] is a value in the backend's memory, never a setting. While it lives, the guard lets pass the statements that the
//! function holding it hands to SPI itself, and no others. Each level of SPI and of every procedural language pushes an entry on PostgreSQL's stack
//! of error contexts. For a statement of ours, the entry below the topmost one is the entry that was on top when the value was made. Code of others
//! that runs meanwhile (an index expression, a trigger, an event trigger) is deeper in the stack, so its DDL is checked like anybody's.
//!
//! The trail of each node of a Citus cluster is its own: such statements do not reach other nodes.

use std::cell::Cell;

use pgrx::pg_sys;

use crate::pg::citus;
use crate::pg::guc::{self, LocalSettings};
use crate::pg::scope::Scoped;

thread_local! {
    /// The top of the error context stack when the value was made: an address to compare with, never followed.
    static MADE_AT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The DDL guard lets pass what the function that holds this value runs.
pub struct InternalDdl {
    _top: Scoped<Option<usize>>,
    // What was set last is set back first.
    _here: Option<LocalSettings>,
    _plain: Option<LocalSettings>,
}

impl InternalDdl {
    pub fn begin() -> InternalDdl {
        // SAFETY: reads a variable of the backend.
        let top = unsafe { pg_sys::error_context_stack };
        let _plain = guc::plain_storage();
        let _here = citus::here_alone();
        InternalDdl { _top: Scoped::set(&MADE_AT, Some(top as usize)), _here, _plain }
    }
}

/// Asked by the guard's event triggers: is the statement they fire for one of ours?
pub fn is_running() -> bool {
    // SAFETY: entries of the stack live as long as the calls that put them there, and we are called by these.
    MADE_AT.get().is_some_and(|made_at| unsafe {
        let top = pg_sys::error_context_stack;
        !top.is_null() && (*top).previous as usize == made_at
    })
}
