//! Sorting more than fits in memory: PostgreSQL's own sort, of byte strings, in `work_mem` and then in temporary files.

use pgrx::pg_sys;

use super::compat;
use super::datum::{Datum, read_bytes};

/// Byte strings on their way to being sorted.
pub struct Sorter {
    state: *mut pg_sys::Tuplesortstate,
    /// A varlena: four bytes of length, then the byte string.
    record: Vec<u8>,
}

impl Sorter {
    /// Ends with the memory context that is current now, at the latest.
    pub fn new() -> Sorter {
        // SAFETY: bytea and its operator are built in; no other process takes part.
        let state = unsafe {
            pg_sys::tuplesort_begin_datum(
                pg_sys::BYTEAOID,
                pg_sys::Oid::from(pg_sys::ByteaLessOperator),
                pg_sys::InvalidOid,
                false,
                pg_sys::work_mem,
                std::ptr::null_mut(),
                pg_sys::TUPLESORT_RANDOMACCESS as i32,
            )
        };
        Sorter { state, record: Vec::new() }
    }

    pub fn push(&mut self, record: &[u8]) {
        self.record.clear();
        self.record.extend_from_slice(&[0; pg_sys::VARHDRSZ]);
        self.record.extend_from_slice(record);
        // SAFETY: as long as it says. It is copied.
        unsafe {
            pgrx::varlena::set_varsize_4b(self.record.as_mut_ptr().cast(), self.record.len() as i32);
            pg_sys::tuplesort_putdatum(self.state, pg_sys::Datum::from(self.record.as_ptr()), false);
        }
    }

    pub fn sorted(self) -> Sorted {
        // SAFETY: made by new().
        unsafe { pg_sys::tuplesort_performsort(self.state) };
        Sorted { sorter: self }
    }
}

impl Drop for Sorter {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: made by new(). After an error memory and files go with the transaction.
            unsafe { pg_sys::tuplesort_end(self.state) }
        }
    }
}

/// Byte strings in their order.
pub struct Sorted {
    sorter: Sorter,
}

impl Sorted {
    /// What `read` makes of the next one.
    pub fn next<R>(&mut self, read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let (mut value, mut is_null) = (pg_sys::Datum::from(0usize), false);
        // SAFETY: sorted. The value is ours, by reference, until it is freed.
        unsafe {
            if !compat::tuplesort_getdatum(self.sorter.state, &mut value, &mut is_null) {
                return None;
            }
            let read = read(read_bytes(Datum::of(value, pg_sys::BYTEAOID)));
            pg_sys::pfree(value.cast_mut_ptr());
            Some(read)
        }
    }

    /// Remembers the place before the next one.
    pub fn mark(&mut self) {
        // SAFETY: sorted for random access.
        unsafe { pg_sys::tuplesort_markpos(self.sorter.state) }
    }

    /// Goes back to the place that was remembered.
    pub fn go_back(&mut self) {
        // SAFETY: mark() was called, else it is the beginning.
        unsafe { pg_sys::tuplesort_restorepos(self.sorter.state) }
    }
}
