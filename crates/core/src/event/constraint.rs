//! The seven named constraints of an event.
//!
//! The tables have the same rules as CHECK constraints (`sql/schema/events.sql`), which hold on every path, also where triggers do not
//! fire. They are checked here first, because the error of a CHECK has no hint and shows the whole row.

use crate::catalogue::EVENTS;
use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

/// An event breaks one of the named constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    ActionTypeNotEmpty,
    ResourceTypeNotEmpty,
    WorkspaceIdNotNull,
    CreatedByUserIdNotNull,
    CreatedAtNotFuture,
    OldValuesNotEmpty,
    NewValuesNotEmpty,
}

impl Constraint {
    pub const ALL: [Constraint; 7] = [
        Constraint::ActionTypeNotEmpty,
        Constraint::ResourceTypeNotEmpty,
        Constraint::WorkspaceIdNotNull,
        Constraint::CreatedByUserIdNotNull,
        Constraint::CreatedAtNotFuture,
        Constraint::OldValuesNotEmpty,
        Constraint::NewValuesNotEmpty,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Constraint::ActionTypeNotEmpty => "check_action_type_not_empty",
            Constraint::ResourceTypeNotEmpty => "check_resource_type_not_empty",
            Constraint::WorkspaceIdNotNull => "check_workspace_id_not_null",
            Constraint::CreatedByUserIdNotNull => "check_created_by_user_id_not_null",
            Constraint::CreatedAtNotFuture => "check_created_at_not_future",
            Constraint::OldValuesNotEmpty => "check_old_values_not_empty",
            Constraint::NewValuesNotEmpty => "check_new_values_not_empty",
        }
    }

    /// What the table's CHECK says, as PostgreSQL prints it in UTC: a constraint that says just this is decided here and need not be evaluated again
    /// before an event is stored directly.
    pub fn expression(self) -> &'static str {
        match self {
            Constraint::ActionTypeNotEmpty => {
                "((action_type IS NOT NULL) AND (btrim(action_type, ' \t\n\r\x0c\x0b'::text) <> ''::text))"
            }
            Constraint::ResourceTypeNotEmpty => {
                "((resource_type IS NOT NULL) AND (btrim(resource_type, ' \t\n\r\x0c\x0b'::text) <> ''::text))"
            }
            Constraint::WorkspaceIdNotNull => "(workspace_id IS NOT NULL)",
            Constraint::CreatedByUserIdNotNull => "(created_by_user_id IS NOT NULL)",
            Constraint::CreatedAtNotFuture => {
                "((created_at <= clock_timestamp()) OR (created_at = ('1970-01-01 00:00:00+00'::timestamp with time zone + \
                 ('00:00:00.000001'::interval * (((((('x'::text || replace(\"left\"((id)::text, 13), '-'::text, ''::text)))::bit(48))::bigint * 1000) \
                 + (((((('x'::text || substr((id)::text, 16, 3)))::bit(12))::integer * 1000) + 4095) / 4096)))::double precision))))"
            }
            Constraint::OldValuesNotEmpty => "((old_values IS NULL) OR (old_values <> '{}'::jsonb))",
            Constraint::NewValuesNotEmpty => "((new_values IS NULL) OR (new_values <> '{}'::jsonb))",
        }
    }

    /// Whether a CHECK of this name that says this is one of these.
    pub fn is_decided_here(name: &str, expression: &str) -> bool {
        Constraint::ALL.iter().any(|check| check.name() == name && check.expression() == expression)
    }

    /// The parameter that a caller gives it by.
    pub fn parameter(self) -> &'static str {
        match self {
            Constraint::ActionTypeNotEmpty => "p_action_type",
            Constraint::ResourceTypeNotEmpty => "p_resource_type",
            Constraint::WorkspaceIdNotNull => "p_workspace_id",
            Constraint::CreatedByUserIdNotNull => "p_created_by_user_id",
            Constraint::CreatedAtNotFuture => "created_at",
            Constraint::OldValuesNotEmpty => "p_old_values",
            Constraint::NewValuesNotEmpty => "p_new_values",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Constraint::ActionTypeNotEmpty => "Name the action, for example 'CREATE_WORKSPACE'.",
            Constraint::ResourceTypeNotEmpty => "Name the kind of resource, for example 'workspace'.",
            Constraint::WorkspaceIdNotNull => {
                "Pass the workspace, or set it for the request: set_config('audit_ext.workspace_id', ..., true)."
            }
            Constraint::CreatedByUserIdNotNull => {
                "Pass the user, or set it for the request: set_config('audit_ext.user_id', ..., true)."
            }
            Constraint::CreatedAtNotFuture => "Leave created_at out to take the time of insertion.",
            Constraint::OldValuesNotEmpty | Constraint::NewValuesNotEmpty => {
                "Pass NULL instead of {} when there is nothing to say."
            }
        }
    }
}

impl IntoReport for Constraint {
    fn report(&self) -> Report {
        let name = self.name();
        Report::new(
            SqlState::CheckViolation,
            format!("new row for relation \"audit_events\" violates check constraint \"{name}\""),
        )
        .hint(self.hint())
        .constraint(name)
        .table(EVENTS)
        .parameter(self.parameter())
    }
}

/// What the constraints look at.
pub struct EventFacts<'a> {
    pub action_type: Option<&'a [u8]>,
    pub resource_type: Option<&'a [u8]>,
    pub has_workspace: bool,
    pub has_user: bool,
    pub is_in_future: bool,
    pub old_values_empty: bool,
    pub new_values_empty: bool,
}

pub fn first_violation(facts: &EventFacts) -> Option<Constraint> {
    let checks = [
        (is_blank(facts.action_type), Constraint::ActionTypeNotEmpty),
        (is_blank(facts.resource_type), Constraint::ResourceTypeNotEmpty),
        (!facts.has_workspace, Constraint::WorkspaceIdNotNull),
        (!facts.has_user, Constraint::CreatedByUserIdNotNull),
        (facts.is_in_future, Constraint::CreatedAtNotFuture),
        (facts.old_values_empty, Constraint::OldValuesNotEmpty),
        (facts.new_values_empty, Constraint::NewValuesNotEmpty),
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

    fn sound() -> EventFacts<'static> {
        EventFacts {
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
            (EventFacts { action_type: None, ..sound() }, "check_action_type_not_empty"),
            (EventFacts { action_type: Some(b""), ..sound() }, "check_action_type_not_empty"),
            (EventFacts { resource_type: Some(b" \t\n"), ..sound() }, "check_resource_type_not_empty"),
            (EventFacts { has_workspace: false, ..sound() }, "check_workspace_id_not_null"),
            (EventFacts { has_user: false, ..sound() }, "check_created_by_user_id_not_null"),
            (EventFacts { is_in_future: true, ..sound() }, "check_created_at_not_future"),
            (EventFacts { old_values_empty: true, ..sound() }, "check_old_values_not_empty"),
            (EventFacts { new_values_empty: true, ..sound() }, "check_new_values_not_empty"),
        ] {
            assert_eq!(first_violation(&facts).map(Constraint::name), Some(name));
        }
    }
}
