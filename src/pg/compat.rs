//! Differences between the supported major versions. No other file asks for the version.

use pgrx::pg_sys;

/// # Safety
/// Both relations are open, and the snapshot lasts as long as the scan.
pub unsafe fn index_beginscan(
    table: pg_sys::Relation,
    index: pg_sys::Relation,
    snapshot: pg_sys::Snapshot,
    keys: i32,
) -> pg_sys::IndexScanDesc {
    #[cfg(not(feature = "pg18"))]
    // SAFETY: the caller promises that both relations are open and the snapshot lasts as long as the scan.
    unsafe {
        pg_sys::index_beginscan(table, index, snapshot, keys, 0)
    }
    #[cfg(feature = "pg18")]
    // SAFETY: the caller promises that both relations are open and the snapshot lasts as long as the scan. No instrumentation is asked for.
    unsafe {
        pg_sys::index_beginscan(table, index, snapshot, std::ptr::null_mut(), keys, 0)
    }
}

/// # Safety
/// The index is open, and the snapshot lasts as long as the scan.
pub unsafe fn index_beginscan_bitmap(
    index: pg_sys::Relation,
    snapshot: pg_sys::Snapshot,
    keys: i32,
) -> pg_sys::IndexScanDesc {
    #[cfg(not(feature = "pg18"))]
    // SAFETY: the caller promises that the index is open and the snapshot lasts as long as the scan.
    unsafe {
        pg_sys::index_beginscan_bitmap(index, snapshot, keys)
    }
    #[cfg(feature = "pg18")]
    // SAFETY: the caller promises that the index is open and the snapshot lasts as long as the scan. No instrumentation is asked for.
    unsafe {
        pg_sys::index_beginscan_bitmap(index, snapshot, std::ptr::null_mut(), keys)
    }
}

/// All members of a set of places, in their order, as blocks and numbers in them; None where it knows of some only the block.
///
/// # Safety
/// The set was made by this process, and nobody reads it.
pub unsafe fn members(set: *mut pg_sys::TIDBitmap) -> Option<Vec<(pg_sys::BlockNumber, pg_sys::OffsetNumber)>> {
    let mut members = Vec::new();
    let mut is_exact = true;
    #[cfg(not(feature = "pg18"))]
    // SAFETY: the caller promises a set of this process. A page is good until the next one; it has so many numbers as it says, negative where it
    // does not know them.
    unsafe {
        let reader = pg_sys::tbm_begin_iterate(set);
        loop {
            let page = pg_sys::tbm_iterate(reader);
            if page.is_null() {
                break;
            }
            let Ok(count) = usize::try_from((*page).ntuples) else {
                is_exact = false;
                break;
            };
            let rows = std::slice::from_raw_parts((*page).offsets.as_ptr(), count);
            members.extend(rows.iter().map(|row| ((*page).blockno, *row)));
        }
        pg_sys::tbm_end_iterate(reader);
    }
    #[cfg(feature = "pg18")]
    // SAFETY: the caller promises a set of this process. A page of 32 kB, the largest there is, has fewer than 2,048 rows.
    unsafe {
        let reader = pg_sys::tbm_begin_private_iterate(set);
        let mut page: pg_sys::TBMIterateResult = std::mem::zeroed();
        let mut rows = [0; 2048];
        while is_exact && pg_sys::tbm_private_iterate(reader, &mut page) {
            is_exact = !page.lossy;
            if is_exact {
                let count = pg_sys::tbm_extract_page_tuple(&mut page, rows.as_mut_ptr(), rows.len() as u32) as usize;
                members.extend(rows[..count].iter().map(|row| (page.blockno, *row)));
            }
        }
        pg_sys::tbm_end_private_iterate(reader);
    }
    is_exact.then_some(members)
}

/// # Safety
/// `relation` is open.
pub unsafe fn primary_key_index(relation: pg_sys::Relation) -> pg_sys::Oid {
    #[cfg(not(feature = "pg18"))]
    // SAFETY: the caller promises that `relation` is open.
    unsafe {
        pg_sys::RelationGetPrimaryKeyIndex(relation)
    }
    #[cfg(feature = "pg18")]
    // SAFETY: the caller promises that `relation` is open.
    unsafe {
        pg_sys::RelationGetPrimaryKeyIndex(relation, false)
    }
}

/// A column of a description, counted from 0.
///
/// # Safety
/// `description` is valid and has this column.
pub unsafe fn attribute(description: pg_sys::TupleDesc, place: usize) -> *const pg_sys::FormData_pg_attribute {
    #[cfg(not(feature = "pg18"))]
    // SAFETY: the caller promises that `description` is valid and has this column.
    unsafe {
        (*description).attrs.as_ptr().add(place)
    }
    #[cfg(feature = "pg18")]
    // SAFETY: the caller promises that `description` is valid and has this column. The full descriptions of the columns follow the compact
    // ones.
    unsafe {
        (*description)
            .compact_attrs
            .as_ptr()
            .add((*description).natts as usize)
            .cast::<pg_sys::FormData_pg_attribute>()
            .add(place)
    }
}

