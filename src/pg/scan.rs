//! Scans of catalogs and small tables, without a plan. Locks end with the scan.

use std::ffi::CStr;

use pgrx::pg_sys::{self, Datum, Oid};

/// What a column, counted from 1, must be equal to.
#[derive(Clone, Copy)]
pub enum ScanKey<'a> {
    Oid(u32, Oid),
    Name(u32, &'a CStr),
}

/// One row that was found.
pub struct Found {
    tuple: pg_sys::HeapTuple,
    description: pg_sys::TupleDesc,
}

impl Found {
    pub fn oid(&self, column: u32) -> Option<Oid> {
        self.datum(column).map(|value| Oid::from(value.value() as u32))
    }

    pub fn int4(&self, column: u32) -> Option<i32> {
        self.datum(column).map(|value| value.value() as i32)
    }

    /// Good until the next row is looked for.
    fn datum(&self, column: u32) -> Option<Datum> {
        let mut null = false;
        // SAFETY: tuple and description belong together; callers name columns that the table has.
        let value = unsafe { pg_sys::heap_getattr(self.tuple, column as i32, self.description, &mut null) };
        (!null).then_some(value)
    }
}

/// What `read` makes of the rows of `table` that have these keys, which `index` begins with. Sees what this transaction did, and
/// what is committed.
pub fn rows<T>(table: Oid, index: Oid, keys: &[ScanKey], read: impl FnMut(&Found) -> Option<T>) -> Vec<T> {
    scan(table, Some(index), keys, read)
}

/// What `read` makes of all rows of `table`.
pub fn all<T>(table: Oid, read: impl FnMut(&Found) -> Option<T>) -> Vec<T> {
    scan(table, None, &[], read)
}

fn scan<T>(table: Oid, index: Option<Oid>, keys: &[ScanKey], mut read: impl FnMut(&Found) -> Option<T>) -> Vec<T> {
    let mut found = Vec::new();
    // SAFETY: the keys live as long as the scan; what raises leaves closing to the abort.
    unsafe {
        let relation = pg_sys::table_open(table, pg_sys::AccessShareLock as _);
        let mut scan_keys: Vec<pg_sys::ScanKeyData> = keys.iter().map(|key| scan_key(*key)).collect();
        let scan = pg_sys::systable_beginscan(
            relation,
            index.unwrap_or(pg_sys::InvalidOid),
            index.is_some(),
            std::ptr::null_mut(),
            keys.len() as i32,
            scan_keys.as_mut_ptr(),
        );
        loop {
            let tuple = pg_sys::systable_getnext(scan);
            if tuple.is_null() {
                break;
            }
            found.extend(read(&Found { tuple, description: (*relation).rd_att }));
        }
        pg_sys::systable_endscan(scan);
        pg_sys::table_close(relation, pg_sys::AccessShareLock as _);
    }
    found
}

/// # Safety
/// The key's value outlives the scan.
unsafe fn scan_key(key: ScanKey) -> pg_sys::ScanKeyData {
    let (column, function, value) = match key {
        ScanKey::Oid(column, oid) => (column, pg_sys::F_OIDEQ, Datum::from(oid)),
        ScanKey::Name(column, name) => (column, pg_sys::F_NAMEEQ, Datum::from(name.as_ptr())),
    };
    let mut made = pg_sys::ScanKeyData::default();
    // SAFETY: fills the key for an operator that is built in.
    unsafe {
        let equal = pg_sys::BTEqualStrategyNumber as pg_sys::StrategyNumber;
        pg_sys::ScanKeyInit(&mut made, column as pg_sys::AttrNumber, equal, function.into(), value);
    }
    made
}

/// The triggers on a table: what they call, and the bytes of their arguments, each ended by a zero.
pub fn triggers_on<T>(table: Oid, mut read: impl FnMut(Oid, &[u8]) -> Option<T>) -> Vec<T> {
    let keys = [ScanKey::Oid(pg_sys::Anum_pg_trigger_tgrelid, table)];
    rows(pg_sys::TriggerRelationId, pg_sys::TriggerRelidNameIndexId.into(), &keys, |trigger| {
        let arguments = trigger
            .datum(pg_sys::Anum_pg_trigger_tgargs)
            // SAFETY: the column is a bytea; it is copied while the row is there.
            .map(|bytes| unsafe { super::datum::Datum::of(bytes, pg_sys::BYTEAOID) })
            .map(super::datum::read_bytes);
        read(trigger.oid(pg_sys::Anum_pg_trigger_tgfoid)?, arguments.unwrap_or_default())
    })
}

/// The table that a trigger is on.
pub fn table_of_trigger(trigger: Oid) -> Option<Oid> {
    let keys = [ScanKey::Oid(pg_sys::Anum_pg_trigger_oid, trigger)];
    let table = |found: &Found| found.oid(pg_sys::Anum_pg_trigger_tgrelid);
    rows(pg_sys::TriggerRelationId, pg_sys::TriggerOidIndexId.into(), &keys, table).into_iter().next()
}

/// The tables that a table is directly a partition or a child of.
pub fn parents(table: Oid) -> Vec<Oid> {
    let keys = [ScanKey::Oid(pg_sys::Anum_pg_inherits_inhrelid, table)];
    let parent = |link: &Found| link.oid(pg_sys::Anum_pg_inherits_inhparent);
    rows(pg_sys::InheritsRelationId, pg_sys::InheritsRelidSeqnoIndexId.into(), &keys, parent)
}

/// The tables made OF a composite type, named by its relation.
pub fn typed_tables(composite: Oid) -> Vec<Oid> {
    // SAFETY: a syscache look-up; InvalidOid when there is no such type.
    let row_type = unsafe { pg_sys::get_rel_type_id(composite) };
    let keys = [
        ScanKey::Oid(pg_sys::Anum_pg_depend_refclassid, pg_sys::TypeRelationId),
        ScanKey::Oid(pg_sys::Anum_pg_depend_refobjid, row_type),
    ];
    rows(pg_sys::DependRelationId, pg_sys::DependReferenceIndexId.into(), &keys, |entry| {
        let is_table = entry.oid(pg_sys::Anum_pg_depend_classid)? == pg_sys::RelationRelationId
            && entry.datum(pg_sys::Anum_pg_depend_objsubid)?.value() as i32 == 0;
        is_table.then(|| entry.oid(pg_sys::Anum_pg_depend_objid)).flatten()
    })
}
