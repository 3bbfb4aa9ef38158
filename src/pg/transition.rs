//! The rows a statement changed, as AFTER STATEMENT triggers get them: kept by Postgres in a tuplestore, which goes to disk
//! beyond work_mem, so memory stays flat however many rows there are.

use pgrx::pg_sys;

use super::row::Row;
use super::trigger::Trigger;

/// One transition table of a trigger, read from its first row to its last.
pub struct Transition {
    store: *mut pg_sys::Tuplestorestate,
    pointer: i32,
    slot: *mut pg_sys::TupleTableSlot,
}

impl Transition {
    /// The rows before the statement; None if the trigger does not ask for them.
    pub fn old(trigger: &Trigger) -> Option<Transition> {
        Transition::open(trigger, trigger.raw().tg_oldtable)
    }

    /// The rows after the statement; None if the trigger does not ask for them.
    pub fn new(trigger: &Trigger) -> Option<Transition> {
        Transition::open(trigger, trigger.raw().tg_newtable)
    }

    fn open(trigger: &Trigger, store: *mut pg_sys::Tuplestorestate) -> Option<Transition> {
        if store.is_null() {
            return None;
        }
        // SAFETY: the store belongs to the running statement. A read pointer of our own leaves those of other triggers
        // alone; a new one stands where pointer 0 stands, so it is sent to the start.
        unsafe {
            let pointer = pg_sys::tuplestore_alloc_read_pointer(store, pg_sys::EXEC_FLAG_REWIND as _);
            pg_sys::tuplestore_select_read_pointer(store, pointer);
            pg_sys::tuplestore_rescan(store);
            let slot = pg_sys::MakeSingleTupleTableSlot(trigger.description(), &raw const pg_sys::TTSOpsMinimalTuple);
            Some(Transition { store, pointer, slot })
        }
    }

    pub fn count(&self) -> i64 {
        // SAFETY: the store is there as long as the trigger runs.
        unsafe { pg_sys::tuplestore_tuple_count(self.store) }
    }

    /// The next row, good until the call after this one.
    pub fn next(&mut self) -> Option<Row<'_>> {
        pgrx::check_for_interrupts!();
        // SAFETY: store, pointer and slot belong together; the row's values lie in the slot.
        unsafe {
            pg_sys::tuplestore_select_read_pointer(self.store, self.pointer);
            if !pg_sys::tuplestore_gettupleslot(self.store, true, false, self.slot) {
                return None;
            }
            pg_sys::slot_getsomeattrs_int(self.slot, (*(*self.slot).tts_tupleDescriptor).natts);
            let count = (*self.slot).tts_nvalid as usize;
            Some(Row::of(
                std::slice::from_raw_parts((*self.slot).tts_values, count),
                std::slice::from_raw_parts((*self.slot).tts_isnull, count),
            ))
        }
    }
}

impl Drop for Transition {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: made by open(); after an error the resource owner and memory contexts clean up.
            unsafe { pg_sys::ExecDropSingleTupleTableSlot(self.slot) }
        }
    }
}
