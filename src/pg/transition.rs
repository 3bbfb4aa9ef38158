//! The rows that a statement changed, as AFTER STATEMENT triggers get them: in a tuplestore, which goes to disk beyond work_mem, so memory
//! does not grow with their number.

use pgrx::pg_sys;

use super::row::Row;
use super::trigger::Trigger;
use super::unguarded;

/// One transition table of a trigger, from its first row to its last.
///
/// It is read through the store's first pointer, which queries over transition tables leave alone (they make pointers of
/// their own): where that stands tells a trigger that is called for each row that it has read all before.
pub struct Transition {
    store: *mut pg_sys::Tuplestorestate,
    slot: *mut pg_sys::TupleTableSlot,
}

const FIRST_POINTER: i32 = 0;

impl Transition {
    /// The rows before the statement; None if the trigger does not ask for them, or read them for a row before.
    pub fn before(trigger: &Trigger) -> Option<Transition> {
        Transition::open(trigger, trigger.raw().tg_oldtable)
    }

    /// The rows after the statement; None if the trigger does not ask for them, or read them for a row before.
    pub fn after(trigger: &Trigger) -> Option<Transition> {
        Transition::open(trigger, trigger.raw().tg_newtable)
    }

    fn open(trigger: &Trigger, store: *mut pg_sys::Tuplestorestate) -> Option<Transition> {
        if store.is_null() {
            return None;
        }
        // SAFETY: the store belongs to the running statement; the slot has the description of its rows.
        unsafe {
            pg_sys::tuplestore_select_read_pointer(store, FIRST_POINTER);
            if !trigger.is_for_row() {
                pg_sys::tuplestore_rescan(store);
            } else if unguarded::tuplestore_ateof(store) {
                return None;
            }
            let slot = pg_sys::MakeSingleTupleTableSlot(trigger.description(), &raw const pg_sys::TTSOpsMinimalTuple);
            Some(Transition { store, slot })
        }
    }

    pub fn count(&self) -> i64 {
        // SAFETY: the store is there as long as the trigger runs.
        unsafe { unguarded::tuplestore_tuple_count(self.store) }
    }

    /// The next row, good until the call after this one.
    pub fn next(&mut self) -> Option<Row<'_>> {
        pgrx::check_for_interrupts!();
        // SAFETY: store and slot belong together; the row's values lie in the slot.
        unsafe {
            pg_sys::tuplestore_select_read_pointer(self.store, FIRST_POINTER);
            if !pg_sys::tuplestore_gettupleslot(self.store, true, false, self.slot) {
                return None;
            }
            let columns = (*(*self.slot).tts_tupleDescriptor).natts;
            // It may have none.
            if columns > 0 {
                pg_sys::slot_getsomeattrs_int(self.slot, columns);
            }
            let count = columns as usize;
            Some(Row::of(
                std::slice::from_raw_parts((*self.slot).tts_values, count),
                std::slice::from_raw_parts((*self.slot).tts_isnull, count),
                (*self.slot).tts_tupleDescriptor,
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
