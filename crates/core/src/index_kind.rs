//! The optional indexes of months: which there are, and which partitions get them.

use crate::argument::Argument;
use crate::tier::Tier;
use crate::time::Timestamp;

/// What an optional index is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// The events of one actor in one workspace, in the order of time.
    Actor,
    /// The events of one action type in one workspace, in the order of time. Longer names than [`NAME_BYTES`] are left out, because an
    /// entry has a greatest size, and an event that does not fit would be refused.
    Action,
    /// The events of one request in all workspaces, in no order. Only hashes are in it, so no length is too long.
    RequestId,
    /// What documents of events contain, in all workspaces, in no order. Only hashes of keys and values are in it.
    Contains,
}

/// The longest name of an action that an index has.
pub const NAME_BYTES: usize = 200;

impl IndexKind {
    pub const ALL: [IndexKind; 4] = [IndexKind::Actor, IndexKind::Action, IndexKind::RequestId, IndexKind::Contains];

    pub const fn name(self) -> &'static str {
        match self {
            IndexKind::Actor => "actor",
            IndexKind::Action => "action",
            IndexKind::RequestId => "request_id",
            IndexKind::Contains => "contains",
        }
    }

    pub fn parse(name: Option<&str>) -> Result<IndexKind, Argument> {
        Self::ALL.into_iter().find(|kind| Some(kind.name()) == name).ok_or_else(|| {
            let known = Self::ALL.map(IndexKind::name).join(", ");
            Argument::new("p_kind").problem("is not a kind of index").hint(format!("Kinds: {known}."))
        })
    }

    /// What an index has, as CREATE INDEX says it after the table. Texts are compared by bytes, as searches do.
    pub fn definition(self) -> String {
        match self {
            IndexKind::Actor => "(workspace_id, created_by_user_id, created_at, id)".to_owned(),
            IndexKind::Action => format!(
                "(workspace_id, action_type COLLATE pg_catalog.\"C\", created_at, id) \
                 WHERE pg_catalog.octet_length(action_type) OPERATOR(pg_catalog.<=) {NAME_BYTES}"
            ),
            IndexKind::RequestId => "USING hash (request_id COLLATE pg_catalog.\"C\")".to_owned(),
            // All three columns that p_contains looks into, each a key of its own.
            IndexKind::Contains => {
                "USING gin (old_values pg_catalog.jsonb_path_ops, new_values pg_catalog.jsonb_path_ops, \
                 metadata pg_catalog.jsonb_path_ops)"
                    .to_owned()
            }
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
        for kind in IndexKind::ALL {
            assert_eq!(IndexKind::parse(Some(kind.name())), Ok(kind));
        }
        for unknown in [None, Some(""), Some("Actor"), Some("actor "), Some("text")] {
            assert!(IndexKind::parse(unknown).is_err(), "{unknown:?}");
        }
    }

    #[test]
    fn the_name_of_an_index_tells_its_kind() {
        for kind in IndexKind::ALL {
            let is_told = |other: &IndexKind| format!("{}1", other.prefix()).starts_with(&kind.prefix());
            assert_eq!(IndexKind::ALL.iter().filter(|other| is_told(other)).count(), 1, "{kind:?}");
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
