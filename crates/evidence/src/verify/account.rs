//! What is known of one id: its places in the log, its rows, and the deletions that name it.

use uuid::Uuid;

use super::filed::Filed;
use super::ledger::{Grounds, Judged};
use crate::deletion::Operation;
use crate::hash::Hash;

/// The columns that tell of a deletion on the row itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marks {
    /// A bundle does not show them.
    NotShown,
    None,
    Some {
        deleted_at: Option<String>,
        deleted_by_user_id: Option<String>,
        deletion_reason: Option<String>,
    },
}

/// What is there of an event, beside its leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The key is whole.
    Live(Marks),
    /// The key is that of an erased payload, and the payload is gone.
    Erased(Marks),
    /// The payload is withheld; nothing can be said about it.
    Withheld,
    /// There is no row.
    Gone,
}

/// A place of an id in the log of its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub index: u64,
    pub leaf: Hash,
    pub row: Row,
    /// The entry that is said to have taken it.
    pub claimed: Option<Uuid>,
}

/// A line in the list of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    pub entry: Uuid,
    pub leaf: Option<Hash>,
}

/// All that is known of one id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub id: Uuid,
    pub places: Vec<Place>,
    pub listings: Vec<Listing>,
    /// Its rows in files of cold storage; `None` where no files are given.
    pub filed: Option<Vec<Filed>>,
}

pub(super) const ERASING: [Operation; 2] = [Operation::Erasure, Operation::Adoption];

/// The entries that hold and list an event.
pub(super) struct Deletions<'g> {
    holding: Vec<(Listing, &'g Judged)>,
    /// Whether one lists it that does not hold before the next seal.
    pub is_pending: bool,
}

impl<'g> Deletions<'g> {
    pub fn of(listings: &[Listing], grounds: &'g Grounds) -> Self {
        let holding = |listing: &Listing| {
            let entry = grounds.entries.get(&listing.entry).filter(|entry| entry.holds)?;
            Some((*listing, entry))
        };
        let is_pending = |listing: &Listing| grounds.entries.get(&listing.entry).is_some_and(|entry| entry.is_pending);
        Self { holding: listings.iter().filter_map(holding).collect(), is_pending: listings.iter().any(is_pending) }
    }

    pub fn has(&self, operations: &[Operation]) -> bool {
        self.holding.iter().any(|(_, entry)| operations.contains(&entry.operation))
    }

    /// Those of such an operation that name the event with the leaf of this place.
    pub fn covering(&self, place: &Place, operations: &[Operation]) -> Vec<&(Listing, &'g Judged)> {
        let fits = |(listing, entry): &&(Listing, &Judged)| {
            operations.contains(&entry.operation)
                && listing.leaf == Some(place.leaf)
                && place.index >= entry.from
                && place.claimed.is_none_or(|claimed| claimed == listing.entry)
        };
        self.holding.iter().filter(fits).collect()
    }
}
