//! Verification: what is found, how it is worded, and what it means. The server reads rows and tiles, the program reads files; both judge with this.

mod account;
mod cold;
pub mod filed;
#[cfg(feature = "program")]
pub mod files;
mod finding;
mod judge;
mod lag;
mod ledger;
mod report;
mod row;
pub mod stored;
mod trust;

pub use account::{Account, Listing, Marks, Place, Row};
pub use finding::{Code, Finding, Severity};
pub use judge::judge;
pub use lag::allowed_lag;
pub use ledger::{Grounds, Judged, Ledger, ListSum};
pub use report::{Missing, Report, Seen, Summary, Taken};
pub use row::{examine, leaf_of};
pub use trust::Trust;
