//! What may be done to a part of the trail. The list of allowed actions is short: what maintenance needs. Everything else is refused with a
//! reason.

use super::index::{create_index, create_statistics, is_payload};
use super::reason::Reason;
use super::verdict::Verdict;
use crate::catalogue::rights::may_be_granted;
use crate::catalogue::{self, EVENTS, MEMBERSHIP_TRIGGER};
use crate::ddl::command::{Action, Alteration, Grantee, Part, Right};
use crate::ddl::subject::{Subject, SubjectKind};

pub fn decide(subject: &Subject, action: &Action, by_superuser: bool) -> Verdict {
    match (subject.kind, action) {
        (SubjectKind::Schema, Action::Drop { .. }) | (SubjectKind::Possessions, _) => Verdict::Refuse(Reason::Drop),
        // ON ALL … IN SCHEMA.
        (SubjectKind::Schema, Action::Grant { .. }) => Verdict::TakeBack,
        (SubjectKind::Schema, Action::Revoke { roles }) if is_owner_among(subject, roles) => {
            Verdict::Refuse(Reason::OwnersRights)
        }
        (SubjectKind::Extension, Action::Drop { cascade: true }) if by_superuser => Verdict::Warn,
        (SubjectKind::Extension, Action::Drop { cascade: true }) => Verdict::Refuse(Reason::Extension),
        // Without CASCADE Postgres refuses by itself: the trail depends on the extension.
        (SubjectKind::Extension, Action::Drop { .. }) | (SubjectKind::Function, Action::Drop { .. }) => Verdict::Pass,
        (_, Action::JoinExtension) => Verdict::Refuse(Reason::Membership),
        (_, Action::Unknown) => Verdict::Refuse(Reason::Unknown),
        (SubjectKind::Publication, _) => Verdict::Record("AUDIT_DDL_PUBLICATION_CHANGED"),
        (SubjectKind::Schema | SubjectKind::Extension, _) => Verdict::Pass,
        (_, Action::Grant { may_be_passed_on: true, .. }) => Verdict::Refuse(Reason::Rights),
        (_, Action::Grant { rights, roles, .. }) => grant(&subject.name, rights, roles),
        (_, Action::Revoke { roles }) if is_owner_among(subject, roles) => Verdict::Refuse(Reason::OwnersRights),
        (_, Action::Revoke { .. }) => Verdict::Record("AUDIT_DDL_RIGHTS_REVOKED"),
        (SubjectKind::Function, _) => Verdict::Refuse(Reason::Function),
        (SubjectKind::TheirIndex, Action::Drop { .. }) => Verdict::Record("AUDIT_DDL_INDEX_DROPPED"),
        (SubjectKind::TheirIndex, _) => Verdict::Record("AUDIT_DDL_INDEX_CHANGED"),
        (SubjectKind::Index, Action::Alter(Alteration::StorageParameters)) => {
            Verdict::Record("AUDIT_DDL_STORAGE_CHANGED")
        }
        (SubjectKind::Index, Action::Alter(Alteration::Statistics { .. })) => Verdict::Pass,
        (SubjectKind::Index, _) => Verdict::Refuse(Reason::OwnIndex),
        (_, Action::DropPart(part, name)) => drop_part(subject.kind, *part, name),
        (SubjectKind::View, _) => Verdict::Refuse(Reason::View),
        (SubjectKind::Table | SubjectKind::Partition, action) => on_table(subject, action),
    }
}

fn is_owner_among(subject: &Subject, roles: &[Grantee]) -> bool {
    subject.owner.is_some_and(|owner| roles.contains(&Grantee::Role(owner)))
}

fn on_table(subject: &Subject, action: &Action) -> Verdict {
    match action {
        Action::Alter(alteration) => alter(subject, alteration),
        Action::CreateIndex(index) => create_index(index),
        Action::CreateStatistics(ingredients) => create_statistics(subject, ingredients),
        Action::Add(_) | Action::DependOnExtension => Verdict::Refuse(Reason::ForeignCode),
        Action::Drop { .. } => Verdict::Refuse(Reason::Drop),
        // CREATE VIEW under the name of a table fails by itself.
        Action::Replace => Verdict::Pass,
        Action::AttachTo | Action::AttachedAs => Verdict::Refuse(Reason::Partitions),
        Action::BeReferenced => Verdict::Refuse(Reason::Reference),
        Action::Rename | Action::SetSchema => Verdict::Refuse(Reason::Name),
        Action::SetOwner => Verdict::Refuse(Reason::Owner),
        Action::SecurityLabel => Verdict::Refuse(Reason::Label),
        Action::AlterSequence => Verdict::Refuse(Reason::Sequence),
        Action::OwnSequence => Verdict::Refuse(Reason::Shape),
        Action::DropPart(..)
        | Action::JoinExtension
        | Action::Grant { .. }
        | Action::Revoke { .. }
        | Action::Publish
        | Action::Unknown => {
            unreachable!("decided above")
        }
    }
}

