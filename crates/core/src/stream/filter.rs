//! Which events a stream delivers.

use uuid::Uuid;

use crate::event::id;
use crate::ids::{EventId, WorkspaceId};
use crate::search::action::ActionPattern;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamFilter {
    /// None: of all workspaces.
    pub workspace: Option<WorkspaceId>,
    /// None: of all action types.
    pub actions: Option<Vec<ActionPattern>>,
    /// Whether imported events are delivered too.
    pub imported: bool,
}

impl StreamFilter {
    pub fn admits_workspace(&self, workspace: Uuid) -> bool {
        self.workspace.is_none_or(|wanted| wanted.0 == workspace)
    }

    pub fn admits_id(&self, event: EventId) -> bool {
        self.imported || !id::is_of_import(&event)
    }

    pub fn admits_action(&self, action: &[u8]) -> bool {
        self.actions.as_ref().is_none_or(|patterns| patterns.iter().any(|pattern| pattern.fits(action)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: StreamFilter = StreamFilter { workspace: None, actions: None, imported: true };

    #[test]
    fn nothing_said_admits_all() {
        assert!(ALL.admits_workspace(Uuid::nil()) && ALL.admits_action(b"x"));
        assert!(ALL.admits_id(EventId(Uuid::from_u128(0x8000 << 64))));
    }

    #[test]
    fn each_filter_asks_for_its_own() {
        let one = StreamFilter { workspace: Some(WorkspaceId(Uuid::max())), ..ALL };
        assert!(one.admits_workspace(Uuid::max()) && !one.admits_workspace(Uuid::nil()));
        let native = StreamFilter { imported: false, ..ALL };
        assert!(native.admits_id(EventId(Uuid::from_u128(0x7000 << 64))));
        assert!(!native.admits_id(EventId(Uuid::from_u128(0x8000 << 64))));
        let patterns = ["role.*", "LOGIN"].map(|pattern| ActionPattern::parse(pattern.into()));
        let roles = StreamFilter { actions: Some(patterns.into()), ..ALL };
        assert!(roles.admits_action(b"role.granted") && roles.admits_action(b"LOGIN"));
        assert!(!roles.admits_action(b"LOGIN_FAILED") && !roles.admits_action(b""));
    }
}
