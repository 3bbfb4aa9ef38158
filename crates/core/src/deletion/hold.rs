//! A legal hold, as far as a removal depends on it.

use uuid::Uuid;

use crate::ids::UserId;

/// A hold that has not been released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    pub id: Uuid,
    /// None: the whole workspace.
    pub user: Option<UserId>,
}
