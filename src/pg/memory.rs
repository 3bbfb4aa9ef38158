//! Memory that is given back after every row.

use pgrx::pg_sys;

pub struct Scratch {
    context: pg_sys::MemoryContext,
}

impl Scratch {
    /// Ends with the memory context that is current now, at the latest.
    pub fn new() -> Scratch {
        // SAFETY: raises or gives a context.
        let context = unsafe {
            pg_sys::AllocSetContextCreateInternal(
                pg_sys::CurrentMemoryContext,
                c"audit_ext row".as_ptr(),
                pg_sys::ALLOCSET_DEFAULT_MINSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_INITSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as usize,
            )
        };
        Scratch { context }
    }

    /// Runs `work` in this memory and empties it. What `work` gives back must not point into it.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        // SAFETY: after an error whoever catches it chooses the memory context.
        unsafe {
            let former = pg_sys::MemoryContextSwitchTo(self.context);
            let result = work();
            pg_sys::MemoryContextSwitchTo(former);
            pg_sys::MemoryContextReset(self.context);
            result
        }
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
