//! `audit_export_log()`: a log as NDJSON that a verifier reads without the database ([`audit_evidence::bundle`]).
//!
//! Lines are made as they are asked for, some at a time, so an export of millions of events takes no more memory than one of a hundred.

mod lines;
mod root;
mod workspace;

use audit_core::ids::WorkspaceId;

use self::lines::{Asked, Lines, Printed};
use super::asked::{demand_staff, fields, may_read};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum;
use crate::pg::row_source::{RowSource, next_row};
use crate::storage::Storage;

struct Export {
    lines: Option<Box<dyn Lines>>,
    printed: Printed,
}

impl RowSource for Export {
    type Error = Error;

    fn next(&mut self, _: &Call) -> Result<Option<Answer>, Error> {
        loop {
            if let Some(line) = self.printed.pop() {
                return Ok(Some(Answer::Value(datum::from_text(line.as_bytes()))));
            }
            let Some(lines) = &mut self.lines else { return Ok(None) };
            if !lines.more(&mut self.printed)? {
                self.lines = None;
            }
        }
    }
}

/// `audit_export_log(p_workspace_id, p_first, p_since_size, p_fields)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    next_row(call, || {
        let storage = Storage::of(call)?;
        let asked = Asked { first: call.int8(1).unwrap_or(0), since: call.int8(2), fields: fields(call, 3)? };
        let lines: Option<Box<dyn Lines>> = match call.uuid(0).map(WorkspaceId) {
            None => {
                demand_staff(&storage)?;
                Some(Box::new(root::RootLines::begin(&storage, &asked)?))
            }
            Some(workspace) if may_read(&storage, workspace)? => {
                Some(Box::new(workspace::WorkspaceLines::begin(&storage, workspace, asked)?))
            }
            Some(_) => None,
        };
        Ok(Export { lines, printed: Printed::default() })
    })
}
