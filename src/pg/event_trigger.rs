//! A call of an event trigger: which command, and its parse tree.

use std::ffi::CStr;

use pgrx::pg_sys;

use super::call::Call;
use super::statement::Statement;
use crate::error::Error;

pub struct EventTrigger {
    data: *mut pg_sys::EventTriggerData,
}

impl EventTrigger {
    pub fn of(call: &Call) -> Result<EventTrigger, Error> {
        // SAFETY: context is NULL or a node.
        unsafe {
            let context = (*call.raw()).context;
            if context.is_null() || (*context).type_ != pg_sys::NodeTag::T_EventTriggerData {
                return Err(Error::NotATrigger);
            }
            Ok(EventTrigger { data: context.cast() })
        }
    }

    /// The command as Postgres names it, for example ALTER TABLE.
    pub fn tag(&self) -> &'static str {
        // SAFETY: names of commands are constants of the server.
        unsafe { CStr::from_ptr(pg_sys::GetCommandTagName((*self.data).tag)).to_str().unwrap_or_default() }
    }

    pub fn statement(&self) -> Statement {
        // SAFETY: data and the tree it points to are valid during the call.
        unsafe { Statement::new((*self.data).parsetree) }
    }
}
