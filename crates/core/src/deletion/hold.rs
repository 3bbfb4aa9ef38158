//! A legal hold, as far as a removal depends on it.

use uuid::Uuid;

use super::denial::Denial;
use crate::ids::UserId;

/// A hold that has not been released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    pub id: Uuid,
    /// None: the whole workspace.
    pub user: Option<UserId>,
}

/// Refuses what may not be done while anything of a workspace is held, by a hold on it or on any user of it.
pub fn none(in_force: &[Hold]) -> Result<(), Denial> {
    in_force.first().map_or(Ok(()), |hold| Err(Denial::Held { hold: hold.id }))
}
