//! An open table; the lock stays until the end of the transaction, as for every statement.

use std::ffi::CStr;

pub use pg_sys::{AccessShareLock, RowExclusiveLock, ShareLock, ShareRowExclusiveLock};
use pgrx::pg_sys;

use super::quote;
use super::shape::Named;

pub struct Relation {
    relation: pg_sys::Relation,
}

impl Relation {
    /// None when there is no such relation (any more).
    pub fn open(oid: pg_sys::Oid, lock: u32) -> Option<Relation> {
        // SAFETY: a missing relation gives NULL.
        let relation = unsafe { pg_sys::try_relation_open(oid, lock as _) };
        (!relation.is_null()).then_some(Relation { relation })
    }

    /// As [`Relation::open`], without waiting: None also when somebody else holds or awaits a lock that stands in the way.
    pub fn try_open(oid: pg_sys::Oid, lock: u32) -> Option<Relation> {
        // SAFETY: once the lock is had, a relation that is gone gives NULL.
        unsafe {
            if !pg_sys::ConditionalLockRelationOid(oid, lock as _) {
                return None;
            }
            let relation = pg_sys::try_relation_open(oid, pg_sys::NoLock as _);
            (!relation.is_null()).then_some(Relation { relation })
        }
    }

    /// The lock is held since earlier in the transaction, so the relation is there.
    pub fn open_again(oid: pg_sys::Oid) -> Option<Relation> {
        // SAFETY: what opening does when the lock is held: gives the entry of the relation cache, pinned, or NULL.
        let relation = unsafe { pg_sys::RelationIdGetRelation(oid) };
        (!relation.is_null()).then_some(Relation { relation })
    }

    pub fn name(&self) -> String {
        // SAFETY: the relation is open; names end with a zero.
        unsafe { CStr::from_ptr((*(*self.relation).rd_rel).relname.data.as_ptr()) }.to_string_lossy().into_owned()
    }

    pub fn oid(&self) -> pg_sys::Oid {
        // SAFETY: open.
        unsafe { (*self.relation).rd_id }
    }

    pub fn raw(&self) -> pg_sys::Relation {
        self.relation
    }

    /// With storage of its own, not partitioned once more.
    pub fn is_plain_table(&self) -> bool {
        // SAFETY: open.
        unsafe { (*(*self.relation).rd_rel).relkind as u8 == b'r' }
    }

    pub fn is_empty_file(&self) -> bool {
        self.pages() == 0
    }

    pub fn pages(&self) -> u32 {
        // SAFETY: open, and a relation with storage: callers ask it of leaves only.
        unsafe { pg_sys::RelationGetNumberOfBlocksInFork(self.relation, pg_sys::ForkNumber::MAIN_FORKNUM) }
    }

    /// Whether an event may be stored past triggers, rules and policies, because there are none but ours (by the names of trigger and function), and ours
    /// are as they must be: in force or not.
    pub fn has_only_our_triggers(&self, ours: &[(&str, &str, Option<bool>)], schema: pg_sys::Oid) -> bool {
        // SAFETY: the relation is open; the trigger descriptor belongs to it.
        unsafe {
            let class = (*self.relation).rd_rel;
            if !(*self.relation).rd_rules.is_null() || (*class).relrowsecurity {
                return false;
            }
            let Some(triggers) = (*self.relation).trigdesc.as_ref() else { return ours.is_empty() };
            let mut found = 0;
            for index in 0..triggers.numtriggers as usize {
                let trigger = &*triggers.triggers.add(index);
                if trigger.tgtype as u32 & pg_sys::TRIGGER_TYPE_INSERT == 0 {
                    continue;
                }
                let name = std::ffi::CStr::from_ptr(trigger.tgname).to_bytes();
                let known = ours.iter().find(|(ours, ..)| ours.as_bytes() == name);
                let enabled = trigger.tgenabled as u8 != b'D';
                match known {
                    Some((_, function, must_be)) if is_function_of(trigger.tgfoid, schema, function.as_bytes()) => {
                        if must_be.is_some_and(|must_be| must_be != enabled) {
                            return false;
                        }
                        found += 1;
                    }
                    _ if enabled => return false,
                    _ => {}
                }
            }
            found == ours.len()
        }
    }

    /// Whether a trigger of this name is enabled.
    pub fn trigger_is_enabled(&self, name: &str) -> bool {
        // SAFETY: the relation is open; the trigger descriptor belongs to it.
        unsafe {
            (*self.relation).trigdesc.as_ref().is_some_and(|triggers| {
                (0..triggers.numtriggers as usize).any(|index| {
                    let trigger = &*triggers.triggers.add(index);
                    std::ffi::CStr::from_ptr(trigger.tgname).to_bytes() == name.as_bytes()
                        && trigger.tgenabled as u8 != b'D'
                })
            })
        }
    }

