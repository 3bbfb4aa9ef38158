//! The two changes of an event that its guard admits, each under a [`crate::permit`]: an erasure, and an adoption. In both the guard sets the key, so
//! no statement can leave it out.

use audit_core::event::column::Column;

use crate::error::Error;
use crate::event::adopt::{is_adoption, is_erased, new_key};
use crate::event::erase::is_erasure;
use crate::event::row::{Columns, SHAPE};
use crate::permit::{self, Purpose};
use crate::pg::call::Answer;
use crate::pg::datum::{self, Datum};
use crate::pg::trigger::Trigger;
use crate::record::seal;
use crate::taken;

/// The row as it is to be stored, if the change is admitted.
pub fn admitted(trigger: &Trigger) -> Result<Option<Answer>, Error> {
    let old: Columns = trigger.columns(trigger.old_row(), &SHAPE)?;
    let new: Columns = trigger.columns(trigger.new_row(), &SHAPE)?;
    let key = match permit::admits(|purpose| is_change(purpose, &old, &new)) {
        // The key goes with the payload, by whatever statement: what is left of it leads to the same leaf and to no value.
        Some(Purpose::Erase { .. }) => taken::note_erased(&old).map(|key| datum::from_bytes(&key)),
        Some(_) => adopted_key(&old)?,
        None => return Ok(None),
    };
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

/// The key that adoption gives; None where there is one. An erased event that no erasure of this trail can have listed with its leaf is listed now.
fn adopted_key<'a>(old: &Columns<'a>) -> Result<Option<Datum<'a>>, Error> {
    let key = match old.is_null(Column::SealKey) {
        true => Some(new_key(old, seal::new_key()?)),
        false => None,
    };
    let was_incomplete = key.is_some() || old.is_null(Column::SealXid);
    if was_incomplete && is_erased(old) {
        let mut stored = old.clone();
        stored.set(Column::SealKey, key.or_else(|| old.value(Column::SealKey)));
        taken::note(&stored);
    }
    Ok(key)
}
