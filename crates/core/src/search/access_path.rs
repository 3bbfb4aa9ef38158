//! Which index a partition is read by.

/// An index, and what of it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessPath {
    /// (workspace, resource, time, id): the events of one resource.
    Resource,
    /// (workspace, actor, time, id): the events of one actor. Optional.
    OneActor,
    /// The primary key, which includes the actor: rows of others are not visited.
    Actor,
    /// The primary key (workspace, time, id).
    Key,
    /// (id): ids are in the order of time, whatever the workspace.
    Id,
}

/// What decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub is_of_one_workspace: bool,
    pub is_of_one_resource: bool,
    pub is_of_actors: bool,
    pub is_of_one_actor: bool,
}

impl AccessPath {
    /// As `explain_audit_search()` shows it.
    pub const fn name(self) -> &'static str {
        match self {
            AccessPath::Resource => "resource",
            AccessPath::OneActor => "actor",
            AccessPath::Actor => "actor in key",
            AccessPath::Key => "key",
            AccessPath::Id => "id",
        }
    }

    /// The best first. Each of them gives all events that are wanted, newest first.
    fn candidates(wanted: Wanted) -> impl Iterator<Item = AccessPath> {
        let Wanted { is_of_one_workspace, is_of_one_resource, is_of_actors, is_of_one_actor } = wanted;
        [
            (AccessPath::Id, !is_of_one_workspace),
            (AccessPath::Resource, is_of_one_workspace && is_of_one_resource),
            (AccessPath::OneActor, is_of_one_workspace && is_of_one_actor),
            (AccessPath::Actor, is_of_one_workspace && is_of_actors),
            (AccessPath::Key, is_of_one_workspace),
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

    const ALL: [AccessPath; 5] =
        [AccessPath::Resource, AccessPath::OneActor, AccessPath::Actor, AccessPath::Key, AccessPath::Id];

    fn chosen(workspace: bool, resource: bool, actors: bool, there: &[AccessPath]) -> Option<AccessPath> {
        let wanted = Wanted {
            is_of_one_workspace: workspace,
            is_of_one_resource: resource,
            is_of_actors: actors,
            is_of_one_actor: false,
        };
        AccessPath::choose(wanted, |path| there.contains(&path).then_some(())).map(|(path, ())| path)
    }

    #[test]
    fn the_narrowest_index_that_is_there_is_taken() {
        assert_eq!(chosen(true, false, false, &ALL), Some(AccessPath::Key));
        assert_eq!(chosen(true, false, true, &ALL), Some(AccessPath::Actor));
        assert_eq!(chosen(true, true, false, &ALL), Some(AccessPath::Resource));
        assert_eq!(chosen(true, true, true, &ALL), Some(AccessPath::Resource));
        assert_eq!(chosen(true, true, true, &[AccessPath::Actor, AccessPath::Key]), Some(AccessPath::Actor));
        assert_eq!(chosen(true, true, true, &[AccessPath::Key]), Some(AccessPath::Key));
        assert_eq!(chosen(true, true, true, &[]), None);
    }

    #[test]
    fn an_index_by_actor_is_for_one_actor() {
        let chosen = |is_of_one_resource, is_of_one_actor, there: &[AccessPath]| {
            let wanted = Wanted { is_of_one_workspace: true, is_of_one_resource, is_of_actors: true, is_of_one_actor };
            AccessPath::choose(wanted, |path| there.contains(&path).then_some(())).map(|(path, ())| path)
        };
        assert_eq!(chosen(false, true, &ALL), Some(AccessPath::OneActor));
        assert_eq!(chosen(false, false, &ALL), Some(AccessPath::Actor), "several have no common order there");
        assert_eq!(chosen(false, true, &[AccessPath::Actor, AccessPath::Key]), Some(AccessPath::Actor));
        assert_eq!(chosen(true, true, &ALL), Some(AccessPath::Resource));
        assert_eq!(chosen(true, true, &ALL[1..]), Some(AccessPath::OneActor));
    }

    #[test]
    fn only_ids_are_in_order_over_all_workspaces() {
        for (resource, actors) in [(false, false), (false, true), (true, false), (true, true)] {
            assert_eq!(chosen(false, resource, actors, &ALL), Some(AccessPath::Id));
            assert_eq!(chosen(false, resource, actors, &ALL[..4]), None);
        }
    }
}
