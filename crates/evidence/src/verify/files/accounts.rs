//! The ids of a workspace with all that names them, brought together by sorting.

use std::io;

use uuid::Uuid;

use super::sort::Sorter;
use crate::deletion::Listed;
use crate::hash::Hash;
use crate::verify::filed::{Filed, MarksDigest};
use crate::verify::{Account, Grounds, Listing, Marks, Place, Report, Row, judge};

/// id, what it is, index, leaf, entry.
const RECORD: usize = 16 + 1 + 8 + 32 + 16;
/// What is sorted in memory at a time.
const MEMORY: usize = 16 << 20;

const LIVE: u8 = 0;
const ERASED: u8 = 1;
const WITHHELD: u8 = 2;
const GONE: u8 = 3;
const LISTED: u8 = 4;
const FILED: u8 = 5;
const FILED_ERASED: u8 = 6;

pub struct Accounts {
    sorter: Sorter<RECORD>,
    /// Whether files of cold storage are given.
    has_files: bool,
}

impl Accounts {
    pub fn new(has_files: bool) -> Self {
        Self { sorter: Sorter::new(MEMORY), has_files }
    }

    pub fn place(&mut self, id: Uuid, place: &Place) -> io::Result<()> {
        let kind = match place.row {
            Row::Live(_) => LIVE,
            Row::Erased(_) => ERASED,
            Row::Withheld => WITHHELD,
            Row::Gone => GONE,
        };
        self.push(id, kind, place.index, Some(place.leaf), place.claimed)
    }

    pub fn listed(&mut self, listed: Listed, entry: Uuid) -> io::Result<()> {
        self.push(listed.id, LISTED, 0, listed.leaf, Some(entry))
    }

    pub fn filed(&mut self, id: Uuid, row: &Filed) -> io::Result<()> {
        let kind = if row.is_erased { FILED_ERASED } else { FILED };
        // Where an entry stands otherwise.
        let marks = Uuid::from_bytes(row.marks.0);
        self.push(id, kind, row.file.into(), row.leaf, Some(marks))
    }

    fn push(&mut self, id: Uuid, kind: u8, index: u64, leaf: Option<Hash>, entry: Option<Uuid>) -> io::Result<()> {
        let mut record = [0; RECORD];
        record[..16].copy_from_slice(id.as_bytes());
        record[16] = kind;
        record[17..25].copy_from_slice(&index.to_be_bytes());
        record[25..57].copy_from_slice(&leaf.map_or([0; 32], |leaf| leaf.0));
        record[57..].copy_from_slice(entry.unwrap_or_default().as_bytes());
        self.sorter.push(record)
    }

    /// Judges every id.
    pub fn judge(self, workspace: Uuid, grounds: &Grounds, report: &mut Report) -> io::Result<()> {
        let mut sorted = self.sorter.sorted()?;
        let new = |id| Account { id, filed: self.has_files.then(Vec::new), ..Account::default() };
        let mut account = new(Uuid::nil());
        while let Some(record) = sorted.take()? {
            let id = uuid(&record[..16]);
            if id != account.id {
                judge(&account, workspace, grounds, report);
                account = new(id);
            }
            let leaf = Hash::from_slice(&record[25..57]).expect("32 bytes");
            let or_none = Some(leaf).filter(|leaf| leaf.0 != [0; 32]);
            let index = u64::from_be_bytes(record[17..25].try_into().expect("8 bytes"));
            let entry = Some(uuid(&record[57..])).filter(|entry| !entry.is_nil());
            let row = match record[16] {
                LIVE => Row::Live(Marks::NotShown),
                ERASED => Row::Erased(Marks::NotShown),
                WITHHELD => Row::Withheld,
                GONE => Row::Gone,
                LISTED => {
                    account.listings.push(Listing { entry: entry.unwrap_or_default(), leaf: or_none });
                    continue;
                }
                kind => {
                    let marks = MarksDigest(entry.unwrap_or_default().into_bytes());
                    let row = Filed { file: index as u32, leaf: or_none, is_erased: kind == FILED_ERASED, marks };
                    account.filed.get_or_insert_default().push(row);
                    continue;
                }
            };
            account.places.push(Place { index, leaf, row, claimed: entry });
        }
        judge(&account, workspace, grounds, report);
        Ok(())
    }
}

fn uuid(bytes: &[u8]) -> Uuid {
    Uuid::from_slice(bytes).expect("16 bytes")
}
