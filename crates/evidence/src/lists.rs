//! Which parts of deletions' lists may name an event: by the lowest and the highest id of each part, so that the lists are not held in memory.

use uuid::Uuid;

use crate::deletion::Listed;

/// A part of a list and the ids between which its events are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartRange<K> {
    pub lowest: Uuid,
    pub highest: Uuid,
    pub part: K,
}

impl<K> PartRange<K> {
    /// `None` for a part without events.
    pub fn of(part: K, events: &[Listed]) -> Option<Self> {
        let ids = || events.iter().map(|event| event.id);
        Some(Self { lowest: ids().min()?, highest: ids().max()?, part })
    }
}

/// All parts. Most of them do not overlap, for a list is in order within a partition.
#[derive(Clone, Debug)]
pub struct PartIndex<K> {
    /// By their lowest ids, each with the highest id of all up to it.
    parts: Vec<(PartRange<K>, Uuid)>,
}

impl<K: Copy> PartIndex<K> {
    pub fn new(mut ranges: Vec<PartRange<K>>) -> Self {
        ranges.sort_by_key(|range| range.lowest);
        let mut highest = Uuid::nil();
        let reach = |range: PartRange<K>| {
            highest = highest.max(range.highest);
            (range, highest)
        };
        Self { parts: ranges.into_iter().map(reach).collect() }
    }

    /// The parts that may name the event.
    pub fn candidates(&self, id: Uuid) -> impl Iterator<Item = K> {
        let end = self.parts.partition_point(|(range, _)| range.lowest <= id);
        let reaching = self.parts[..end].iter().rev().take_while(move |(_, highest)| *highest >= id);
        reaching.filter(move |(range, _)| range.highest >= id).map(|(range, _)| range.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_part_that_may_name_an_event_is_found(ranges in prop::collection::vec((0_u128..60, 0_u128..20), 0..30), id in 0_u128..90) {
            let range = |(part, (lowest, length)): (usize, &(u128, u128))| PartRange {
                lowest: Uuid::from_u128(*lowest), highest: Uuid::from_u128(lowest + length), part,
            };
            let ranges: Vec<_> = ranges.iter().enumerate().map(range).collect();
            let id = Uuid::from_u128(id);
            let mut expected: Vec<usize> =
                ranges.iter().filter(|range| range.lowest <= id && id <= range.highest).map(|range| range.part).collect();
            let mut found: Vec<usize> = PartIndex::new(ranges).candidates(id).collect();
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_part_reaches_from_its_lowest_id_to_its_highest() {
        let listed = |number| Listed { id: Uuid::from_u128(number), leaf: None };
        let range = PartRange::of((), &[listed(5), listed(9), listed(2)]);
        assert_eq!(range, Some(PartRange { lowest: Uuid::from_u128(2), highest: Uuid::from_u128(9), part: () }));
        assert_eq!(PartRange::of((), &[]), None);
    }
}