fn alter(subject: &Subject, alteration: &Alteration) -> Verdict {
    let is_membership = |name: &str| name == MEMBERSHIP_TRIGGER && subject.name == EVENTS;
    match alteration {
        Alteration::StorageParameters => Verdict::Record("AUDIT_DDL_STORAGE_CHANGED"),
        Alteration::ReplicaIdentity => Verdict::Record("AUDIT_DDL_REPLICA_IDENTITY_CHANGED"),
        Alteration::Statistics { column, samples: true } if is_payload(subject, column) => {
            Verdict::Refuse(Reason::PayloadStatistics)
        }
        Alteration::Statistics { .. } => Verdict::Record("AUDIT_DDL_STATISTICS_CHANGED"),
        Alteration::ClusterOn => Verdict::Pass,
        Alteration::DisableTrigger(name) if is_membership(name) => {
            Verdict::Record("AUDIT_DDL_MEMBERSHIP_CHECK_DISABLED")
        }
        Alteration::EnableTrigger(name) if is_membership(name) => Verdict::Record("AUDIT_DDL_MEMBERSHIP_CHECK_ENABLED"),
        Alteration::EnableTrigger(_) | Alteration::DisableTrigger(_) | Alteration::Triggers => {
            Verdict::Refuse(Reason::Triggers)
        }
        Alteration::NoRowSecurity => Verdict::Record("AUDIT_DDL_ROW_SECURITY_DISABLED"),
        Alteration::Partitions => Verdict::Refuse(Reason::Partitions),
        Alteration::Owner => Verdict::Refuse(Reason::Owner),
        Alteration::Tablespace => Verdict::Refuse(Reason::Tablespace),
        Alteration::Columns | Alteration::Constraints | Alteration::Other => Verdict::Refuse(Reason::Shape),
    }
}

/// What the access levels may give, to roles that are named, and not by column: audit_grant() would not find those again.
fn grant(object: &str, rights: &[Right], roles: &[Grantee]) -> Verdict {
    let is_given = |right: &Right| !right.on_columns && may_be_granted(object, &right.name);
    match rights.iter().all(is_given) && !roles.contains(&Grantee::Public) {
        true => Verdict::Record("AUDIT_DDL_RIGHTS_GRANTED"),
        false => Verdict::Refuse(Reason::Rights),
    }
}

