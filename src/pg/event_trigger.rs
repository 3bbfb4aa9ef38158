//! A call of an event trigger: which command, and its parse tree.

use std::ffi::{CStr, c_char};

use pgrx::pg_sys;

use super::call::Call;
use super::statement::Statement;
use crate::error::Error;

pub struct EventTrigger {
    data: *mut pg_sys::EventTriggerData,
}

/// `ALTER TABLE … RENAME COLUMN from TO to`.
pub struct ColumnRenamed {
    pub from: String,
    pub to: String,
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

    /// The column that the command renamed, if that is what it did.
    pub fn column_renamed(&self) -> Option<ColumnRenamed> {
        // SAFETY: the parse tree belongs to the running command; both names of a renamed column are C strings.
        unsafe {
            let tree = (*self.data).parsetree;
            if tree.is_null() || (*tree).type_ != pg_sys::NodeTag::T_RenameStmt {
                return None;
            }
            let rename = tree.cast::<pg_sys::RenameStmt>();
            let text = |name: *const c_char| CStr::from_ptr(name).to_string_lossy().into_owned();
            ((*rename).renameType == pg_sys::ObjectType::OBJECT_COLUMN)
                .then(|| ColumnRenamed { from: text((*rename).subname), to: text((*rename).newname) })
        }
    }
}
