//! Which index a partition is read by.

/// An index, and what of it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessPath {
    /// (request) as a hash: the events of one request, in no order. Optional.
    RequestId,
    /// (workspace, resource, time, id): the events of one resource.
    Resource,
    /// (workspace, actor, time, id): the events of one actor. Optional.
    OneActor,
    /// (workspace, action, time, id), once for each action: the events of some actions. Optional.
    Actions,
    /// (old values, new values, metadata) as sets of what they contain, in no order. Optional.
    Contains,
    /// The primary key, which includes the actor: rows of others are not visited.
    Actor,
    /// The primary key (workspace, time, id).
    Key,
    /// (id): ids are in the order of time, whatever the workspace.
    Id,
}

/// An index without an order is left for another one where it has more entries of what is searched for: they are all read before the first
/// is known, and their places kept.
pub const MOST_WITHOUT_ORDER: usize = 10_000;

/// What decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub is_of_one_workspace: bool,
    pub is_of_one_request: bool,
    pub is_of_one_resource: bool,
    pub is_of_actors: bool,
    pub is_of_one_actor: bool,
    /// Of actions whose names an index has.
    pub is_of_named_actions: bool,
    /// Of documents that contain another.
    pub is_of_contents: bool,
}

impl AccessPath {
    /// As `explain_audit_search()` shows it.
    pub const fn name(self) -> &'static str {
        match self {
            AccessPath::RequestId => "request_id",
            AccessPath::Resource => "resource",
            AccessPath::OneActor => "actor",
            AccessPath::Actions => "action",
            AccessPath::Contains => "contains",
            AccessPath::Actor => "actor in key",
            AccessPath::Key => "key",
            AccessPath::Id => "id",
        }
    }

    /// The best first. Each of them gives all events that are wanted.
    fn candidates(wanted: Wanted) -> impl Iterator<Item = AccessPath> {
        let Wanted { is_of_one_workspace, is_of_one_resource, is_of_actors, is_of_one_actor, .. } = wanted;
        [
            (AccessPath::RequestId, wanted.is_of_one_request),
            (AccessPath::Resource, is_of_one_workspace && is_of_one_resource),
            (AccessPath::OneActor, is_of_one_workspace && is_of_one_actor),
            (AccessPath::Actions, is_of_one_workspace && wanted.is_of_named_actions),
            (AccessPath::Contains, wanted.is_of_contents),
            (AccessPath::Actor, is_of_one_workspace && is_of_actors),
            (AccessPath::Key, is_of_one_workspace),
            (AccessPath::Id, !is_of_one_workspace),
        ]
        .into_iter()
        .filter_map(|(path, fits)| fits.then_some(path))
    }

    /// The best one that a partition has: what `look_up` gives for it.
    pub fn choose<T>(wanted: Wanted, mut look_up: impl FnMut(AccessPath) -> Option<T>) -> Option<(AccessPath, T)> {
        Self::candidates(wanted).find_map(|path| Some((path, look_up(path)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [AccessPath; 8] = [
        AccessPath::RequestId,
        AccessPath::Resource,
        AccessPath::OneActor,
        AccessPath::Actions,
        AccessPath::Contains,
        AccessPath::Actor,
        AccessPath::Key,
        AccessPath::Id,
    ];
    /// Of a workspace, and of nothing else.
    const PLAIN: Wanted = Wanted {
        is_of_one_workspace: true,
        is_of_one_request: false,
        is_of_one_resource: false,
        is_of_actors: false,
        is_of_one_actor: false,
        is_of_named_actions: false,
        is_of_contents: false,
    };
    const OF_ACTORS: Wanted = Wanted { is_of_actors: true, ..PLAIN };
    const OF_ONE_ACTOR: Wanted = Wanted { is_of_one_actor: true, ..OF_ACTORS };

    fn chosen(wanted: Wanted, there: &[AccessPath]) -> Option<AccessPath> {
        AccessPath::choose(wanted, |path| there.contains(&path).then_some(())).map(|(path, ())| path)
    }

    #[test]
    fn the_narrowest_index_that_is_there_is_taken() {
        let of_resource = Wanted { is_of_one_resource: true, ..PLAIN };
        let of_both = Wanted { is_of_one_resource: true, ..OF_ACTORS };
        assert_eq!(chosen(PLAIN, &ALL), Some(AccessPath::Key));
        assert_eq!(chosen(OF_ACTORS, &ALL), Some(AccessPath::Actor));
        assert_eq!(chosen(of_resource, &ALL), Some(AccessPath::Resource));
        assert_eq!(chosen(of_both, &ALL), Some(AccessPath::Resource));
        assert_eq!(chosen(of_both, &[AccessPath::Actor, AccessPath::Key]), Some(AccessPath::Actor));
        assert_eq!(chosen(of_both, &[AccessPath::Key]), Some(AccessPath::Key));
        assert_eq!(chosen(of_both, &[]), None);
    }

    #[test]
    fn an_index_by_actor_is_for_one_actor() {
        let of_both = Wanted { is_of_one_resource: true, ..OF_ONE_ACTOR };
        assert_eq!(chosen(OF_ONE_ACTOR, &ALL), Some(AccessPath::OneActor));
        assert_eq!(chosen(OF_ACTORS, &ALL), Some(AccessPath::Actor), "several have no common order there");
        assert_eq!(chosen(OF_ONE_ACTOR, &[AccessPath::Actor, AccessPath::Key]), Some(AccessPath::Actor));
        assert_eq!(chosen(of_both, &ALL), Some(AccessPath::Resource));
        assert_eq!(chosen(of_both, &ALL[2..]), Some(AccessPath::OneActor));
    }

    #[test]
    fn an_index_by_action_is_for_names_that_it_has() {
        let named = |wanted| Wanted { is_of_named_actions: true, ..wanted };
        assert_eq!(chosen(named(PLAIN), &ALL), Some(AccessPath::Actions));
        assert_eq!(chosen(named(PLAIN), &[AccessPath::Key]), Some(AccessPath::Key));
        assert_eq!(chosen(named(OF_ACTORS), &ALL), Some(AccessPath::Actions));
        assert_eq!(chosen(named(OF_ONE_ACTOR), &ALL), Some(AccessPath::OneActor));
        assert_eq!(chosen(PLAIN, &[AccessPath::Actions]), None);
    }

    #[test]
    fn a_request_is_found_in_all_workspaces_unless_it_has_too_many_events() {
        for is_of_one_workspace in [true, false] {
            let wanted =
                Wanted { is_of_one_workspace, is_of_one_request: true, is_of_one_resource: true, ..OF_ONE_ACTOR };
            assert_eq!(chosen(wanted, &ALL), Some(AccessPath::RequestId));
            let next = if is_of_one_workspace { AccessPath::Resource } else { AccessPath::Id };
            assert_eq!(chosen(wanted, &ALL[1..]), Some(next));
        }
        assert_eq!(chosen(PLAIN, &[AccessPath::RequestId]), None);
    }

    #[test]
    fn only_ids_are_in_order_over_all_workspaces() {
        for wanted in [PLAIN, OF_ACTORS, OF_ONE_ACTOR, Wanted { is_of_one_resource: true, ..OF_ACTORS }] {
            let everywhere = Wanted { is_of_one_workspace: false, is_of_named_actions: true, ..wanted };
            assert_eq!(chosen(everywhere, &ALL), Some(AccessPath::Id));
            assert_eq!(chosen(everywhere, &ALL[..7]), None);
        }
    }

    #[test]
    fn contents_are_found_in_all_workspaces_where_nothing_in_order_is_narrower() {
        let containing = |wanted| Wanted { is_of_contents: true, ..wanted };
        assert_eq!(chosen(containing(PLAIN), &ALL), Some(AccessPath::Contains));
        assert_eq!(chosen(containing(OF_ACTORS), &ALL), Some(AccessPath::Contains));
        assert_eq!(chosen(containing(OF_ONE_ACTOR), &ALL), Some(AccessPath::OneActor));
        assert_eq!(chosen(containing(PLAIN), &[AccessPath::Key, AccessPath::Id]), Some(AccessPath::Key));
        let everywhere = Wanted { is_of_one_workspace: false, ..containing(PLAIN) };
        assert_eq!(chosen(everywhere, &ALL), Some(AccessPath::Contains));
        assert_eq!(chosen(everywhere, &[AccessPath::Key, AccessPath::Id]), Some(AccessPath::Id));
        assert_eq!(chosen(PLAIN, &[AccessPath::Contains]), None);
    }
}
