//! Storing a row in one partition without a statement: the checks are compiled once per backend, not once per row.
//!
//! Most of the cost of a single-row INSERT is compiling the table's CHECK constraints again for every statement. Here they are
//! compiled when a partition is first written and kept until the catalog changes. Everything else is what the executor
//! does: constraints (also those a DBA added), the heap with TOAST and WAL, the indexes. What it does not do is run
//! triggers, rules and policies. So a partition is taken this way only if nobody but us has hung any of them on it
//! or its parent; else the caller uses the ordinary statement.
//!
//! Locks are those of INSERT, in its order: the parent, then the partition, RowExclusive until the end of the
//! transaction. After taking them the caller asks whether the catalog moved, and starts over if it did.

use std::cell::Cell;

use pgrx::pg_sys::{self, Datum};

use super::compat;
use super::relation::Relation;

/// The CHECK of a month's table that says what its bounds say (`sql/partition/bound.sql`).
const BOUND: &std::ffi::CStr = c"audit_month";

/// The compiled checks of one partition, in memory of their own.
pub struct Leaf {
    context: pg_sys::MemoryContext,
    checks: *mut *mut pg_sys::ExprState,
    in_use: Cell<bool>,
}

impl Leaf {
    /// Compiles the CHECK constraints.
    pub fn compile(table: &Relation) -> Leaf {
        // SAFETY: expressions are read, planned and compiled in a context that lives as long as the value; they belong to
        // no executor state. The context is made under CacheMemoryContext, which outlives transactions.
        unsafe {
            let context = pg_sys::AllocSetContextCreateInternal(
                pg_sys::CacheMemoryContext,
                c"audit_ext checks of a partition".as_ptr(),
                pg_sys::ALLOCSET_SMALL_MINSIZE as usize,
                pg_sys::ALLOCSET_SMALL_INITSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as usize,
            );
            let mut leaf = Leaf { context, checks: std::ptr::null_mut(), in_use: Cell::new(false) };
            let former = pg_sys::MemoryContextSwitchTo(context);
            let constraints = (*(*table.raw()).rd_att).constr;
            let count = if constraints.is_null() { 0 } else { (*constraints).num_check as usize };
            leaf.checks = pg_sys::palloc0((count + 1) * std::mem::size_of::<*mut pg_sys::ExprState>())
                .cast::<*mut pg_sys::ExprState>();
            for index in 0..count {
                let check = (*constraints).check.add(index);
                // The bounds need no check: the partition was found by them.
                let is_bound = std::ffi::CStr::from_ptr((*check).ccname) == BOUND;
                if compat::check_is_enforced(check) && !is_bound {
                    let expression = pg_sys::stringToNode((*check).ccbin).cast::<pg_sys::Expr>();
                    *leaf.checks.add(index) =
                        pg_sys::ExecInitExpr(pg_sys::expression_planner(expression), std::ptr::null_mut());
                }
            }
            pg_sys::MemoryContextSwitchTo(former);
            leaf
        }
    }

    /// Stores a row in `table`, of which this was compiled and is not stale: constraints, heap, indexes.
    pub fn store(&self, table: &Relation, row: &[Option<Datum>]) {
        let kept_checks = !self.in_use.replace(true);
        let _in_use = kept_checks.then(|| InUse(&self.in_use));
        // SAFETY: the steps of the executor for one row of a plain table, with values for all columns in `row` (Relation::has_columns_of).
        // All memory is in the executor state's context. After an error the abort releases what is open.
        unsafe {
            let estate = pg_sys::CreateExecutorState();
            let former = pg_sys::MemoryContextSwitchTo((*estate).es_query_cxt);
            let result = pg_sys::palloc0(std::mem::size_of::<pg_sys::ResultRelInfo>()).cast::<pg_sys::ResultRelInfo>();
            (*result).type_ = pg_sys::NodeTag::T_ResultRelInfo;
            pg_sys::InitResultRelInfo(result, table.raw(), 0, std::ptr::null_mut(), 0);
            pg_sys::ExecOpenIndices(result, false);
            if kept_checks {
                compat::set_check_expressions(result, self.checks);
            }
            let slot = pg_sys::MakeSingleTupleTableSlot((*table.raw()).rd_att, &raw const pg_sys::TTSOpsVirtual);
            for (index, value) in row.iter().enumerate() {
                *(*slot).tts_values.add(index) = value.unwrap_or(Datum::from(0usize));
                *(*slot).tts_isnull.add(index) = value.is_none();
            }
            (*slot).tts_tableOid = (*table.raw()).rd_id;
            pg_sys::ExecStoreVirtualTuple(slot);
            pg_sys::ExecConstraints(result, slot, estate);
            pg_sys::simple_table_tuple_insert(table.raw(), slot);
            if (*result).ri_NumIndices > 0 {
                pg_sys::list_free(compat::insert_index_tuples(result, slot, estate));
            }
            pg_sys::ExecCloseIndices(result);
            pg_sys::ExecDropSingleTupleTableSlot(slot);
            pg_sys::MemoryContextSwitchTo(former);
            pg_sys::FreeExecutorState(estate);
        }
    }
}

/// A constraint may call code that records events itself: then the inner call compiles its own checks.
struct InUse<'a>(&'a Cell<bool>);

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Drop for Leaf {
    fn drop(&mut self) {
        // SAFETY: made by compile(); values are dropped while the backend runs, never at its exit.
        unsafe { pg_sys::MemoryContextDelete(self.context) }
    }
}

/// What the executor asks before it writes: no read-only transaction, no standby, no parallel worker.
pub fn refuse_where_nothing_may_be_written() {
    // SAFETY: raise or return.
    unsafe {
        pg_sys::PreventCommandIfReadOnly(c"insert_audit_event()".as_ptr());
        pg_sys::PreventCommandIfParallelMode(c"insert_audit_event()".as_ptr());
    }
}
