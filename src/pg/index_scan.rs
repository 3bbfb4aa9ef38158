//! Reading rows of one table in the order of one of its indexes, without a plan.

use std::mem::MaybeUninit;

use audit_core::time::Timestamp;
use pgrx::pg_sys;
use uuid::Uuid;

use super::datum::Datum;
pub use super::index_key::IndexKey;
use super::index_key::KeyValue;
use super::misuse::Misuse;
use super::record::Record;
use super::relation::{AccessShareLock, Relation};
use super::shape::{Named, Places};
use super::snapshot::Snapshot;
use super::{compat, datum};

/// Functions called without pgrx's guard, which costs more than they do: millions of entries are read in a search. Legal only under a guard
/// that surrounds all, where no frame that an error skips has anything to drop.
mod raw {
    use pgrx::pg_sys;

    unsafe extern "C-unwind" {
        pub fn index_getnext_tid(
            scan: pg_sys::IndexScanDesc,
            direction: pg_sys::ScanDirection::Type,
        ) -> pg_sys::ItemPointer;
        pub fn index_deform_tuple(
            tuple: pg_sys::IndexTuple,
            description: pg_sys::TupleDesc,
            values: *mut pg_sys::Datum,
            nulls: *mut bool,
        );
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

pub struct IndexScan {
    // Snapshot and relation are declared last, so that they are given up last.
    scan: pg_sys::IndexScanDesc,
    /// What the keys compare with, one place for each; allocated where the scan is, to live as long as it.
    values: *mut KeyValue,
    index: pg_sys::Relation,
    slot: *mut pg_sys::TupleTableSlot,
    direction: pg_sys::ScanDirection::Type,
    shape: &'static [Named],
    places: Places,
    snapshot: Snapshot,
    table: Relation,
}

/// The place of a row in its table.
#[derive(Clone, Copy)]
pub struct Place(pg_sys::ItemPointerData);

impl Place {
    pub(super) fn of(block: pg_sys::BlockNumber, row: pg_sys::OffsetNumber) -> Place {
        let block = pg_sys::BlockIdData { bi_hi: (block >> 16) as u16, bi_lo: block as u16 };
        Place(pg_sys::ItemPointerData { ip_blkid: block, ip_posid: row })
    }
}

impl IndexScan {
    /// Starts a scan of `table`, which has the columns of `shape`, through its `index`.
    pub fn begin(
        table: Relation,
        index: pg_sys::Oid,
        shape: &'static [Named],
        keys: &[IndexKey],
        direction: Direction,
        snapshot: Snapshot,
    ) -> Result<IndexScan, Misuse> {
        Self::begin_as(table, index, shape, keys, direction, snapshot, false)
    }

    /// The same for [`IndexScan::advance_where`], which reads the entries of the index.
    pub fn begin_by_entries(
        table: Relation,
        index: pg_sys::Oid,
        shape: &'static [Named],
        keys: &[IndexKey],
        direction: Direction,
        snapshot: Snapshot,
    ) -> Result<IndexScan, Misuse> {
        Self::begin_as(table, index, shape, keys, direction, snapshot, true)
    }

    fn begin_as(
        table: Relation,
        index: pg_sys::Oid,
        shape: &'static [Named],
        keys: &[IndexKey],
        direction: Direction,
        snapshot: Snapshot,
        reads_entries: bool,
    ) -> Result<IndexScan, Misuse> {
        let wrong = |table: &Relation| Misuse::OtherColumns { table: table.name() };
        // SAFETY: opened in the order and closed by Drop in the reverse; descriptions belong to the open relations.
        let mut scan = unsafe {
            let places = Places::find(shape, (*table.raw()).rd_att).ok_or_else(|| wrong(&table))?;
            let index = pg_sys::index_open(index, AccessShareLock as _);
            let is_of_table = (*(*index).rd_index).indrelid == (*table.raw()).rd_id;
            if !is_of_table || !keys.iter().flat_map(|key| key.columns()).all(|column| has_key(index, column)) {
                pg_sys::index_close(index, pg_sys::NoLock as _);
                return Err(wrong(&table));
            }
            let slot = pg_sys::table_slot_create(table.raw(), std::ptr::null_mut());
            let values = pg_sys::palloc0(size_of::<KeyValue>() * keys.len()).cast();
            let scan = compat::index_beginscan(table.raw(), index, snapshot.raw(), keys.len() as i32);
            // The scan hands over the entries of the index if this is said before it starts.
            (*scan).xs_want_itup = reads_entries;
            let direction = match direction {
                Direction::Ascending => pg_sys::ScanDirection::ForwardScanDirection,
                Direction::Descending => pg_sys::ScanDirection::BackwardScanDirection,
            };
            IndexScan { scan, values, index, slot, direction, shape, places, snapshot, table }
        };
        scan.restart(keys);
        Ok(scan)
    }

    /// Starts over with other values for the same keys.
    pub fn restart(&mut self, keys: &[IndexKey]) {
        // SAFETY: as many keys as the scan was begun with; each has its place, which nothing reads before the scan has got the new keys.
        unsafe {
            assert_eq!((*self.scan).numberOfKeys as usize, keys.len(), "a scan keeps its keys");
            let mut written: Vec<pg_sys::ScanKeyData> =
                keys.iter().enumerate().map(|(number, key)| key.write(self.values.add(number))).collect();
            pg_sys::index_rescan(self.scan, written.as_mut_ptr(), keys.len() as i32, std::ptr::null_mut(), 0);
        }
    }

    /// Moves to the next visible row; false at the end.
    pub fn advance(&mut self) -> bool {
        pgrx::check_for_interrupts!();
        // SAFETY: scan and slot belong together.
        unsafe {
            let found = pg_sys::index_getnext_slot(self.scan, self.direction, self.slot);
            if found {
                pg_sys::slot_getsomeattrs_int(self.slot, (*(*self.slot).tts_tupleDescriptor).natts);
            }
            found
        }
    }

    /// Moves to the next visible row whose entry in the index has a uuid that `fits` in this column of the index (numbered from 1). Rows of
    /// other entries are not visited, whether their pages are all visible or not.
    pub fn advance_where(&mut self, column: i16, fits: impl Fn(Uuid) -> bool) -> bool {
        // SAFETY: asked of the entry that next_entry() moved to, under its guard.
        let is_wanted = |scan| unsafe { entry_uuid(scan, column) }.is_some_and(&fits);
        while self.next_entry(is_wanted) {
            if self.fetch() {
                return true;
            }
        }
        false
    }

    /// Visits the visible rows of all entries from here to the end, and gives the number of entries; None, and stops, when there are more than
    /// `most`.
    pub fn visit_entries(&mut self, most: usize, mut visit: impl FnMut(&IndexScan)) -> Option<usize> {
        let mut entries = 0;
        while self.next_entry(|_| true) {
            entries += 1;
            if entries > most {
                return None;
            }
            if self.fetch() {
                visit(self);
            }
        }
        Some(entries)
    }

    /// Visits the visible rows at places that an index gave, in their order.
    pub fn visit_places(&mut self, places: &[Place], mut visit: impl FnMut(&IndexScan)) {
        for place in places {
            if self.fetch_from(*place) {
                visit(self);
            }
        }
    }

    /// Moves to the version that is visible of the row that an index has at a place; false if none is.
    fn fetch_from(&mut self, place: Place) -> bool {
        pgrx::check_for_interrupts!();
        let (mut place, mut is_more) = (place.0, false);
        // SAFETY: table, snapshot, slot and what the scan fetches with belong together. One guard surrounds what the table's kind does; an error
        // skips nothing to drop.
        unsafe {
            let Some(fetch) = (*(*self.table.raw()).rd_tableam).index_fetch_tuple else { return false };
            let (fetcher, snapshot) = ((*self.scan).xs_heapfetch, self.snapshot.raw());
            let found = pg_sys::ffi::pg_guard_ffi_boundary(|| {
                fetch(fetcher, &mut place, snapshot, self.slot, &mut is_more, std::ptr::null_mut())
            });
            if found {
                pg_sys::slot_getsomeattrs_int(self.slot, (*(*self.slot).tts_tupleDescriptor).natts);
            }
            found
        }
    }

    /// Moves to the row of the entry; false if it is not visible.
    fn fetch(&mut self) -> bool {
        // SAFETY: the scan moved to an entry; the slot is of its table.
        unsafe {
            let found = pg_sys::index_fetch_heap(self.scan, self.slot);
            if found {
                pg_sys::slot_getsomeattrs_int(self.slot, (*(*self.slot).tts_tupleDescriptor).natts);
            }
            found
        }
    }

    /// Where the row moved to last is, for [`IndexScan::go_to`].
    pub fn place(&self) -> Place {
        // SAFETY: the slot is of the table, and holds a row.
        unsafe { Place((*self.slot).tts_tid) }
    }

    /// Moves to a row that this scan was at. The snapshot keeps it where it is.
    pub fn go_to(&mut self, place: Place) -> bool {
        pgrx::check_for_interrupts!();
        let mut place = place.0;
        // SAFETY: table, snapshot and slot belong together. One guard surrounds what the table's kind does; an error skips nothing to drop.
        unsafe {
            let (table, snapshot) = (self.table.raw(), self.snapshot.raw());
            let Some(fetch) = (*(*table).rd_tableam).tuple_fetch_row_version else { return false };
            let found = pg_sys::ffi::pg_guard_ffi_boundary(|| fetch(table, &mut place, snapshot, self.slot));
            if found {
                pg_sys::slot_getsomeattrs_int(self.slot, (*(*self.slot).tts_tupleDescriptor).natts);
            }
            found
        }
    }

    /// The number of entries from here to the end, those of rows that are gone included; no row is visited.
    pub fn count_entries(&mut self) -> i64 {
        let mut entries = 0;
        while self.next_entry(|_| true) {
            entries += 1;
        }
        entries
    }

    /// Moves to the next entry of the index that is wanted; false at the end.
    fn next_entry(&mut self, is_wanted: impl Fn(pg_sys::IndexScanDesc) -> bool) -> bool {
        // SAFETY: the scan was begun. One guard surrounds all; what an error skips has nothing to drop.
        unsafe {
            pg_sys::ffi::pg_guard_ffi_boundary(|| {
                loop {
                    pgrx::check_for_interrupts!();
                    if raw::index_getnext_tid(self.scan, self.direction).is_null() {
                        return false;
                    }
                    if is_wanted(self.scan) {
                        return true;
                    }
                }
            })
        }
    }

    /// Whether the row moved to last was written by another transaction that still runs; only [`Snapshot::dirty`] finds such.
    pub fn is_unfinished(&self) -> bool {
        self.unfinished_transaction().is_some()
    }

    /// The transaction of such a row.
    pub fn unfinished_transaction(&self) -> Option<u32> {
        self.snapshot.unfinished()
    }

    /// A column of the shape (numbered from 1) of the row moved to last.
    pub fn value(&self, number: impl Into<i16>) -> Option<Datum<'_>> {
        let number = number.into();
        let kind = self.shape[number as usize - 1].kind;
        // SAFETY: the table's column is of this type; the value is good until the next move, for which the scan must be borrowed anew.
        self.stored(number).map(|value| unsafe { Datum::of(value, kind) })
    }

    fn stored(&self, number: i16) -> Option<pg_sys::Datum> {
        let place = usize::try_from(self.places.number(number)? - 1).unwrap_or(usize::MAX);
        // SAFETY: all columns were taken out by advance().
        unsafe {
            assert!(place < (*self.slot).tts_nvalid as usize, "no such column");
            (!*(*self.slot).tts_isnull.add(place)).then(|| *(*self.slot).tts_values.add(place))
        }
    }

    /// All columns of the shape.
    pub fn record<const N: usize>(&self, shape: &'static [Named; N]) -> Record<'_, N> {
        assert!(std::ptr::eq(self.shape, shape), "the scan was begun with another shape");
        // SAFETY: all columns were taken out by advance(), and are of the types of the shape; they are good until the next move.
        unsafe { Record::of(shape, std::array::from_fn(|place| self.stored(place as i16 + 1))) }
    }

    pub fn is_null(&self, number: impl Into<i16>) -> bool {
        self.stored(number.into()).is_none()
    }

    pub fn uuid(&self, number: impl Into<i16>) -> Option<Uuid> {
        self.value(number).map(datum::read_uuid)
    }

    pub fn time(&self, number: impl Into<i16>) -> Option<Timestamp> {
        self.value(number).map(datum::read_time)
    }

    /// The bytes of a text.
    pub fn bytes(&self, number: impl Into<i16>) -> Option<&[u8]> {
        self.value(number).map(datum::read_bytes)
    }
}

/// A uuid of the entry that the scan moved to last.
///
/// # Safety
/// The scan was begun with entries, and has moved to one; and as for [`raw`].
unsafe fn entry_uuid(scan: pg_sys::IndexScanDesc, column: i16) -> Option<Uuid> {
    const MOST: usize = pg_sys::INDEX_MAX_KEYS as usize;
    let place = column as usize - 1;
    let (mut values, mut nulls) = ([const { MaybeUninit::uninit() }; MOST], [const { MaybeUninit::uninit() }; MOST]);
    // SAFETY: the caller promises that there is an entry; an index has so many columns at most, and all that it has are filled. The value is
    // read before the scan moves on.
    unsafe {
        let description = (*scan).xs_itupdesc;
        assert!(has_column(description, (column, pg_sys::UUIDOID)), "no such column in the index");
        raw::index_deform_tuple((*scan).xs_itup, description, values.as_mut_ptr().cast(), nulls.as_mut_ptr().cast());
        let is_null: bool = nulls[place].assume_init();
        (!is_null).then(|| datum::read_uuid(Datum::of(values[place].assume_init(), pg_sys::UUIDOID)))
    }
}

/// # Safety
/// `description` is valid.
unsafe fn has_column(description: pg_sys::TupleDesc, (number, kind): (i16, pg_sys::Oid)) -> bool {
    // SAFETY: the caller promises that `description` is valid.
    unsafe {
        i32::from(number) <= (*description).natts
            && (*compat::attribute(description, number as usize - 1)).atttypid == kind
    }
}

/// Whether a column of an index, which is open, is a key of this type. A hash index keeps other values than it is asked for.
///
/// # Safety
/// The index is open.
pub(super) unsafe fn has_key(index: pg_sys::Relation, (number, kind): (i16, pg_sys::Oid)) -> bool {
    // SAFETY: the caller promises that the index is open; there is a type for each key.
    unsafe { number <= (*(*index).rd_index).indnkeyatts && *(*index).rd_opcintype.add(number as usize - 1) == kind }
}

impl Drop for IndexScan {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: made by begin(); after an error the resource owner and memory contexts clean up.
            unsafe {
                let keys = (*self.scan).numberOfKeys as usize;
                (0..keys).for_each(|number| KeyValue::forget(self.values.add(number)));
                pg_sys::index_endscan(self.scan);
                pg_sys::pfree(self.values.cast());
                pg_sys::ExecDropSingleTupleTableSlot(self.slot);
                pg_sys::index_close(self.index, pg_sys::NoLock as _);
            }
        }
    }
}
