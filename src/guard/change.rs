//! The two changes of an event that its guard admits, each under a [`crate::permit`]: an erasure, and an adoption. In both the guard sets the key, so
//! no statement can leave it out.

use audit_core::event::column::Column;

use crate::error::Error;
use crate::event::adopt::{is_adoption, is_erased, new_key};
use crate::event::erase::{erased_key, is_erasure};
use crate::event::row::{Columns, SHAPE};
use crate::permit::{self, Purpose};
use crate::pg::call::Answer;
use crate::pg::trigger::Trigger;
use crate::record::seal;
use crate::taken;

/// The row as it is to be stored, if the change is admitted.
pub fn admitted(trigger: &Trigger) -> Result<Option<Answer>, Error> {
    let old: Columns = trigger.columns(trigger.old_row(), &SHAPE)?;
    let mut new: Columns = trigger.columns(trigger.new_row(), &SHAPE)?;
    let key = match permit::admits(|purpose| is_change(purpose, &old, &new)) {
        // The key goes with the payload, by whatever statement: what is left of it leads to the same leaf and to no value.
        Some(Purpose::Erase { .. }) => erased_key(&old),
        Some(Purpose::Adopt { .. }) if old.is_null(Column::SealKey) => Some(new_key(&old, seal::new_key()?)),
        Some(_) => None,
        None => return Ok(None),
    };
    if key.is_some() {
        new.set(Column::SealKey, key);
    }
    if is_listed(&old, &new) {
        taken::note(&new);
    }
    let changes = key.map(|key| (Column::SealKey.number(), Some(key)));
    Ok(Some(trigger.pass_with(trigger.new_row(), changes.as_slice())))
}

fn is_change(purpose: Purpose, old: &Columns, new: &Columns) -> bool {
    match purpose {
        Purpose::Erase { workspace, user, about } => {
            old.workspace() == Some(workspace)
                && (old.actor() == Some(user) || about && old.uuid(Column::ResourceId) == Some(user.0))
                && is_erasure(old, new)
        }
        Purpose::Adopt { mark } => is_adoption(old, new, mark),
        _ => false,
    }
}

/// Whether the change goes on the list of the deletion: an erasure does, and an erased event that no erasure of this trail can have listed with its leaf.
fn is_listed(old: &Columns, new: &Columns) -> bool {
    let was_incomplete = old.is_null(Column::SealKey) || old.is_null(Column::SealXid);
    is_erased(new) && (was_incomplete || !is_erased(old))
}
