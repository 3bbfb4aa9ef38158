//! Who asks for evidence, and of what.

use audit_core::catalogue::LOG_TILES;
use audit_core::ids::WorkspaceId;
use audit_evidence::field::Field;

use super::error::EvidenceError;
use crate::error::Error;
use crate::pg::call::Call;
use crate::pg::{array, role};
use crate::storage::Storage;
use crate::trail::visibility::{self, Reading, ReadsForNobody};

/// Whether the session may read this workspace; an error where a gateway does not say for whom it reads.
pub fn may_read(storage: &Storage, workspace: WorkspaceId) -> Result<bool, Error> {
    match visibility::reading(storage, workspace)? {
        Reading::Allowed => Ok(true),
        Reading::NotAMember => Ok(false),
        Reading::NoUser(why) => Err(ReadsForNobody { why }.into()),
    }
}

/// The root log names all workspaces. It is for whoever may read its table anyway.
pub fn demand_staff(storage: &Storage) -> Result<(), Error> {
    let may_select = role::may_select(role::outer_user(), storage.oid(LOG_TILES)?);
    if may_select && visibility::reads_everywhere(storage)? { Ok(()) } else { Err(EvidenceError::NotStaff.into()) }
}

/// The columns to show; None for all.
pub fn fields(call: &Call, position: usize) -> Result<Option<Vec<Field>>, EvidenceError> {
    let Some(names) = call.datum(position) else { return Ok(None) };
    let field = |name: Option<String>| {
        let name = name.unwrap_or_else(|| "NULL".into());
        Field::named(&name).ok_or(EvidenceError::UnknownField { field: name })
    };
    let mut fields = array::read_texts(names).into_iter().map(field).collect::<Result<Vec<_>, _>>()?;
    fields.sort_unstable();
    fields.dedup();
    Ok(Some(fields))
}
