//! What an export was, told behind its last event.

use serde::Serialize;

use super::event::write_json;
use crate::ids::{EventId, WorkspaceId};
use crate::search::window::Window;
use crate::time::Timestamp;

pub struct Summary {
    pub event_count: u64,
    /// None for all workspaces.
    pub workspace: Option<WorkspaceId>,
    pub window: Window,
    pub exported_at: Timestamp,
    /// The last event, else the one that the export began behind.
    pub last_event: Option<EventId>,
}

#[derive(Serialize)]
struct Line {
    audit_export: Told,
}

/// Every key is there; what is not bounded is null.
#[derive(Serialize)]
struct Told {
    event_count: u64,
    workspace_id: Option<String>,
    from: Option<String>,
    to: Option<String>,
    exported_at: String,
    last_event_id: Option<String>,
}

impl Summary {
    pub(super) fn line(&self) -> String {
        let bound = |time: Timestamp, open| (time != open).then(|| time.rfc3339());
        let told = Told {
            event_count: self.event_count,
            workspace_id: self.workspace.map(|id| id.to_string()),
            from: bound(self.window.since(), Timestamp::PAST),
            to: bound(self.window.until(), Timestamp::FUTURE),
            exported_at: self.exported_at.rfc3339(),
            last_event_id: self.last_event.map(|id| id.to_string()),
        };
        let mut line = Vec::new();
        write_json(&Line { audit_export: told }, &mut line);
        String::from_utf8_lossy(&line).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_not_bounded_is_null() {
        let whole = Summary {
            event_count: 0,
            workspace: None,
            window: Window::from(Timestamp::PAST),
            exported_at: Timestamp::UNIX_EPOCH,
            last_event: None,
        };
        assert_eq!(
            whole.line(),
            r#"{"audit_export":{"event_count":0,"workspace_id":null,"from":null,"to":null,"exported_at":"1970-01-01T00:00:00.000000Z","last_event_id":null}}"#
        );
        let part = Summary {
            event_count: 7,
            workspace: Some(WorkspaceId(Uuid::from_u128(9))),
            window: Window::at(Timestamp::UNIX_EPOCH),
            last_event: Some(EventId(Uuid::from_u128(8))),
            ..whole
        };
        assert_eq!(
            part.line(),
            r#"{"audit_export":{"event_count":7,"workspace_id":"00000000-0000-0000-0000-000000000009","from":"1970-01-01T00:00:00.000000Z","to":"1970-01-01T00:00:00.000001Z","exported_at":"1970-01-01T00:00:00.000000Z","last_event_id":"00000000-0000-0000-0000-000000000008"}}"#
        );
    }
}
