//! Action types, and which of them are reserved for the extension.

/// The key of metadata under which the extension says what it knows of an event. Callers cannot give it.
pub const SYSTEM_KEY: &str = "audit_ext";

/// Whether events of this action type are recorded by the extension itself: the audit of the audit.
pub fn is_system_action(action_type: &[u8]) -> bool {
    action_type.starts_with(b"AUDIT_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_actions_are_told_by_their_beginning() {
        assert!(is_system_action(b"AUDIT_EVENTS_ERASED"));
        for other in [&b""[..], b"AUDIT", b"audit_events", b"LOGIN", b"X_AUDIT_"] {
            assert!(!is_system_action(other), "{}", String::from_utf8_lossy(other));
        }
    }
}
