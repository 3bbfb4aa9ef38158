//! Stores a row in one partition without a statement, so that the preparation for a statement is done once and not for every row.
//!
//! Most of the cost of a single-row INSERT is preparation: compiling the table's CHECK constraints, describing its indexes, compiling their
//! predicates, making an executor state. Here all of it is done when a partition is first written, and kept in a memory context of its own
//! until the catalog changes. For each row the same is done as in the executor: constraints (also those that a DBA added), the heap with
//! TOAST and WAL, the indexes. Triggers, rules and policies are not run. So a partition is written this way only if it and its parent have
//! none but ours, and only B-tree and hash indexes (other kinds may keep state in what is kept here). Otherwise the caller uses the ordinary
//! statement.
//!
//! Locks are those of INSERT, in the same order: the parent, the partition, its indexes, all RowExclusive to the end of the transaction.
//! They are taken once per transaction. A rollback to a savepoint may release them, so after one they are taken again
//! ([`super::callbacks::lock_epoch`]).

mod unless_taken;

use std::cell::Cell;

use pgrx::pg_sys::{self, Datum};

use super::callbacks::{self, LockEpoch};
use super::memory::Scratch;
use super::record::Record;
use super::relation::{Relation, RowExclusiveLock};
use super::shape::Named;
use super::{checks, compat, unguarded};

/// Functions called without pgrx's guard, which costs more than some of them. Legal only within [`CompiledLeaf::exclusively`], where one
/// guard surrounds all
/// and no frame that an error skips has anything to drop.
mod raw {
    use pgrx::pg_sys;

    unsafe extern "C-unwind" {
        pub fn index_open(index: pg_sys::Oid, lock: pg_sys::LOCKMODE) -> pg_sys::Relation;
        pub fn index_close(index: pg_sys::Relation, lock: pg_sys::LOCKMODE);
        pub fn ExecConstraints(
            result: *mut pg_sys::ResultRelInfo,
            slot: *mut pg_sys::TupleTableSlot,
            estate: *mut pg_sys::EState,
        );
        pub fn ExecStoreVirtualTuple(slot: *mut pg_sys::TupleTableSlot) -> *mut pg_sys::TupleTableSlot;
        pub fn ExecStoreHeapTuple(
            row: pg_sys::HeapTuple,
            slot: *mut pg_sys::TupleTableSlot,
            is_freed_with_slot: bool,
        ) -> *mut pg_sys::TupleTableSlot;
        pub fn heap_form_tuple(
            description: pg_sys::TupleDesc,
            values: *mut pg_sys::Datum,
            nulls: *mut bool,
        ) -> pg_sys::HeapTuple;
        pub fn simple_table_tuple_insert(table: pg_sys::Relation, slot: *mut pg_sys::TupleTableSlot);
        pub fn MakeSingleTupleTableSlot(
            description: pg_sys::TupleDesc,
            kind: *const pg_sys::TupleTableSlotOps,
        ) -> *mut pg_sys::TupleTableSlot;
        pub fn GetCurrentCommandId(is_used: bool) -> pg_sys::CommandId;
        pub fn MemoryContextReset(context: pg_sys::MemoryContext);
    }
}

/// All that is prepared for one partition.
pub struct CompiledLeaf {
    shape: &'static [Named],
    context: pg_sys::MemoryContext,
    estate: *mut pg_sys::EState,
    result: *mut pg_sys::ResultRelInfo,
    slot: *mut pg_sys::TupleTableSlot,
    per_row: pg_sys::MemoryContext,
    indexes: Vec<pg_sys::Oid>,
    locked: Cell<LockEpoch>,
    in_use: Cell<bool>,
}

