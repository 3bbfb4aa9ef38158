//! The seven named constraints as a decision, so that a caller meets the name, a hint and no dump of the row.
//!
//! The tables state the same rules as CHECKs (`sql/schema/events.sql`): those hold on every path, also where triggers
//! do not fire; this is what answers the caller.

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

/// An event breaks one of the named constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    ActionTypeNotEmpty,
    ResourceTypeNotEmpty,
    WorkspaceIdNotNull,
    CreatedByUserIdNotNull,
    CreatedAtNotFuture,
    OldValuesNotEmpty,
    NewValuesNotEmpty,
}

impl Check {
    pub const ALL: [Check; 7] = [
        Check::ActionTypeNotEmpty,
        Check::ResourceTypeNotEmpty,
        Check::WorkspaceIdNotNull,
        Check::CreatedByUserIdNotNull,
        Check::CreatedAtNotFuture,
        Check::OldValuesNotEmpty,
        Check::NewValuesNotEmpty,
    ];

    pub fn constraint(self) -> &'static str {
        match self {
            Check::ActionTypeNotEmpty => "check_action_type_not_empty",
            Check::ResourceTypeNotEmpty => "check_resource_type_not_empty",
            Check::WorkspaceIdNotNull => "check_workspace_id_not_null",
            Check::CreatedByUserIdNotNull => "check_created_by_user_id_not_null",
            Check::CreatedAtNotFuture => "check_created_at_not_future",
            Check::OldValuesNotEmpty => "check_old_values_not_empty",
            Check::NewValuesNotEmpty => "check_new_values_not_empty",
        }
    }

    /// What the table's CHECK says, as PostgreSQL prints it in UTC: a constraint that says just this is decided here and need not be evaluated again
    /// before an event is stored directly.
    pub fn expression(self) -> &'static str {
        match self {
            Check::ActionTypeNotEmpty => {
                "((action_type IS NOT NULL) AND (btrim(action_type, ' \t\n\r\x0c\x0b'::text) <> ''::text))"
            }
            Check::ResourceTypeNotEmpty => {
                "((resource_type IS NOT NULL) AND (btrim(resource_type, ' \t\n\r\x0c\x0b'::text) <> ''::text))"
            }
            Check::WorkspaceIdNotNull => "(workspace_id IS NOT NULL)",
            Check::CreatedByUserIdNotNull => "(created_by_user_id IS NOT NULL)",
            Check::CreatedAtNotFuture => {
                "((created_at <= clock_timestamp()) OR (created_at = ('1970-01-01 00:00:00+00'::timestamp with time zone + \
                 ('00:00:00.000001'::interval * (((((('x'::text || replace(\"left\"((id)::text, 13), '-'::text, ''::text)))::bit(48))::bigint * 1000) \
                 + (((((('x'::text || substr((id)::text, 16, 3)))::bit(12))::integer * 1000) + 4095) / 4096)))::double precision))))"
            }
            Check::OldValuesNotEmpty => "((old_values IS NULL) OR (old_values <> '{}'::jsonb))",
            Check::NewValuesNotEmpty => "((new_values IS NULL) OR (new_values <> '{}'::jsonb))",
        }
    }

    /// Whether a CHECK of this name that says this is one of these.
    pub fn is_decided_here(name: &str, expression: &str) -> bool {
        Check::ALL.iter().any(|check| check.constraint() == name && check.expression() == expression)
    }

    /// The parameter a caller gave it by.
    pub fn column(self) -> &'static str {
        match self {
            Check::ActionTypeNotEmpty => "p_action_type",
            Check::ResourceTypeNotEmpty => "p_resource_type",
            Check::WorkspaceIdNotNull => "p_workspace_id",
            Check::CreatedByUserIdNotNull => "p_created_by_user_id",
            Check::CreatedAtNotFuture => "created_at",
            Check::OldValuesNotEmpty => "p_old_values",
            Check::NewValuesNotEmpty => "p_new_values",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Check::ActionTypeNotEmpty => "Name the action, for example 'CREATE_WORKSPACE'.",
            Check::ResourceTypeNotEmpty => "Name the kind of resource, for example 'workspace'.",
            Check::WorkspaceIdNotNull => {
                "Pass the workspace, or set it for the request: set_config('audit_ext.workspace_id', ..., true)."
            }
            Check::CreatedByUserIdNotNull => {
                "Pass the user, or set it for the request: set_config('audit_ext.user_id', ..., true)."
            }
            Check::CreatedAtNotFuture => "Leave created_at out to take the time of insertion.",
            Check::OldValuesNotEmpty | Check::NewValuesNotEmpty => {
                "Pass NULL instead of {} when there is nothing to say."
            }
        }
    }
}

impl IntoReport for Check {
    fn report(&self) -> Report {
        let name = self.constraint();
        Report::new(
            SqlState::CheckViolation,
            format!("new row for relation \"audit_events\" violates check constraint \"{name}\""),
        )
        .hint(self.hint())
        .constraint(name)
        .table("audit_events")
        .parameter(self.column())
    }
}

/// What the constraints look at.
pub struct Facts<'a> {
    pub action_type: Option<&'a [u8]>,
    pub resource_type: Option<&'a [u8]>,
    pub has_workspace: bool,
    pub has_user: bool,
    pub is_in_future: bool,
    pub old_values_empty: bool,
    pub new_values_empty: bool,
}

pub fn first_violation(facts: &Facts) -> Option<Check> {
    let checks = [
        (is_blank(facts.action_type), Check::ActionTypeNotEmpty),
        (is_blank(facts.resource_type), Check::ResourceTypeNotEmpty),
        (!facts.has_workspace, Check::WorkspaceIdNotNull),
        (!facts.has_user, Check::CreatedByUserIdNotNull),
        (facts.is_in_future, Check::CreatedAtNotFuture),
        (facts.old_values_empty, Check::OldValuesNotEmpty),
        (facts.new_values_empty, Check::NewValuesNotEmpty),
    ];
    checks.into_iter().find_map(|(violated, check)| violated.then_some(check))
}

/// NULL, empty, or nothing but ASCII white space: what `btrim(x, E' \t\n\r\f\x0b') = ''` says.
fn is_blank(text: Option<&[u8]>) -> bool {
    text.is_none_or(|bytes| bytes.iter().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0c | 0x0b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Facts<'static> {
        Facts {
            action_type: Some(b"LOGIN"),
            resource_type: Some(b"session"),
            has_workspace: true,
            has_user: true,
            is_in_future: false,
            old_values_empty: false,
            new_values_empty: false,
        }
    }

    #[test]
    fn a_sound_event_breaks_nothing() {
        assert_eq!(first_violation(&sound()), None);
    }

    #[test]
    fn each_rule_is_found_by_its_name() {
        for (facts, name) in [
            (Facts { action_type: None, ..sound() }, "check_action_type_not_empty"),
            (Facts { action_type: Some(b""), ..sound() }, "check_action_type_not_empty"),
            (Facts { resource_type: Some(b" \t\n"), ..sound() }, "check_resource_type_not_empty"),
            (Facts { has_workspace: false, ..sound() }, "check_workspace_id_not_null"),
            (Facts { has_user: false, ..sound() }, "check_created_by_user_id_not_null"),
            (Facts { is_in_future: true, ..sound() }, "check_created_at_not_future"),
            (Facts { old_values_empty: true, ..sound() }, "check_old_values_not_empty"),
            (Facts { new_values_empty: true, ..sound() }, "check_new_values_not_empty"),
        ] {
            assert_eq!(first_violation(&facts).map(Check::constraint), Some(name));
        }
    }
}