/// Whether `role` owns the relation, by itself or as a member of its owner.
///
/// # Safety
/// A transaction is in progress.
pub unsafe fn owns_relation(relation: pg_sys::Oid, role: pg_sys::Oid) -> bool {
    #[cfg(feature = "pg15")]
    // SAFETY: the caller promises that a transaction is in progress.
    unsafe {
        pg_sys::pg_class_ownercheck(relation, role)
    }
    #[cfg(not(feature = "pg15"))]
    // SAFETY: the caller promises that a transaction is in progress.
    unsafe {
        pg_sys::object_ownercheck(pg_sys::RelationRelationId, relation, role)
    }
}

/// Whether a CHECK is enforced (Postgres 18 knows NOT ENFORCED).
///
/// # Safety
/// `check` points at a constraint.
pub unsafe fn check_is_enforced(check: *const pg_sys::ConstrCheck) -> bool {
    #[cfg(not(feature = "pg18"))]
    {
        let _ = check;
        true
    }
    #[cfg(feature = "pg18")]
    // SAFETY: the caller promises that `check` points at a constraint.
    unsafe {
        (*check).ccenforced
    }
}

/// Gives the executor compiled checks, so that it does not compile them itself.
///
/// # Safety
/// `result` is initialised, and `checks` has an entry for each CHECK of its table.
pub unsafe fn set_check_expressions(result: *mut pg_sys::ResultRelInfo, checks: *mut *mut pg_sys::ExprState) {
    #[cfg(not(feature = "pg18"))]
    // SAFETY: the caller promises that `result` is initialised, and `checks` has an entry for each CHECK of its table.
    unsafe {
        (*result).ri_ConstraintExprs = checks;
    }
    #[cfg(feature = "pg18")]
    // SAFETY: the caller promises that `result` is initialised, and `checks` has an entry for each CHECK of its table.
    unsafe {
        (*result).ri_CheckConstraintExprs = checks;
    }
}

/// Without pgrx's guard: see [`super::leaf_insert`]. A key that is taken is an error, or, where `taken` is given, told there.
///
/// # Safety
/// As `ExecInsertIndexTuples` for a row just stored, within a guard, with nothing to drop in the frames up to it.
pub unsafe fn insert_index_tuples(
    result: *mut pg_sys::ResultRelInfo,
    slot: *mut pg_sys::TupleTableSlot,
    estate: *mut pg_sys::EState,
    taken: Option<&mut bool>,
) {
    #[cfg(feature = "pg15")]
    unsafe extern "C-unwind" {
        fn ExecInsertIndexTuples(
            result: *mut pg_sys::ResultRelInfo,
            slot: *mut pg_sys::TupleTableSlot,
            estate: *mut pg_sys::EState,
            update: bool,
            no_duplicate_error: bool,
            conflict: *mut bool,
            arbiters: *mut pg_sys::List,
        ) -> *mut pg_sys::List;
    }
    #[cfg(not(feature = "pg15"))]
    unsafe extern "C-unwind" {
        fn ExecInsertIndexTuples(
            result: *mut pg_sys::ResultRelInfo,
            slot: *mut pg_sys::TupleTableSlot,
            estate: *mut pg_sys::EState,
            update: bool,
            no_duplicate_error: bool,
            conflict: *mut bool,
            arbiters: *mut pg_sys::List,
            only_summarizing: bool,
        ) -> *mut pg_sys::List;
    }
    let none = std::ptr::null_mut();
    let (is_asked, taken) = (taken.is_some(), taken.map_or(std::ptr::null_mut(), std::ptr::from_mut));
    #[cfg(feature = "pg15")]
    // SAFETY: the caller promises what the executor does: the row was just stored, under a guard, in frames without anything to drop.
    unsafe {
        ExecInsertIndexTuples(result, slot, estate, false, is_asked, taken, none);
    }
    #[cfg(not(feature = "pg15"))]
    // SAFETY: the caller promises what the executor does: the row was just stored, under a guard, in frames without anything to drop.
    unsafe {
        ExecInsertIndexTuples(result, slot, estate, false, is_asked, taken, none, false);
    }
}

/// The next value, in memory of its own.
///
/// # Safety
/// `sort` is sorted, of values that are held by reference.
pub unsafe fn tuplesort_getdatum(
    sort: *mut pg_sys::Tuplesortstate,
    value: &mut pg_sys::Datum,
    is_null: &mut bool,
) -> bool {
    #[cfg(feature = "pg15")]
    // SAFETY: the caller promises that `sort` is sorted.
    unsafe {
        pg_sys::tuplesort_getdatum(sort, true, value, is_null, std::ptr::null_mut())
    }
    #[cfg(not(feature = "pg15"))]
    // SAFETY: the caller promises that `sort` is sorted.
    unsafe {
        pg_sys::tuplesort_getdatum(sort, true, true, value, is_null, std::ptr::null_mut())
    }
}

/// What a backend tells of itself, from the copy of this transaction; numbered from 1.
///
/// # Safety
/// There are at least `number` of them.
pub unsafe fn backend_status(number: i32) -> *mut pg_sys::LocalPgBackendStatus {
    #[cfg(feature = "pg15")]
    // SAFETY: the caller promises that there is one of this number.
    unsafe {
        pg_sys::pgstat_fetch_stat_local_beentry(number)
    }
    #[cfg(not(feature = "pg15"))]
    // SAFETY: the caller promises that there is one of this number.
    unsafe {
        pg_sys::pgstat_get_local_beentry_by_index(number)
    }
}