    /// Whether these are all the columns, by name and type, the type without a modifier and with the database's collation, and none is generated.
    pub fn columns_are(&self, shape: &[Named]) -> bool {
        // SAFETY: open; as many columns are read as there are.
        unsafe {
            let description = (*self.relation).rd_att;
            (*description).natts as usize == shape.len()
                && shape.iter().enumerate().all(|(place, named)| {
                    let column = &*super::compat::attribute(description, place);
                    named.is_name_of(column)
                        && column.atttypid == named.kind
                        && column.atttypmod == -1
                        && [pg_sys::InvalidOid, pg_sys::DEFAULT_COLLATION_OID].contains(&column.attcollation)
                        && column.attgenerated == 0
                })
        }
    }
}

impl Drop for Relation {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: opened by us; after an error the resource owner closes it.
            unsafe { pg_sys::relation_close(self.relation, pg_sys::NoLock as _) }
        }
    }
}

/// Whether a function has this name in this schema.
///
/// # Safety
/// Called in a transaction.
unsafe fn is_function_of(function: pg_sys::Oid, schema: pg_sys::Oid, name: &[u8]) -> bool {
    // SAFETY: syscache look-ups; the name is a palloc'd C string or NULL.
    unsafe {
        let own_name = pg_sys::get_func_name(function);
        !own_name.is_null()
            && CStr::from_ptr(own_name).to_bytes() == name
            && pg_sys::get_func_namespace(function) == schema
    }
}

/// Everything below a table in its tree of partitions or children.
pub fn descendants(table: pg_sys::Oid) -> Vec<pg_sys::Oid> {
    // SAFETY: gives a list of OIDs, the table's own first.
    unsafe {
        let list = pg_sys::find_all_inheritors(table, pg_sys::NoLock as _, std::ptr::null_mut());
        (1..(*list).length as usize).map(|place| (*(*list).elements.add(place)).oid_value).collect()
    }
}

/// Whether a relation has any trigger, or had one when it was last vacuumed.
pub fn may_have_triggers(relation: pg_sys::Oid) -> bool {
    // SAFETY: a syscache look-up; the tuple is read before it is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::RELOID as _, pg_sys::Datum::from(relation));
        if tuple.is_null() {
            return false;
        }
        let has_triggers = (*pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_class>(tuple)).relhastriggers;
        pg_sys::ReleaseSysCache(tuple);
        has_triggers
    }
}

/// Whether a relation has partitions or children, or had some when it was last analysed.
pub fn may_have_descendants(relation: pg_sys::Oid) -> bool {
    // SAFETY: a syscache look-up; a missing relation has none.
    unsafe { pg_sys::has_subclass(relation) }
}

/// Whether a table is a partition or a child of another.
pub fn has_parent(table: pg_sys::Oid) -> bool {
    // SAFETY: reads pg_inherits.
    unsafe { pg_sys::has_superclass(table) }
}

/// A relation's name with its schema, quoted where SQL needs it.
pub fn qualified_name(relation: pg_sys::Oid) -> Option<String> {
    let (schema, name, _) = describe(relation)?;
    Some(format!("{}.{}", quote::identifier(&schema), quote::identifier(&name)))
}

/// Whether a relation came with the server: catalogs, the information schema.
pub fn is_of_system(relation: pg_sys::Oid) -> bool {
    relation.to_u32() < pg_sys::FirstNormalObjectId
}

/// Whether `role` owns the relation, by itself or as a member of its owner.
pub fn is_owned_by(relation: pg_sys::Oid, role: pg_sys::Oid) -> bool {
    // SAFETY: called in a transaction.
    unsafe { super::compat::owns_relation(relation, role) }
}

/// The OID of a relation by name within one schema, whatever the search_path.
pub fn find(schema: pg_sys::Oid, name: &str) -> Option<pg_sys::Oid> {
    let name = std::ffi::CString::new(name).ok()?;
    // SAFETY: a syscache look-up.
    let oid = unsafe { pg_sys::get_relname_relid(name.as_ptr(), schema) };
    (oid != pg_sys::InvalidOid).then_some(oid)
}

/// The table that holds the long values of another one, if there is one.
pub fn toast_of(table: pg_sys::Oid) -> Option<pg_sys::Oid> {
    let table = Relation::open(table, AccessShareLock)?;
    // SAFETY: the relation is open.
    let toast = unsafe { (*(*table.relation).rd_rel).reltoastrelid };
    (toast != pg_sys::InvalidOid).then_some(toast)
}

