//! The places of rows that an index without an order finds, as a set: each once, however many keys find it.

use std::mem::MaybeUninit;

use pgrx::pg_sys;

use super::compat;
use super::index_key::{IndexKey, KeyValue};
use super::index_scan::{Place, has_key};
use super::misuse::Misuse;
use super::relation::{AccessShareLock, Relation};
use super::snapshot::Snapshot;

/// Memory for the set. More places than fit are more than anybody asks for: 10,000 pages take 720 kB.
const BYTES: usize = 1 << 20;

/// The places that any of the keys finds, each key by itself; None when they are more than `most`. Rows are not visited: whoever does asks each
/// whether it is wanted, for an index may give others, too.
pub fn places(
    table: &Relation,
    index: pg_sys::Oid,
    keys: &[IndexKey],
    most: usize,
    snapshot: Snapshot,
) -> Result<Option<Vec<Place>>, Misuse> {
    // SAFETY: the index is open between its opening and its closing; the value that a key compares with outlives its scan. After an error the
    // resource owner and memory contexts clean up.
    unsafe {
        let index = pg_sys::index_open(index, AccessShareLock as _);
        let is_of_table = (*(*index).rd_index).indrelid == table.oid();
        if !is_of_table || !keys.iter().flat_map(|key| key.columns()).all(|column| has_key(index, column)) {
            pg_sys::index_close(index, pg_sys::NoLock as _);
            return Err(Misuse::OtherColumns { table: table.name() });
        }
        let set = pg_sys::tbm_create(BYTES as _, std::ptr::null_mut());
        let mut found = 0;
        for key in keys {
            let mut value = MaybeUninit::<KeyValue>::zeroed();
            let mut written = key.write(value.as_mut_ptr());
            let scan = compat::index_beginscan_bitmap(index, snapshot.raw(), 1);
            pg_sys::index_rescan(scan, &mut written, 1, std::ptr::null_mut(), 0);
            found += usize::try_from(pg_sys::index_getbitmap(scan, set)).unwrap_or(usize::MAX);
            pg_sys::index_endscan(scan);
            KeyValue::forget(value.as_mut_ptr());
            if found > most {
                break;
            }
        }
        let places = if found > most { None } else { compat::members(set) };
        pg_sys::tbm_free(set);
        pg_sys::index_close(index, pg_sys::NoLock as _);
        Ok(places.map(|places| places.into_iter().map(|(block, row)| Place::of(block, row)).collect()))
    }
}
