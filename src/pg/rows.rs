//! The answer of a set-returning function, kept in a tuplestore (spilling to disk beyond work_mem).

use pgrx::pg_sys;

use super::call::Call;
use super::datum::{Datum, held};
use super::misuse::Misuse;
use super::row::assert_fits;

pub struct Rows {
    store: *mut pg_sys::Tuplestorestate,
    description: pg_sys::TupleDesc,
}

impl Rows {
    /// Prepares the answer of `call`, a function declared SETOF or TABLE.
    pub fn of(call: &Call) -> Result<Rows, Misuse> {
        // SAFETY: the protocol of fmgr/README, "functions returning sets, materialize mode". Store and description must
        // live in the per-query context.
        unsafe {
            let info = super::node::place::<pg_sys::ReturnSetInfo>((*call.raw()).resultinfo);
            let Some(info) =
                info.filter(|info| (**info).allowedModes & pg_sys::SetFunctionReturnMode::SFRM_Materialize as i32 != 0)
            else {
                return Err(Misuse::SetNotExpected);
            };
            let former = pg_sys::MemoryContextSwitchTo((*(*info).econtext).ecxt_per_query_memory);
            let mut description: pg_sys::TupleDesc = std::ptr::null_mut();
            let mut result_type = pg_sys::InvalidOid;
            let class = pg_sys::get_call_result_type(call.raw(), &mut result_type, &mut description);
            if class == pg_sys::TypeFuncClass::TYPEFUNC_SCALAR {
                description = pg_sys::CreateTemplateTupleDesc(1);
                pg_sys::TupleDescInitEntry(description, 1, c"value".as_ptr(), result_type, -1, 0);
            }
            let random_access =
                (*info).allowedModes & pg_sys::SetFunctionReturnMode::SFRM_Materialize_Random as i32 != 0;
            let store = pg_sys::tuplestore_begin_heap(random_access, false, pg_sys::work_mem);
            (*info).returnMode = pg_sys::SetFunctionReturnMode::SFRM_Materialize;
            (*info).setResult = store;
            (*info).setDesc = description;
            pg_sys::MemoryContextSwitchTo(former);
            Ok(Rows { store, description })
        }
    }

    /// Adds a row; the values are copied.
    pub fn push(&mut self, values: &[Option<Datum>]) {
        // SAFETY: as many values as columns, of their types.
        unsafe {
            assert_fits(self.description, values);
            let (mut values, mut nulls): (Vec<_>, Vec<_>) = values.iter().copied().map(held).unzip();
            pg_sys::tuplestore_putvalues(self.store, self.description, values.as_mut_ptr(), nulls.as_mut_ptr());
        }
    }
}