/// The owner of a relation, or None when it is gone.
pub fn owner(relation: pg_sys::Oid) -> Option<pg_sys::Oid> {
    // SAFETY: a syscache look-up; the tuple is read before it is released.
    unsafe {
        let tuple = pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::RELOID as _, pg_sys::Datum::from(relation));
        if tuple.is_null() {
            return None;
        }
        let class = pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_class>(tuple);
        let owner = (*class).relowner;
        pg_sys::ReleaseSysCache(tuple);
        Some(owner)
    }
}

/// The schema a function was created in, and that schema's name.
pub fn schema_of_function(function: pg_sys::Oid) -> Option<(pg_sys::Oid, String)> {
    // SAFETY: syscache look-ups; the name is a palloc'd copy.
    unsafe {
        let schema = pg_sys::get_func_namespace(function);
        let name = pg_sys::get_namespace_name(schema);
        (!name.is_null()).then(|| (schema, CStr::from_ptr(name).to_string_lossy().into_owned()))
    }
}

/// Whether a statement, cursor or pending trigger of this session uses the relation, so that it cannot be altered.
pub fn is_in_use(relation: pg_sys::Oid) -> bool {
    let open = Relation::open(relation, AccessShareLock);
    // SAFETY: open; one reference is ours.
    open.is_some_and(|open| unsafe { (*open.raw()).rd_refcnt > 1 || pg_sys::AfterTriggerPendingOnRel(relation) })
}

/// Makes all backends forget what they remember of a relation, once the transaction commits.
pub fn tell_changed(relation: pg_sys::Oid) {
    // SAFETY: queues an invalidation message.
    unsafe { pg_sys::CacheInvalidateRelcacheByRelid(relation) }
}

/// A relation by schema and name.
pub fn find_qualified(schema: &str, name: &str) -> Option<pg_sys::Oid> {
    let schema = std::ffi::CString::new(schema).ok()?;
    // SAFETY: a syscache look-up; a missing schema gives InvalidOid.
    let schema = unsafe { pg_sys::get_namespace_oid(schema.as_ptr(), true) };
    (schema != pg_sys::InvalidOid).then(|| find(schema, name)).flatten()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RelationKind {
    Table,
    PartitionedTable,
    Other,
}

fn relkind(relation: pg_sys::Oid) -> u8 {
    // SAFETY: a syscache look-up; zero when there is no such relation.
    unsafe { pg_sys::get_rel_relkind(relation) as u8 }
}

pub fn kind(relation: pg_sys::Oid) -> RelationKind {
    match relkind(relation) {
        b'r' => RelationKind::Table,
        b'p' => RelationKind::PartitionedTable,
        _ => RelationKind::Other,
    }
}

/// Whether it is what pg_class knows a composite type by.
pub fn is_composite_type(relation: pg_sys::Oid) -> bool {
    relkind(relation) == b'c'
}

/// Whether it can be read: a table, partitioned or foreign, or a view, materialized or not.
pub fn has_rows(relation: pg_sys::Oid) -> bool {
    b"rpfvm".contains(&relkind(relation))
}

/// Schema, name and kind of a relation.
pub fn describe(relation: pg_sys::Oid) -> Option<(String, String, RelationKind)> {
    // SAFETY: syscache look-ups that give NULL or palloc'd strings.
    unsafe {
        let name = pg_sys::get_rel_name(relation);
        if name.is_null() {
            return None;
        }
        let schema = pg_sys::get_namespace_name(pg_sys::get_rel_namespace(relation));
        let copy = |text: *const std::ffi::c_char| CStr::from_ptr(text).to_string_lossy().into_owned();
        (!schema.is_null()).then(|| (copy(schema), copy(name), kind(relation)))
    }
}

pub fn is_temporary(relation: pg_sys::Oid) -> bool {
    // SAFETY: a syscache look-up of a relation that is there.
    unsafe { pg_sys::get_rel_persistence(relation) as u8 == b't' }
}

/// The number of a column, counted from 1.
pub fn column_number(relation: pg_sys::Oid, column: &str) -> Option<u32> {
    let column = std::ffi::CString::new(column).ok()?;
    // SAFETY: a syscache look-up; a missing column gives zero.
    let number = unsafe { pg_sys::get_attnum(relation, column.as_ptr()) };
    u32::try_from(number).ok().filter(|number| *number > 0)
}

/// The type of a column, or None when there is no such column.
pub fn column_type(relation: pg_sys::Oid, column: &str) -> Option<pg_sys::Oid> {
    let column = std::ffi::CString::new(column).ok()?;
    // SAFETY: syscache look-ups.
    unsafe {
        let number = pg_sys::get_attnum(relation, column.as_ptr());
        (number > 0).then(|| pg_sys::get_atttype(relation, number))
    }
}
