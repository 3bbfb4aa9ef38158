//! How many events were moved or removed, workspace by workspace.

use std::collections::HashMap;

use crate::ids::WorkspaceId;
use crate::time::Timestamp;

/// Number and time span of events that were moved or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    pub count: u64,
    pub oldest: Timestamp,
    pub newest: Timestamp,
}

impl Tally {
    pub fn one(created_at: Timestamp) -> Tally {
        Tally { count: 1, oldest: created_at, newest: created_at }
    }

    pub fn plus(self, other: Tally) -> Tally {
        Tally {
            count: self.count + other.count,
            oldest: self.oldest.min(other.oldest),
            newest: self.newest.max(other.newest),
        }
    }
}

/// Tallies by workspace.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Tallies(pub HashMap<WorkspaceId, Tally>);

impl Tallies {
    pub fn add(&mut self, workspace: WorkspaceId, tally: Tally) {
        self.0.entry(workspace).and_modify(|sum| *sum = sum.plus(tally)).or_insert(tally);
    }

    pub fn merge(&mut self, other: Tallies) {
        other.0.into_iter().for_each(|(workspace, tally)| self.add(workspace, tally));
    }

    pub fn total(&self) -> u64 {
        self.0.values().map(|tally| tally.count).sum()
    }

    /// In the order of their workspaces, so that runs are alike.
    pub fn in_order(&self) -> Vec<(WorkspaceId, Tally)> {
        let mut sorted: Vec<_> = self.0.iter().map(|(workspace, tally)| (*workspace, *tally)).collect();
        sorted.sort_unstable_by_key(|(workspace, _)| *workspace);
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn at(microseconds: i64) -> Timestamp {
        Timestamp::from_microseconds(microseconds)
    }

    #[test]
    fn tallies_add_up_by_workspace() {
        let (a, b) = (WorkspaceId(Uuid::from_u128(1)), WorkspaceId(Uuid::from_u128(2)));
        let mut tallies = Tallies::default();
        for (workspace, time) in [(a, 5), (b, 1), (a, 3), (a, 9)] {
            tallies.add(workspace, Tally::one(at(time)));
        }
        assert_eq!(tallies.0[&a], Tally { count: 3, oldest: at(3), newest: at(9) });
        assert_eq!(tallies.0[&b], Tally::one(at(1)));
        let mut more = Tallies::default();
        more.add(b, Tally::one(at(7)));
        tallies.merge(more);
        assert_eq!(tallies.0[&b], Tally { count: 2, oldest: at(1), newest: at(7) });
        assert_eq!(tallies.total(), 5);
        assert_eq!(tallies.in_order().iter().map(|(workspace, _)| *workspace).collect::<Vec<_>>(), [a, b]);
    }
}
