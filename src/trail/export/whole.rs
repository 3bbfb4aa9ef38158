//! What an export that leaves nothing of a workspace out wrote, so that it can be compared with what the workspace has later: how many events that are no system
//! events, and the sums of the two halves of their ids. Ids are random, so other events have other sums. `sql/deletion/whole.sql` makes the same of the tables.

use audit_core::event::action::is_system_action;
use audit_core::event::column::Column;
use audit_core::format::Format;
use audit_core::ids::EventId;

use crate::pg::datum;
use crate::pg::index_scan::IndexScan;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    pub count: u64,
    high: i128,
    low: i128,
}

impl Whole {
    /// None for an export in a format that leaves out or changes something.
    pub fn of(format: Format) -> Option<Whole> {
        matches!(format, Format::Ndjson | Format::Csv).then(Whole::default)
    }

    pub fn count(&mut self, event: EventId, scan: &IndexScan) {
        if !scan.value(Column::ActionType).is_some_and(|action| is_system_action(datum::read_bytes(action))) {
            self.add(event);
        }
    }

    fn add(&mut self, event: EventId) {
        let (high, low) = event.0.as_u64_pair();
        self.count += 1;
        self.high += i128::from(high as i64);
        self.low += i128::from(low as i64);
    }

    /// Both sums.
    pub fn ids(&self) -> String {
        format!("{} {}", self.high, self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn halves_are_summed_as_signed_numbers() {
        let mut whole = Whole::default();
        for id in [0x0192_0000_0000_7000_8000_0000_0000_0001, 0x0192_0000_0000_7001_bfff_ffff_ffff_ffff] {
            whole.add(EventId(Uuid::from_u128(id)));
        }
        let (high, low) = (
            0x0192_0000_0000_7000_i128 * 2 + 1,
            (0x8000_0000_0000_0001_i128 - (1 << 64)) + (0xbfff_ffff_ffff_ffff_i128 - (1 << 64)),
        );
        assert_eq!((whole.count, whole.ids()), (2, format!("{high} {low}")));
    }
}
