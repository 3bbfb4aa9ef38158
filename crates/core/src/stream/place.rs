//! Where a stream stands. A stream reads the heads of root logs in their order, and of each head the leaves that it added to the log of its
//! workspace. So each event has one place, and the places are in one order, however late a transaction committed.

/// The next event to deliver is behind this place. The order of places is the order of delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Whose root log it is.
    pub incarnation: i32,
    /// The head in the root log.
    pub head: u64,
    /// The leaf in the log of the head's workspace; 0 where nothing of the head is delivered yet.
    pub leaf: u64,
}

impl Place {
    /// Before everything of a head.
    pub fn of_head(incarnation: i32, head: u64) -> Place {
        Place { incarnation, head, leaf: 0 }
    }

    /// The leaves of a head that are still to be delivered: of those that it added, `from` to before `size`.
    pub fn rest(&self, incarnation: i32, head: u64, from: u64, size: u64) -> std::ops::Range<u64> {
        match (self.incarnation, self.head) == (incarnation, head) {
            true => from.max(self.leaf)..size,
            false => from..size,
        }
    }

    /// The place behind a leaf of a head that ends before `size`.
    pub fn behind(incarnation: i32, head: u64, leaf: u64, size: u64) -> Place {
        match leaf + 1 < size {
            true => Place { incarnation, head, leaf: leaf + 1 },
            false => Place::of_head(incarnation, head + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_leaf_of_a_head_leads_to_the_next_head() {
        assert_eq!(Place::behind(1, 7, 2, 4), Place { incarnation: 1, head: 7, leaf: 3 });
        assert_eq!(Place::behind(1, 7, 3, 4), Place::of_head(1, 8));
    }

    #[test]
    fn places_of_another_incarnation_say_nothing_of_a_head() {
        let place = Place { incarnation: 1, head: 7, leaf: 5 };
        assert_eq!(place.rest(1, 7, 3, 9), 5..9);
        assert_eq!(place.rest(1, 8, 3, 9), 3..9);
        assert_eq!(place.rest(2, 7, 3, 9), 3..9);
        assert_eq!(Place::of_head(1, 7).rest(1, 7, 3, 9), 3..9);
    }

    proptest! {
        /// Whatever the heads and wherever batches are cut, each leaf is delivered once, in one order.
        #[test]
        fn every_leaf_is_delivered_once(heads in prop::collection::vec(1u64..9, 1..20), cuts in prop::collection::vec(1usize..7, 1..9)) {
            let bounds: Vec<(u64, u64)> = heads.iter().scan(0, |size, added| { *size += added; Some((*size - added, *size)) }).collect();
            let (mut place, mut delivered, mut cuts) = (Place::of_head(1, 0), Vec::new(), cuts.into_iter().cycle());
            while (place.head as usize) < bounds.len() {
                let mut left = cuts.next().unwrap();
                let before = place;
                'batch: for head in place.head..bounds.len() as u64 {
                    let (from, size) = bounds[head as usize];
                    for leaf in place.rest(1, head, from, size) {
                        delivered.push(leaf);
                        place = Place::behind(1, head, leaf, size);
                        left -= 1;
                        if left == 0 { break 'batch; }
                    }
                }
                prop_assert!(place > before);
            }
            prop_assert_eq!(delivered, (0..heads.iter().sum::<u64>()).collect::<Vec<_>>());
        }
    }
}
