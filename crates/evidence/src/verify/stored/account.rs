//! One event as it is stored: its places in the log, its rows, and the deletions that name it.

use uuid::Uuid;

use super::record::{ListedRecord, PlaceRecord, Record, RowRecord};
use super::told::Told;
use crate::verify::{Account, Code, Finding, Grounds, Ledger, Listing, Place, Report, Row, judge};
use crate::window::DAY;

#[derive(Default)]
pub struct Stored {
    id: Uuid,
    listings: Vec<Listing>,
    places: Vec<PlaceRecord>,
    rows: Vec<RowRecord>,
}

impl Stored {
    pub fn of(id: Uuid) -> Self {
        Self { id, ..Self::default() }
    }

    pub fn add(&mut self, record: Record) {
        match record {
            Record::Listed(ListedRecord { entry, leaf }) => self.listings.push(Listing { entry, leaf }),
            Record::Place(place) => self.places.push(place),
            Record::Row(row) => self.rows.push(*row),
            Record::Entry(_) | Record::Vouches => (),
        }
    }

    /// Tells the ledger if this is an event that vouches for an entry: a sealed one that is what was sealed, or one that the next seal takes.
    pub fn vouch(&self, ledger: &mut Ledger) {
        for row in &self.rows {
            let (Some(voucher), Ok((leaf, _))) = (&row.voucher, &row.leaf) else { continue };
            let place = self.places.iter().find(|place| place.leaf == *leaf);
            let kept = [&voucher.action_type, &voucher.resource_type, &voucher.resource_id].map(|text| text.as_deref());
            match place {
                Some(place) => ledger.event(self.id, kept, Some(place.index), place.seal_start),
                None if self.places.is_empty() && row.is_expected == Some(false) => {
                    ledger.event(self.id, kept, None, 0);
                }
                None => (),
            }
        }
    }

    pub fn judge(self, workspace: Uuid, grounds: &Grounds, told: &mut Told, report: &mut Report) {
        let find = |code, detail: String| Finding::new(code, detail).of(Some(workspace)).event(self.id);
        if self.places.is_empty() {
            return self.judge_without_place(told, report, &find);
        }
        if self.rows.len() > 1 && self.places.len() == 1 {
            let detail = format!("{} rows have this id", self.rows.len());
            report.add(find(Code::IdTwice, detail).at(self.places[0].index));
        }
        let mut places = Vec::new();
        for place in &self.places {
            let is_of = |row: &&RowRecord| matches!(row.leaf, Ok((leaf, _)) if leaf == place.leaf);
            let row = match (self.rows.iter().find(is_of), self.rows.first()) {
                (Some(row), _) => {
                    let is_erased = matches!(row.leaf, Ok((_, true)));
                    report.summary.events += 1;
                    report.summary.erased += u64::from(is_erased);
                    if is_late(place, row) {
                        told.late(self.id, place.index);
                    }
                    if is_erased { Row::Erased(row.marks.clone()) } else { Row::Live(row.marks.clone()) }
                }
                (None, Some(row)) => {
                    // Of an id with two places one must differ; that there are two says it all.
                    if self.places.len() == 1 {
                        let detail = match &row.leaf {
                            Ok(_) => "its columns or its key are not those that were sealed",
                            Err(problem) => problem,
                        };
                        report.add(find(Code::RowModified, detail.into()).at(place.index));
                    }
                    Row::Withheld
                }
                (None, None) => {
                    report.summary.removed += 1;
                    Row::Gone
                }
            };
            places.push(Place { index: place.index, leaf: place.leaf, row, claimed: None });
        }
        let account = Account { id: self.id, places, listings: self.listings, filed: None };
        judge(&account, workspace, grounds, report);
    }

    fn judge_without_place(&self, told: &mut Told, report: &mut Report, find: &dyn Fn(Code, String) -> Finding) {
        if self.rows.len() > 1 {
            report.add(find(Code::IdTwice, format!("{} rows have this id", self.rows.len())));
        }
        match self.rows.first().map(|row| row.is_expected) {
            Some(Some(true)) => {
                let detail = "the log does not have it, and the seal that had to take it is made";
                report.add(find(Code::RowNotInLog, detail.into()));
            }
            Some(None) => told.without_key(self.id),
            Some(Some(false)) | None => (),
        }
    }
}

/// Whether an event was sealed long after the server recorded it.
fn is_late(place: &PlaceRecord, row: &RowRecord) -> bool {
    row.recorded_at.zip(place.sealed_at).is_some_and(|(recorded, sealed)| sealed - recorded > DAY)
}
