//! Monthly partitions: which exist, which are needed, how they are made.

pub mod ddl;
pub mod leaves;
pub mod maintain;
pub mod month;
pub mod plan;

use self::month::Month;
use crate::storage::{ARCHIVE, EVENTS};

/// One of the two partitioned tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Events,
    Archive,
}

impl Table {
    pub const BOTH: [Table; 2] = [Table::Events, Table::Archive];
    pub const NAMES: [&str; 2] = [Table::BOTH[0].name(), Table::BOTH[1].name()];

    pub const fn name(self) -> &'static str {
        match self {
            Table::Events => EVENTS,
            Table::Archive => ARCHIVE,
        }
    }

    /// The other of the two.
    pub fn other(self) -> Table {
        match self {
            Table::Events => Table::Archive,
            Table::Archive => Table::Events,
        }
    }

    pub fn default_partition(self) -> String {
        format!("{}_default", self.name())
    }

    /// `audit_events_2026_01`.
    pub fn partition(self, month: Month) -> String {
        format!("{}_{month}", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_named_by_their_month() {
        let month = Month::new(2026, 1).unwrap();
        assert_eq!(Table::Events.partition(month), "audit_events_2026_01");
        assert_eq!(Table::Archive.partition(month), "audit_events_archive_2026_01");
    }
}
