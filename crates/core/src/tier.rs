//! The two tiers of the trail: each is one partitioned table.

use crate::catalogue::{ARCHIVE, EVENTS};
use crate::month::Month;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Where events are recorded.
    Hot,
    Archive,
}

impl Tier {
    pub const ALL: [Tier; 2] = [Tier::Hot, Tier::Archive];

    pub const fn table(self) -> &'static str {
        match self {
            Tier::Hot => EVENTS,
            Tier::Archive => ARCHIVE,
        }
    }

    /// The other of the two.
    pub fn other(self) -> Tier {
        match self {
            Tier::Hot => Tier::Archive,
            Tier::Archive => Tier::Hot,
        }
    }

    pub fn default_partition(self) -> String {
        format!("{}_default", self.table())
    }

    /// `audit_events_2026_01`.
    pub fn partition(self, month: Month) -> String {
        format!("{}_{month}", self.table())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_named_by_their_month() {
        let month = Month::new(2026, 1).unwrap();
        assert_eq!(Tier::Hot.partition(month), "audit_events_2026_01");
        assert_eq!(Tier::Archive.partition(month), "audit_events_archive_2026_01");
    }
}