impl CompiledLeaf {
    /// None when the table has other columns than those of the shape, or an index that is neither a B-tree nor a hash index. The locks are there already.
    /// CHECKs that `is_decided` says to be decided by the caller, by name and expression, are not evaluated.
    pub fn compile(
        table: &Relation,
        shape: &'static [Named],
        is_decided: impl Fn(&str, &str) -> bool,
    ) -> Option<CompiledLeaf> {
        if !table.columns_are(shape) {
            return None;
        }

        // SAFETY: everything is made in a context that outlives transactions once it is complete; until then it goes with the caller's memory, as it
        // does where a CHECK cannot be planned. It refers to the open relation by nothing but `ri_RelationDesc` and the index descriptors, which
        // store() sets anew. The slot has a description of its own: the relation's is counted per transaction.
        unsafe {
            let context = pg_sys::AllocSetContextCreateInternal(
                pg_sys::CurrentMemoryContext,
                c"audit_ext partition".as_ptr(),
                pg_sys::ALLOCSET_SMALL_MINSIZE as usize,
                pg_sys::ALLOCSET_SMALL_INITSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as usize,
            );
            let former = pg_sys::MemoryContextSwitchTo(context);
            let estate = pg_sys::CreateExecutorState();
            let result = pg_sys::palloc0(std::mem::size_of::<pg_sys::ResultRelInfo>()).cast::<pg_sys::ResultRelInfo>();
            (*result).type_ = pg_sys::NodeTag::T_ResultRelInfo;
            pg_sys::InitResultRelInfo(result, table.raw(), 0, std::ptr::null_mut(), 0);
            compat::set_check_expressions(result, compile_checks(table, is_decided));
            let indexes = describe_indexes(result, estate);
            let description = pg_sys::CreateTupleDescCopyConstr((*table.raw()).rd_att);
            let slot = pg_sys::MakeSingleTupleTableSlot(description, &raw const pg_sys::TTSOpsVirtual);
            (*slot).tts_tableOid = (*table.raw()).rd_id;
            let per_row = (*pg_sys::MakePerTupleExprContext(estate)).ecxt_per_tuple_memory;
            pg_sys::MemoryContextSwitchTo(former);
            pg_sys::MemoryContextSetParent(context, pg_sys::CacheMemoryContext);
            let (locked, in_use) = (Cell::new(LockEpoch::default()), Cell::new(false));
            // Dropped at once if an index does not fit.
            let leaf = CompiledLeaf {
                shape,
                context,
                estate,
                result,
                slot,
                per_row,
                indexes: indexes.clone().unwrap_or_default(),
                locked,
                in_use,
            };
            indexes.map(|_| leaf)
        }
    }

    /// Whether the locks of this partition and its indexes are held since an earlier row of the transaction.
    pub fn is_locked(&self) -> bool {
        self.locked.get() == callbacks::lock_epoch()
    }

    /// Stores a row in `table`, of which this was compiled and is not stale: constraints, heap, indexes. False, with nothing done, when a
    /// row is being stored this very moment: a constraint may call code that records events itself.
    pub fn store<const N: usize>(&self, table: &Relation, row: &Record<'_, N>) -> bool {
        self.with_row(table, row, |slot| {
            // SAFETY: within the guard of with_row.
            unsafe {
                self.open_indexes();
                raw::simple_table_tuple_insert(table.raw(), slot);
                compat::insert_index_tuples(self.result, slot, self.estate, None);
                self.close_indexes();
            }
        })
    }

    /// Runs `work` with the row in the slot, after its constraints, within one guard and in memory that is given back after it. False, with
    /// nothing done, when a row is being stored.
    fn with_row<const N: usize>(
        &self,
        table: &Relation,
        row: &Record<'_, N>,
        work: impl FnOnce(*mut pg_sys::TupleTableSlot),
    ) -> bool {
        assert!(std::ptr::eq(self.shape, row.shape()), "a row of another shape");
        self.exclusively(table, || {
            // SAFETY: `row` has values for all columns, of their types (CompiledLeaf::compile); the slot is cleared first, for an error may have left it full.
            unsafe {
                let (values, nulls) = ((*self.slot).tts_values, (*self.slot).tts_isnull);
                clear(self.slot);
                for (index, value) in row.raw().iter().enumerate() {
                    *values.add(index) = value.unwrap_or(Datum::from(0usize));
                    *nulls.add(index) = value.is_none();
                }
                raw::ExecStoreVirtualTuple(self.slot);
                raw::ExecConstraints(self.result, self.slot, self.estate);
                work(self.slot);
                clear(self.slot);
            }
        })
    }

    /// The steps of the executor for a plain table, `work` among them. An error skips the frames up to the guard, none of which drops anything;
    /// the abort closes what is open.
    fn exclusively(&self, table: &Relation, work: impl FnOnce()) -> bool {
        if self.in_use.replace(true) {
            return false;
        }
        let _in_use = InUse(&self.in_use);
        // SAFETY: the result refers to the relation while it is open, and the former memory context is put back.
        unsafe {
            pg_sys::ffi::pg_guard_ffi_boundary(|| {
                let former = pg_sys::CurrentMemoryContext;
                pg_sys::CurrentMemoryContext = self.per_row;
                (*self.result).ri_RelationDesc = table.raw();
                work();
                pg_sys::CurrentMemoryContext = former;
                raw::MemoryContextReset(self.per_row);
            });
        }
        true
    }

