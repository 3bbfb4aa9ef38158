//! Reading the rows that lie in the last pages of a table, without a plan: of hundreds of partitions, planning would take longer than reading.

use pgrx::pg_sys;

use super::misuse::Misuse;
use super::record::Record;
use super::relation::Relation;
use super::shape::{Named, Places};
use super::snapshot::Snapshot;

/// Calls `read` for each visible row of the last `count` pages of a table that has the columns of `shape`.
pub fn rows<const N: usize>(
    table: &Relation,
    count: u32,
    shape: &'static [Named; N],
    mut read: impl FnMut(&Record<N>),
) -> Result<(), Misuse> {
    let pages = table.pages();
    if pages == 0 {
        return Ok(());
    }
    // SAFETY: open.
    let places = unsafe { Places::find(shape, (*table.raw()).rd_att) };
    let wrong = || Misuse::OtherColumns { table: table.name() };
    let places = places.ok_or_else(wrong)?;
    let scan = Scan::begin(table, pages.saturating_sub(count), pages - 1).ok_or_else(wrong)?;
    while scan.advance() {
        let values = std::array::from_fn(|place| scan.value(places.number(place as i16 + 1)?));
        // SAFETY: the table's columns are of the types of the shape; the values are good until the next move.
        read(&unsafe { Record::of(shape, values) });
    }
    Ok(())
}

/// The methods of a table's kind of storage may raise, and are called within a guard.
struct Scan<'a> {
    methods: &'a pg_sys::TableAmRoutine,
    scan: pg_sys::TableScanDesc,
    slot: *mut pg_sys::TupleTableSlot,
    // Given up last.
    _snapshot: Snapshot,
}

impl<'a> Scan<'a> {
    /// Of the rows from one page to another; None where the storage of the table has no such scans.
    fn begin(table: &'a Relation, first: u32, last: u32) -> Option<Scan<'a>> {
        let snapshot = Snapshot::active();
        let (mut first, mut last) = (place(first, 0), place(last, pg_sys::OffsetNumber::MAX));
        let flags = pg_sys::ScanOptions::SO_TYPE_TIDRANGESCAN | pg_sys::ScanOptions::SO_ALLOW_PAGEMODE;
        // SAFETY: what table_beginscan_tidrange() does. Relation and snapshot last as long as the scan, which copies both ends.
        unsafe {
            let methods = &*(*table.raw()).rd_tableam;
            let (begin, set_range) = methods.scan_begin.zip(methods.scan_set_tidrange)?;
            let scan = pg_sys::ffi::pg_guard_ffi_boundary(|| {
                let scan = begin(table.raw(), snapshot.raw(), 0, std::ptr::null_mut(), std::ptr::null_mut(), flags);
                set_range(scan, &mut first, &mut last);
                scan
            });
            let slot = pg_sys::table_slot_create(table.raw(), std::ptr::null_mut());
            Some(Scan { methods, scan, slot, _snapshot: snapshot })
        }
    }

    /// Moves to the next visible row; false at the end.
    fn advance(&self) -> bool {
        pgrx::check_for_interrupts!();
        let forward = pg_sys::ScanDirection::ForwardScanDirection;
        // SAFETY: scan and slot are of one table.
        self.methods
            .scan_getnextslot_tidrange
            .is_some_and(|next| unsafe { pg_sys::ffi::pg_guard_ffi_boundary(|| next(self.scan, forward, self.slot)) })
    }

    /// A column of the row moved to last, by its number in the table.
    fn value(&self, number: i16) -> Option<pg_sys::Datum> {
        let place = usize::try_from(number - 1).ok()?;
        // SAFETY: the slot holds a row of the table, which has this column; its values up to this one are taken out here.
        unsafe {
            if (*self.slot).tts_nvalid < number {
                pg_sys::slot_getsomeattrs_int(self.slot, number.into());
            }
            (!*(*self.slot).tts_isnull.add(place)).then(|| *(*self.slot).tts_values.add(place))
        }
    }
}

impl Drop for Scan<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: made by begin(); after an error the resource owner and memory contexts clean up.
            unsafe {
                if let Some(end) = self.methods.scan_end {
                    pg_sys::ffi::pg_guard_ffi_boundary(|| end(self.scan));
                }
                pg_sys::ExecDropSingleTupleTableSlot(self.slot);
            }
        }
    }
}

fn place(page: u32, line: pg_sys::OffsetNumber) -> pg_sys::ItemPointerData {
    let page = pg_sys::BlockIdData { bi_hi: (page >> 16) as u16, bi_lo: page as u16 };
    pg_sys::ItemPointerData { ip_blkid: page, ip_posid: line }
}
