//! Verifies what a trail exports, without its server and without a network; signs checkpoints; makes keys.

#![forbid(unsafe_code)]
// These macros panic where nobody reads any more.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
#[cfg(feature = "cold")]
mod cold;
mod print;
mod printable;
mod sign;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arguments::Command;
use audit_evidence::verify::files::{ColdFiles, Unreadable, verify_path};
use audit_evidence::verify::{Code, Report, Trust};

/// Exit code of a critical finding. It stands even if something could not be read afterwards.
const CRITICAL: u8 = 1;
/// As sysexits has them.
const USAGE: u8 = 64;
const UNREADABLE: u8 = 65;

const HELP: &str = "\
audit-verify [--key VKEY]... [--witness VKEY]... [--quorum N] [--checkpoint FILE]... [--head FILE]...
        [--workspace ID]... [--cold FOLDER]... PATH|-
    verifies a bundle, a receipt, a folder of tiles, or a folder of bundles with the root log's; with --cold also the rows
    in files of cold storage, of workspaces whose bundles are there; with --workspace a folder need not show the others
audit-verify sign --key FILE --state FILE [--new-origin] < REQUEST
    signs the checkpoint of audit_consistency_proof(), if it continues what was signed last; a log of an origin that was not
    signed before, beside others that were, only with --new-origin
audit-verify keygen NAME FILE
    makes a key for a log whose origins begin with NAME, and prints its public half
audit-verify --help | --version
Exit: 0 sound, 1 something critical, 2 warnings only, 64 usage, 65 unreadable.";

fn main() -> ExitCode {
    let code = match Command::parse() {
        Ok(Command::Help) => {
            print::show(HELP);
            0
        }
        Ok(Command::Version) => {
            print::show(concat!("audit-verify ", env!("CARGO_PKG_VERSION")));
            0
        }
        Ok(Command::Verify { trust, cold, path }) => verify(&trust, &cold, &path),
        Ok(Command::Sign { key, state, is_new_origin }) => sign::sign(&key, &state, is_new_origin),
        Ok(Command::Keygen { name, file }) => sign::keygen(&name, &file),
        Err(problem) => {
            print::complain(&problem.text);
            if problem.code == USAGE {
                let _ = writeln!(io::stderr(), "{HELP}");
            }
            problem.code
        }
    };
    ExitCode::from(code)
}

/// None where no folder was given.
#[cfg(feature = "cold")]
fn folders(cold: &[PathBuf]) -> Option<Box<dyn ColdFiles>> {
    (!cold.is_empty()).then(|| Box::new(cold::Folders(cold.to_vec())) as Box<dyn ColdFiles>)
}

/// The arguments gave no folder.
#[cfg(not(feature = "cold"))]
fn folders(_: &[PathBuf]) -> Option<Box<dyn ColdFiles>> {
    None
}

fn verify(trust: &Trust, cold: &[PathBuf], path: &Path) -> u8 {
    let mut codes = std::collections::BTreeSet::<Code>::new();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut receive = |finding: audit_evidence::verify::Finding| {
        codes.insert(finding.code);
        let _ = print::finding(&mut out, &finding);
    };
    let mut report = Report::new(&mut receive);
    let folders = folders(cold);
    let result = verify_path(path, trust, folders.as_deref(), &mut report);
    let (summary, code) = (std::mem::take(&mut report.summary), report.exit_code());
    let _ = out.flush();
    if let Err(problem) = result {
        print::complain(&format!("{}: {problem}", path.display()));
        if let Unreadable::NoRows(_) = problem {
            return USAGE;
        }
        print::complain("nothing is proven by what cannot be read");
        return if code == CRITICAL { code } else { UNREADABLE };
    }
    // Whoever closed the pipe has read what they wanted; the code still says it.
    let _ = print::summary(&mut out, &summary, &codes).and_then(|()| out.flush());
    code
}