    /// # Safety
    /// Within [`CompiledLeaf::exclusively`].
    unsafe fn open_indexes(&self) {
        let lock = if self.is_locked() { pg_sys::NoLock } else { RowExclusiveLock };
        // SAFETY: there is room for as many descriptors as indexes.
        unsafe {
            let descriptions = (*self.result).ri_IndexRelationDescs;
            for (position, index) in self.indexes.iter().enumerate() {
                *descriptions.add(position) = raw::index_open(*index, lock as _);
            }
        }
        self.locked.set(callbacks::lock_epoch());
    }

    /// # Safety
    /// After [`CompiledLeaf::open_indexes`].
    unsafe fn close_indexes(&self) {
        // SAFETY: all of them are open; their locks are kept.
        unsafe {
            let descriptions = (*self.result).ri_IndexRelationDescs;
            for position in 0..self.indexes.len() {
                raw::index_close(*descriptions.add(position), pg_sys::NoLock as _);
            }
        }
    }
}

/// Rows of one partition that are stored together: a page is visited once for all that fit on it, and has one entry in the WAL. The
/// rows are copied; their constraints are checked when they are added.
pub struct Pending {
    memory: Scratch,
    slots: Vec<*mut pg_sys::TupleTableSlot>,
    count: usize,
    bytes: usize,
}

impl Pending {
    /// As many rows, or bytes, wait at most.
    const ROWS: usize = 100;
    const BYTES: usize = 65_536;

