//! Which rows the last seal had to take: one of them without a place in the log was put in afterwards, or its place was taken away.

use crate::window::{Snapshot, Time};

/// What the last seal saw.
#[derive(Clone, Debug)]
pub struct Expected {
    snapshot: Snapshot,
    waiting: Vec<u64>,
    /// When the incarnation of the last seal began, unless it is the first one.
    began_at: Option<Time>,
}

impl Expected {
    /// `waiting`: the transactions whose events are for a later seal, the sealer's own among them.
    pub fn new(snapshot: Snapshot, mut waiting: Vec<u64>, began_at: Option<Time>) -> Self {
        waiting.sort_unstable();
        Self { snapshot, waiting, began_at }
    }

    /// Whether a row that is visible now, with this number and time, is in the log.
    ///
    /// Numbers of an older server mean nothing, so what is older than the incarnation counts as taken: but for what was given a time in the past since
    /// then, which its negative number shows.
    pub fn holds(&self, seal_xid: i64, created_at: Time) -> bool {
        let xid = seal_xid.unsigned_abs();
        if self.waiting.binary_search(&xid).is_ok() {
            return false;
        }
        let is_of_older_server = seal_xid > 0 && self.began_at.is_some_and(|began| created_at < began);
        is_of_older_server || !self.snapshot.is_running(xid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_had_ended_is_sealed_but_for_what_is_waited_for() {
        let snapshot = Snapshot::parse("10:20:10,14").unwrap();
        let first = Expected::new(snapshot.clone(), vec![17, 10, 14], None);
        let sealed: Vec<i64> = (-21..22).filter(|xid| *xid != 0 && first.holds(*xid, 5)).collect();
        let below: Vec<i64> = (1..20).filter(|xid| ![10, 14, 17].contains(xid)).collect();
        let both: Vec<i64> = below.iter().rev().map(|xid| -xid).chain(below.iter().copied()).collect();
        assert_eq!(sealed, both);
        let later = Expected::new(snapshot, vec![10, 14], Some(100));
        assert!(later.holds(5_000, 99), "an event of the older server");
        assert!(!later.holds(5_000, 100) && !later.holds(-5_000, 99) && !later.holds(14, 99));
    }
}
