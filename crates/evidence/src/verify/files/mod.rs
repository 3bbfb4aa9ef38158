//! Verification of files: bundles, receipts and folders of tiles, in memory that does not grow with them.

mod accounts;
pub mod cold;
mod folder;
mod heads;
mod lines;
mod receipt;
mod root_log;
mod sort;
mod tiles;
mod workspace;

pub use cold::ColdFiles;
pub use folder::verify_path;
pub use lines::Unreadable;

use std::io::BufRead;

use super::{Report, Trust};
use crate::bundle::Header;
use lines::Lines;
use workspace::Beside;

/// Verifies a bundle, of a workspace or of the root log, or a receipt. Given files of cold storage, it verifies the rows of the workspace in them too.
pub fn verify_file(
    input: impl BufRead,
    trust: &Trust,
    cold: Option<&dyn ColdFiles>,
    report: &mut Report,
) -> Result<(), Unreadable> {
    let mut lines = Lines::new(input);
    if lines.starts_with(b"{\"kind\":")? {
        let header = lines.header()?;
        return verify_bundle(lines, header, trust, cold, report);
    }
    without_rows("a receipt", cold)?;
    receipt::verify(&lines.rest()?, trust, report)
}

/// Refuses files of cold storage that nothing would be compared with.
fn without_rows(what: &'static str, cold: Option<&dyn ColdFiles>) -> Result<(), Unreadable> {
    if cold.is_some() { Err(Unreadable::NoRows(what)) } else { Ok(()) }
}

fn verify_bundle<R: BufRead>(
    lines: Lines<R>,
    header: Header,
    trust: &Trust,
    cold: Option<&dyn ColdFiles>,
    report: &mut Report,
) -> Result<(), Unreadable> {
    match header.workspace {
        Some(_) => workspace::verify(lines, header, &Beside { trust, cold }, None, report),
        None => {
            without_rows("the root log", cold)?;
            root_log::verify(lines, header, trust, report).map(|_| ())
        }
    }
}