/// Triggers of ours are named audit…, apart from one, and we have neither rules (but those of views) nor policies: whatever else
/// sits on our tables is somebody's, and may go.
fn drop_part(kind: SubjectKind, part: Part, name: &str) -> Verdict {
    let ours = match part {
        Part::Trigger => catalogue::is_name_of_trigger(name),
        Part::Rule => kind == SubjectKind::View,
        Part::Policy => false,
    };
    if ours { Verdict::Refuse(Reason::Triggers) } else { Verdict::Record("AUDIT_DDL_FOREIGN_OBJECT_DROPPED") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::ARCHIVE;
    use crate::ddl::command::Index;

    fn subject(kind: SubjectKind, name: &str) -> Subject {
        Subject { kind, name: name.to_owned(), owner: Some(OWNER) }
    }

    const OWNER: u32 = 10;

    fn on_events(action: Action) -> Verdict {
        decide(&subject(SubjectKind::Table, EVENTS), &action, true)
    }

    fn altered(alteration: Alteration) -> Verdict {
        on_events(Action::Alter(alteration))
    }

    fn right(name: &str) -> Right {
        Right { name: name.to_owned(), on_columns: false }
    }

    fn every_action() -> Vec<Action> {
        use Alteration::*;
        let alterations = [
            StorageParameters,
            Statistics { column: "tags".into(), samples: true },
            Statistics { column: "tags".into(), samples: false },
            Statistics { column: "action_type".into(), samples: true },
            ReplicaIdentity,
            ClusterOn,
            EnableTrigger("t".into()),
            DisableTrigger("t".into()),
            Triggers,
            NoRowSecurity,
            Partitions,
            Columns,
            Constraints,
            Owner,
            Tablespace,
            Other,
        ];
        let index = |unique| Index { unique, concurrently: false, ingredients: vec![] };
        let mut actions = vec![
            Action::CreateIndex(index(false)),
            Action::CreateIndex(index(true)),
            Action::Drop { cascade: false },
            Action::Drop { cascade: true },
            Action::Replace,
            Action::AttachTo,
            Action::AttachedAs,
            Action::BeReferenced,
            Action::Rename,
            Action::SetSchema,
            Action::SetOwner,
            Action::DependOnExtension,
            Action::JoinExtension,
            Action::SecurityLabel,
            Action::AlterSequence,
            Action::OwnSequence,
            Action::Unknown,
            Action::Grant { rights: vec![right("ALL")], roles: vec![], may_be_passed_on: false },
            Action::Revoke { roles: vec![Grantee::Role(OWNER)] },
            Action::Revoke { roles: vec![] },
        ];
        actions.extend(alterations.map(Action::Alter));
        for part in [Part::Trigger, Part::Rule, Part::Policy] {
            actions.extend([Action::Add(part), Action::DropPart(part, "audit_x".into())]);
        }
        actions
    }

    /// The whole list: whoever adds to it changes this test.
    #[test]
    fn what_is_allowed_on_a_table_is_a_short_list() {
        let allowed = |kind, name| -> Vec<String> {
            every_action()
                .into_iter()
                .filter(|action| !matches!(decide(&subject(kind, name), action, true), Verdict::Refuse(_)))
                .map(|action| format!("{action:?}"))
                .collect()
        };
        let on_tables = [
            "CreateIndex(Index { unique: false, concurrently: false, ingredients: [] })",
            "Replace",
            "Revoke { roles: [] }",
            "Alter(StorageParameters)",
            "Alter(Statistics { column: \"tags\", samples: false })",
            "Alter(Statistics { column: \"action_type\", samples: true })",
            "Alter(ReplicaIdentity)",
            "Alter(ClusterOn)",
            "Alter(NoRowSecurity)",
            "DropPart(Rule, \"audit_x\")",
            "DropPart(Policy, \"audit_x\")",
        ];
        assert_eq!(allowed(SubjectKind::Table, EVENTS), on_tables);
        assert_eq!(allowed(SubjectKind::Partition, "audit_events_default"), on_tables);
        assert_eq!(
            allowed(SubjectKind::View, "vw_security_audit"),
            ["Revoke { roles: [] }", "DropPart(Policy, \"audit_x\")"]
        );
        assert_eq!(
            allowed(SubjectKind::Index, "audit_events_id_idx"),
            [
                "Revoke { roles: [] }",
                "Alter(StorageParameters)",
                "Alter(Statistics { column: \"tags\", samples: true })",
                "Alter(Statistics { column: \"tags\", samples: false })",
                "Alter(Statistics { column: \"action_type\", samples: true })"
            ]
        );
        assert_eq!(
            allowed(SubjectKind::Function, "audit_events_guard"),
            ["Drop { cascade: false }", "Drop { cascade: true }", "Revoke { roles: [] }"]
        );
    }

    #[test]
    fn only_the_membership_check_of_the_parent_is_switched() {
        let switched = |name: &str| altered(Alteration::DisableTrigger(name.into()));
        assert_eq!(switched(MEMBERSHIP_TRIGGER), Verdict::Record("AUDIT_DDL_MEMBERSHIP_CHECK_DISABLED"));
        assert_eq!(switched("audit_events_guard"), Verdict::Refuse(Reason::Triggers));
        assert_eq!(
            altered(Alteration::EnableTrigger(MEMBERSHIP_TRIGGER.into())),
            Verdict::Record("AUDIT_DDL_MEMBERSHIP_CHECK_ENABLED")
        );
        let on_partition = Action::Alter(Alteration::DisableTrigger(MEMBERSHIP_TRIGGER.into()));
        assert_eq!(
            decide(&subject(SubjectKind::Partition, "audit_events_default"), &on_partition, true),
            Verdict::Refuse(Reason::Triggers)
        );
    }

    #[test]
    fn payload_is_not_sampled_where_events_are() {
        let sampled = |kind, name: &str, column: &str| {
            let alteration = Alteration::Statistics { column: column.into(), samples: true };
            decide(&subject(kind, name), &Action::Alter(alteration), true)
        };
        let recorded = Verdict::Record("AUDIT_DDL_STATISTICS_CHANGED");
        for (kind, name) in [
            (SubjectKind::Table, EVENTS),
            (SubjectKind::Table, ARCHIVE),
            (SubjectKind::Partition, "audit_events_2026_01"),
        ] {
            assert_eq!(sampled(kind, name, "user_agent"), Verdict::Refuse(Reason::PayloadStatistics));
            assert_eq!(sampled(kind, name, "resource_type"), recorded);
        }
        assert_eq!(sampled(SubjectKind::Table, "audit_access", "metadata"), recorded);
    }

    #[test]
    fn nobody_is_granted_more_than_access_levels_give() {
        let given = |name: &str, rights: &[&str]| {
            let rights = rights.iter().map(|name| right(name)).collect();
            decide(
                &subject(SubjectKind::Table, name),
                &Action::Grant { rights, roles: vec![], may_be_passed_on: false },
                true,
            )
        };
        assert_eq!(given(EVENTS, &["SELECT", "INSERT"]), Verdict::Record("AUDIT_DDL_RIGHTS_GRANTED"));
        for wrong in ["ALL", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"] {
            assert_eq!(given(EVENTS, &["SELECT", wrong]), Verdict::Refuse(Reason::Rights), "{wrong}");
        }
        assert_eq!(given("audit_events_archive", &["INSERT"]), Verdict::Refuse(Reason::Rights));
        assert_eq!(given("audit_events_default", &["SELECT"]), Verdict::Refuse(Reason::Rights));
        let to_everybody = Action::Grant {
            rights: vec![right("SELECT")],
            roles: vec![Grantee::Role(OWNER), Grantee::Public],
            may_be_passed_on: false,
        };
        assert_eq!(on_events(to_everybody), Verdict::Refuse(Reason::Rights));
        let by_column = vec![Right { name: "SELECT".into(), on_columns: true }];
        let grant = |rights, may_be_passed_on| on_events(Action::Grant { rights, roles: vec![], may_be_passed_on });
        assert_eq!(grant(by_column, false), Verdict::Refuse(Reason::Rights));
        assert_eq!(grant(vec![right("SELECT")], true), Verdict::Refuse(Reason::Rights));
    }

    #[test]
    fn what_others_left_on_a_table_may_go() {
        let dropped = |part, name: &str| on_events(Action::DropPart(part, name.into()));
        assert_eq!(dropped(Part::Trigger, "theirs"), Verdict::Record("AUDIT_DDL_FOREIGN_OBJECT_DROPPED"));
        assert_eq!(dropped(Part::Trigger, MEMBERSHIP_TRIGGER), Verdict::Refuse(Reason::Triggers));
    }

    #[test]
    fn the_extension_goes_by_a_superuser_only_and_its_schema_by_nobody() {
        let extension = subject(SubjectKind::Extension, "audit_ext");
        let cascade = Action::Drop { cascade: true };
        assert_eq!(decide(&extension, &cascade, true), Verdict::Warn);
        assert_eq!(decide(&extension, &cascade, false), Verdict::Refuse(Reason::Extension));
        for kind in [SubjectKind::Schema, SubjectKind::Possessions] {
            assert_eq!(decide(&subject(kind, "x"), &cascade, true), Verdict::Refuse(Reason::Drop));
        }
        let on_all = |action| decide(&subject(SubjectKind::Schema, "x"), &action, true);
        assert_eq!(
            on_all(Action::Grant { rights: vec![right("ALL")], roles: vec![], may_be_passed_on: false }),
            Verdict::TakeBack
        );
        assert_eq!(on_all(Action::Revoke { roles: vec![Grantee::Role(OWNER)] }), Verdict::Refuse(Reason::OwnersRights));
        assert_eq!(on_all(Action::Revoke { roles: vec![] }), Verdict::Pass);
    }
}