    /// Ends with the memory context that is current now, at the latest.
    pub fn new() -> Pending {
        let memory = Scratch::named(c"audit_ext pending rows");
        Pending { memory, slots: Vec::with_capacity(Pending::ROWS), count: 0, bytes: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The next rows are those of another leaf.
    pub fn forget_slots(&mut self) {
        self.slots.clear();
        // Slots and their rows are all that lies there.
        self.memory.empty();
    }

    /// Adds a row for `table`, as [`CompiledLeaf::store`] would store it; stores all when they are many. The same leaf and table for all rows until they are stored.
    pub fn add<const N: usize>(&mut self, leaf: &CompiledLeaf, table: &Relation, row: &Record<'_, N>) -> bool {
        self.wait(leaf, table, row) && (!self.are_many() || self.store(leaf, table))
    }

    /// Whether it is time to store them.
    pub fn are_many(&self) -> bool {
        self.count >= Pending::ROWS || self.bytes >= Pending::BYTES
    }

    /// As [`Pending::add`], and stores nothing yet: what is raised is about this row.
    pub fn wait<const N: usize>(&mut self, leaf: &CompiledLeaf, table: &Relation, row: &Record<'_, N>) -> bool {
        leaf.with_row(table, row, |slot| {
            // SAFETY: within the guard of with_row; slots and rows are made in memory of their own, which outlives the row's.
            unsafe {
                pg_sys::CurrentMemoryContext = self.memory.context();
                let description = (*slot).tts_tupleDescriptor;
                if self.count == self.slots.len() {
                    self.slots.push(raw::MakeSingleTupleTableSlot(description, &raw const pg_sys::TTSOpsHeapTuple));
                }
                let copy = raw::heap_form_tuple(description, (*slot).tts_values, (*slot).tts_isnull);
                raw::ExecStoreHeapTuple(copy, self.slots[self.count], true);
                self.count += 1;
                self.bytes += (*copy).t_len as usize;
            }
        })
    }

    /// Stores the rows that wait. False, with nothing done, when a row is being stored this very moment.
    pub fn store(&mut self, leaf: &CompiledLeaf, table: &Relation) -> bool {
        let rows = &mut self.slots[..self.count];
        if rows.is_empty() {
            return true;
        }
        let is_stored = leaf.exclusively(table, || {
            // SAFETY: within the guard; the slots hold rows of this table, and get their places in it.
            unsafe {
                leaf.open_indexes();
                match ((*(*table.raw()).rd_tableam).multi_insert, &*rows) {
                    (Some(multi_insert), [_, _, ..]) => {
                        let (command, state) = (raw::GetCurrentCommandId(true), std::ptr::null_mut());
                        multi_insert(table.raw(), rows.as_mut_ptr(), rows.len() as _, command, 0, state);
                    }
                    _ => rows.iter().for_each(|slot| raw::simple_table_tuple_insert(table.raw(), *slot)),
                }
                for slot in rows.iter() {
                    compat::insert_index_tuples(leaf.result, *slot, leaf.estate, None);
                    clear(*slot);
                }
                leaf.close_indexes();
            }
        });
        if is_stored {
            (self.count, self.bytes) = (0, 0);
        }
        is_stored
    }
}

/// # Safety
/// A slot of ours.
unsafe fn clear(slot: *mut pg_sys::TupleTableSlot) {
    // SAFETY: the caller promises that the slot is one of ours. This is what ExecClearTuple does.
    unsafe {
        if let Some(clear) = (*(*slot).tts_ops).clear {
            clear(slot);
        }
    }
}

/// Compiles the CHECK constraints that are not decided otherwise, in the current memory context.
///
/// # Safety
/// The relation is open.
unsafe fn compile_checks(table: &Relation, is_decided: impl Fn(&str, &str) -> bool) -> *mut *mut pg_sys::ExprState {
    // SAFETY: the caller promises that the relation is open. Expressions are read, planned and compiled, and belong to no executor state.
    unsafe {
        let checks = checks::of(table);
        let compiled = pg_sys::palloc0((checks.len() + 1) * std::mem::size_of::<*mut pg_sys::ExprState>())
            .cast::<*mut pg_sys::ExprState>();
        for (place, check) in checks.iter().enumerate() {
            if check.is_enforced && !is_decided(&check.name, &check.expression) {
                let expression = pg_sys::stringToNode(check.stored).cast::<pg_sys::Expr>();
                *compiled.add(place) =
                    pg_sys::ExecInitExpr(pg_sys::expression_planner(expression), std::ptr::null_mut());
            }
        }
        compiled
    }
}

/// Describes the indexes in `result`, with their predicates compiled, and gives their OIDs; None when one is neither a B-tree nor a hash index.
///
/// # Safety
/// `result` is initialised for an open relation, and `estate` and the current memory context last as long as it.
unsafe fn describe_indexes(
    result: *mut pg_sys::ResultRelInfo,
    estate: *mut pg_sys::EState,
) -> Option<Vec<pg_sys::Oid>> {
    // SAFETY: the caller promises that `result` is initialised for an open relation, and `estate` and the current memory context last as
    // long as it. The descriptors are closed again, and their locks kept.
    unsafe {
        pg_sys::ExecOpenIndices(result, false);
        let mut indexes = Some(Vec::new());
        for position in 0..(*result).ri_NumIndices as usize {
            let index = *(*result).ri_IndexRelationDescs.add(position);
            let info = *(*result).ri_IndexRelationInfo.add(position);
            if !(*info).ii_Predicate.is_null() {
                (*info).ii_PredicateState = pg_sys::ExecPrepareQual((*info).ii_Predicate, estate);
            }
            let is_stateless = [pg_sys::BTREE_AM_OID, pg_sys::HASH_AM_OID].contains(&(*(*index).rd_rel).relam);
            indexes = indexes.filter(|_| is_stateless);
            if let Some(indexes) = &mut indexes {
                indexes.push((*index).rd_id);
            }
            pg_sys::index_close(index, pg_sys::NoLock as _);
        }
        indexes
    }
}

/// Reset when it is dropped, also after an error.
struct InUse<'a>(&'a Cell<bool>);

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Drop for CompiledLeaf {
    fn drop(&mut self) {
        // SAFETY: made by compile(), executor state and slot included; values are dropped while the backend runs, never at its exit.
        unsafe { pg_sys::MemoryContextDelete(self.context) }
    }
}

/// What the executor asks before it writes: no read-only transaction, no standby, no parallel worker.
pub fn refuse_where_nothing_may_be_written() {
    // SAFETY: reads variables of the backend; raises only where it must.
    unsafe {
        if pg_sys::XactReadOnly {
            pg_sys::PreventCommandIfReadOnly(c"insert_audit_event()".as_ptr());
        }
        if unguarded::IsInParallelMode() {
            pg_sys::PreventCommandIfParallelMode(c"insert_audit_event()".as_ptr());
        }
    }
}
