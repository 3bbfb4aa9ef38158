//! Memory contexts that are reset after every row, or when rows have been stored.

use std::ffi::CStr;

use pgrx::pg_sys;

pub struct Scratch {
    context: pg_sys::MemoryContext,
}

impl Scratch {
    /// Ends with the memory context that is current now, at the latest.
    pub fn new() -> Scratch {
        Scratch::named(c"audit_ext row")
    }

    /// The same, under this name in `pg_backend_memory_contexts`.
    pub(super) fn named(name: &'static CStr) -> Scratch {
        // SAFETY: raises or gives a context.
        let context = unsafe {
            pg_sys::AllocSetContextCreateInternal(
                pg_sys::CurrentMemoryContext,
                name.as_ptr(),
                pg_sys::ALLOCSET_DEFAULT_MINSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_INITSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as usize,
            )
        };
        Scratch { context }
    }

    pub(super) fn context(&self) -> pg_sys::MemoryContext {
        self.context
    }

    /// Gives the memory back. Nothing in it may be used any more.
    pub(super) fn empty(&self) {
        // SAFETY: made by new().
        unsafe { pg_sys::MemoryContextReset(self.context) }
    }

    /// Runs `work` in this memory, and keeps what it makes there.
    pub fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        // SAFETY: the context is made by new() and lives; after an error whoever catches it chooses the memory context.
        unsafe {
            let former = pg_sys::MemoryContextSwitchTo(self.context);
            let result = work();
            pg_sys::MemoryContextSwitchTo(former);
            result
        }
    }

    /// Runs `work` in this memory and empties it. What `work` gives back must not point into it.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        let result = self.within(work);
        self.empty();
        result
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: made by new(), current nowhere; after an error its parent is emptied.
            unsafe { pg_sys::MemoryContextDelete(self.context) }
        }
    }
}
