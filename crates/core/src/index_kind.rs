//! The optional indexes of months: which there are, and which partitions get them.

use crate::argument::Argument;
use crate::tier::Tier;
use crate::time::Timestamp;

/// What an optional index is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// The events of one actor in one workspace, in the order of time.
    Actor,
}

impl IndexKind {
    pub const ALL: [IndexKind; 1] = [IndexKind::Actor];

    pub const fn name(self) -> &'static str {
        match self {
            IndexKind::Actor => "actor",
        }
    }

    pub fn parse(name: Option<&str>) -> Result<IndexKind, Argument> {
        Self::ALL.into_iter().find(|kind| Some(kind.name()) == name).ok_or_else(|| {
            let known = Self::ALL.map(IndexKind::name).join(", ");
            Argument::new("p_kind").problem("is not a kind of index").hint(format!("Kinds: {known}."))
        })
    }

    /// What an index has, as CREATE INDEX says it.
    pub const fn columns(self) -> &'static str {
        match self {
            IndexKind::Actor => "workspace_id, created_by_user_id, created_at, id",
        }
    }

    /// The beginning of the names of such indexes; a number follows. Names do not tell the month, because a month changes tables.
    pub fn prefix(self) -> String {
        format!("audit_index_{}_", self.name())
    }
}

/// A partition of a month.
#[derive(Clone, Copy, Debug)]
pub struct MonthOf {
    pub tier: Tier,
    /// All its times are earlier.
    pub upper: Timestamp,
    pub is_empty: bool,
}

impl MonthOf {
    /// A month that is over gets an index once it has events. Months that are still written to get one only where recording is to
    /// pay for it.
    pub fn gets_index(&self, now: Timestamp, is_live: bool) -> bool {
        match self.upper <= now {
            true => !self.is_empty,
            false => is_live && self.tier == Tier::Hot,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_names_alone() {
        assert_eq!(IndexKind::parse(Some("actor")), Ok(IndexKind::Actor));
        for unknown in [None, Some(""), Some("Actor"), Some("actor "), Some("contains")] {
            assert!(IndexKind::parse(unknown).is_err(), "{unknown:?}");
        }
    }

    #[test]
    fn recording_pays_only_where_it_is_to() {
        let (end, now) = (Timestamp::from_microseconds(10), Timestamp::from_microseconds);
        let month = |tier, is_empty| MonthOf { tier, upper: end, is_empty };
        for is_live in [false, true] {
            for tier in Tier::ALL {
                assert!(month(tier, false).gets_index(now(10), is_live), "over");
                assert!(!month(tier, true).gets_index(now(10), is_live), "over and empty");
                for is_empty in [false, true] {
                    let gets = month(tier, is_empty).gets_index(now(9), is_live);
                    assert_eq!(gets, is_live && tier == Tier::Hot, "not over");
                }
            }
        }
    }
}
