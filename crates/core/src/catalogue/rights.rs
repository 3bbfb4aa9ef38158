//! The rights that follow from access levels, over all objects of the trail.

use super::{FUNCTIONS, RELATIONS};
use crate::access::AccessLevel;

/// All rights that some level has: object, right, levels. What is not here, partitions for one, nobody gets.
fn rights() -> impl Iterator<Item = (&'static str, &'static str, &'static [AccessLevel])> {
    let on_relations = RELATIONS
        .iter()
        .flat_map(|relation| relation.rights.iter().map(move |grant| (relation.name, grant.right, grant.levels)));
    let on_functions = FUNCTIONS.iter().map(|function| (function.name, "EXECUTE", function.callers));
    on_relations.chain(on_functions.filter(|(.., levels)| !levels.is_empty()))
}

/// Whether any level gives this right: what a GRANT may give by hand.
pub fn may_be_granted(object: &str, right: &str) -> bool {
    rights().any(|(name, given, _)| name == object && given == right)
}

/// The rights of a set of levels on one object.
pub fn rights_on<'a>(object: &'a str, levels: &'a [AccessLevel]) -> impl Iterator<Item = &'static str> + 'a {
    rights()
        .filter(move |(name, _, holders)| *name == object && holders.iter().any(|level| levels.contains(level)))
        .map(|(_, right, _)| right)
}

#[cfg(test)]
mod tests {
    use super::super::{ACTION_TYPES, EVENTS, POLICIES};
    use super::*;

    #[test]
    fn nobody_is_given_what_would_let_them_change_history() {
        for (object, right, _) in rights() {
            assert!(!matches!(right, "TRUNCATE" | "REFERENCES" | "TRIGGER" | "DELETE"), "{object} {right}");
            assert!(right != "UPDATE" || [POLICIES, ACTION_TYPES].contains(&object), "{object}");
        }
    }

    #[test]
    fn gateways_and_services_hold_nothing() {
        for level in [AccessLevel::Gateway, AccessLevel::Service] {
            assert!(rights().all(|(_, _, levels)| !levels.contains(&level)), "{level:?}");
        }
    }

    #[test]
    fn a_writer_writes_and_does_not_read() {
        assert_eq!(rights_on(EVENTS, &[AccessLevel::Writer]).collect::<Vec<_>>(), ["INSERT"]);
        assert_eq!(rights_on("get_audit_trail", &[AccessLevel::Writer]).count(), 0);
    }

    #[test]
    fn a_monitor_is_told_how_the_trail_is_and_nothing_of_it() {
        let mut held: Vec<_> = rights()
            .filter(|(.., levels)| levels.contains(&AccessLevel::Monitor))
            .map(|(name, right, _)| (name, right))
            .collect();
        held.sort_unstable();
        let told = [
            ("audit_cluster_health", "EXECUTE"),
            ("audit_health", "EXECUTE"),
            ("audit_metrics", "EXECUTE"),
            ("partition_schedule", "SELECT"),
        ];
        assert_eq!(held, told);
    }

    #[test]
    fn a_right_that_no_level_has_is_not_granted() {
        assert!(may_be_granted("insert_audit_event", "EXECUTE"));
        assert!(!may_be_granted("audit_setup", "EXECUTE"));
        assert!(!may_be_granted("audit_resource_salt", "SELECT"));
    }
}
