//! The events that vouch for deletions. They are the proof that a deletion was recorded, so they are never removed.
//!
//! Nobody but the extension records their actions. An event with such an action counts only if its resource is an entry of the deletion log of
//! its workspace: whoever writes an action by hand, as a superuser can, vouches for nothing and keeps nothing.

pub const ERASED: &str = "AUDIT_EVENTS_ERASED";
pub const PURGED: &str = "AUDIT_EVENTS_PURGED";
pub const ADOPTED: &str = "AUDIT_EVENTS_ADOPTED";
/// Events went to cold storage, or came back on loan and were returned.
pub const RELEASED: &str = "AUDIT_COLD_RELEASED";
/// All events of a workspace were removed.
pub const OFFBOARDED: &str = "AUDIT_WORKSPACE_OFFBOARDED";

pub const ACTIONS: [&str; 5] = [ERASED, PURGED, ADOPTED, RELEASED, OFFBOARDED];

/// In a statement, `@vouches@`: whether `entry`, of the deletion log, is what an event of workspace `$1` can vouch for. What was off-boarded is told in the nil workspace.
pub const IN_SQL: &str =
    "(entry.workspace_id = $1 OR entry.kind = 'offboarding' AND $1 = '00000000-0000-0000-0000-000000000000')";

/// Whether events of this action vouch for an entry of the deletion log, if they name one.
pub fn is_action(action_type: &[u8]) -> bool {
    ACTIONS.iter().any(|action| action.as_bytes() == action_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::action::is_system_action;

    #[test]
    fn callers_can_record_no_action_that_vouches() {
        assert!(ACTIONS.iter().all(|action| is_system_action(action.as_bytes()) && is_action(action.as_bytes())));
        for other in ["AUDIT_EVENTS_RESTORED", "AUDIT_EVENTS_ERASED ", "EVENTS_ERASED", ""] {
            assert!(!is_action(other.as_bytes()), "{other}");
        }
    }
}
