//! `audit_cold_coverage()`: which months of a workspace are in cold storage, for readers of its trail.

use super::workspace;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::rows::Rows;
use crate::pg::{parameter, spi};
use crate::storage::Storage;
use crate::trail::visibility::{self, Reading, ReadsForNobody};

/// `audit_cold_coverage(p_workspace_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut answer = Rows::of(call)?;
    let workspace = workspace(call)?;
    match visibility::reading(&storage, workspace)? {
        Reading::Allowed => (),
        Reading::NotAMember => return Ok(Answer::Nothing),
        Reading::NoUser(why) => return Err(ReadsForNobody { why }.into()),
    }
    let sql = storage.fill(include_str!("../../sql/cold/coverage.sql"), &[]);
    spi::read_with(&sql, &[parameter::uuid(workspace)], |row| {
        answer.push(&[row.column(1), row.column(2), row.column(3), row.column(4), row.column(5)]);
    });
    Ok(Answer::Nothing)
}
