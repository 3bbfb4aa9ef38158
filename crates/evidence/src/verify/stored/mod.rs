//! The trail as it is stored: rows of tables, read in any order and brought together by sorting byte strings, which whoever reads them does.
//!
//! First the root logs ([`RootLog`]), whose heads are sorted by workspace; then the logs of workspaces beside those heads ([`StoredLog`], [`HeadsOf`]);
//! then, sorted by workspace and event, each place of a log beside its row and the deletions that name it ([`Trail`]).

mod account;
mod expected;
mod heads;
mod log;
mod pairs;
mod record;
mod root;
mod told;
mod trail;
mod upper;

pub use expected::Expected;
pub use heads::{HeadsOf, SealedHead};
pub use log::StoredLog;
pub use pairs::{held_back, pair};
pub use record::{
    PlaceRecord, RowRecord, StoredEntry, Voucher, entry_record, list_record, place_record, row_record, vouches_record,
};
pub use root::{RootLog, Seal, describe};
pub use trail::{Sorted, Trail};
pub use upper::Upper;
