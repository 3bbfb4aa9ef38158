//! A call of an event trigger: which command, and its parse tree.

use std::ffi::CStr;

use pgrx::pg_sys;

use super::call::Call;
use super::misuse::Misuse;
use super::node::cast;
use super::statement::{Statement, text};

pub struct EventTrigger<'call> {
    data: &'call pg_sys::EventTriggerData,
}

/// `ALTER TABLE … RENAME COLUMN from TO to`.
pub struct ColumnRenamed {
    pub from: String,
    pub to: String,
}

/// A command that gives tables another schema, or their schema another name, without naming them.
pub enum Moved {
    /// `ALTER SCHEMA … RENAME`, with the former name.
    Schema(String),
    /// `ALTER EXTENSION … SET SCHEMA`.
    Extension,
}

impl<'call> EventTrigger<'call> {
    pub fn of(call: &'call Call) -> Result<EventTrigger<'call>, Misuse> {
        // SAFETY: context is NULL or a node, valid during the call.
        let data = unsafe { cast::<pg_sys::EventTriggerData>((*call.raw()).context) };
        data.map(|data| EventTrigger { data }).ok_or(Misuse::NotATrigger)
    }

    /// The command as Postgres names it, for example ALTER TABLE.
    pub fn tag(&self) -> &'static str {
        // SAFETY: names of commands are constants of the server.
        unsafe { CStr::from_ptr(pg_sys::GetCommandTagName(self.data.tag)).to_str().unwrap_or_default() }
    }

    pub fn statement(&self) -> Statement<'call> {
        // SAFETY: data and the tree it points to are valid during the call.
        unsafe { Statement::new(self.data.parsetree) }
    }

    /// The column that the command renamed, if that is what it did.
    pub fn column_renamed(&self) -> Option<ColumnRenamed> {
        // SAFETY: the parse tree belongs to the running command; names are NULL or C strings.
        unsafe {
            let rename = cast::<pg_sys::RenameStmt>(self.data.parsetree)?;
            (rename.renameType == pg_sys::ObjectType::OBJECT_COLUMN)
                .then(|| ColumnRenamed { from: text(rename.subname), to: text(rename.newname) })
        }
    }

    /// What the command moved together with all that is in it.
    pub fn moved(&self) -> Option<Moved> {
        use pg_sys::ObjectType;
        // SAFETY: the parse tree belongs to the running command.
        unsafe {
            if let Some(rename) = cast::<pg_sys::RenameStmt>(self.data.parsetree) {
                let is_schema = rename.renameType == ObjectType::OBJECT_SCHEMA;
                return is_schema.then(|| Moved::Schema(text(rename.subname)));
            }
            let change = cast::<pg_sys::AlterObjectSchemaStmt>(self.data.parsetree)?;
            (change.objectType == ObjectType::OBJECT_EXTENSION).then_some(Moved::Extension)
        }
    }
}
