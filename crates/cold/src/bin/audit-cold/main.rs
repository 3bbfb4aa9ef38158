//! Carries events between a trail and cold storage.

// These macros panic where nobody reads any more.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod memory;

use std::process::ExitCode;

use arguments::{Command, Order, Problem};
use audit_cold::database::Database;
use audit_cold::failure::Failure;
use audit_cold::report::{self, Report};
use audit_cold::verb::Work;

const FOUND: u8 = 1;
const USAGE: u8 = 2;
const DATABASE: u8 = 3;
const STORE: u8 = 4;

const HELP: &str = "\
audit-cold VERB [OPTION]...
  export    puts archived events that are due into files; they stay in the database
  release   removes the events of stored files from the database, if the files are still there:
            --authority, --ticket, and --object, --workspace or --store
  restore   lends events back: --event, --object, or --workspace and --month
  return    removes loans that are as they were lent: --workspace, --authority, --ticket
  erase     cleans, then carries ordered erasures out in files
  clean     removes files that are condemned, and what interrupted runs left
  check     compares files with the catalog; --deep also decodes them
  list      shows the objects
  show      all of an object: --object; or the manifest of a file, as adopt_audit_cold_object() takes it: --store, --path
  run       clean, erase, export, check: for a schedule. It never releases.
Options:
  --database URL        the database; what it does not name comes from PGHOST, PGUSER, PGPASSWORD and the like
  --store URL           all but return, and show of an object: file:///directory or s3://bucket/prefix; credentials come from the environment or the machine's role
  --workspace ID, --month 2026-01, --object ID, --event ID
  --min-events N        export, run: months with fewer events wait (100)
  --authority TEXT, --ticket TEXT
  --older-than INTERVAL return: younger loans stay ('30 days')
  --keep-condemned INTERVAL
                        clean, erase, export, run: condemned files stay so long ('0')
  --reclaim             release: gives the room back to the disk; readers of those months wait
  --json                a JSON object for each line
  --help, --version
Exit: 0 done, 1 something needs a look, 2 usage, 3 database, 4 store.";

fn main() -> ExitCode {
    memory::give_back();
    let code = match Command::parse(std::env::args_os()) {
        Ok(Command::Help) => {
            report::print(HELP);
            0
        }
        Ok(Command::Version) => {
            report::print(concat!("audit-cold ", env!("CARGO_PKG_VERSION")));
            0
        }
        Ok(Command::CarryOut(order)) => match carry_out(*order) {
            Ok(has_findings) => u8::from(has_findings) * FOUND,
            Err(failure) => told(&failure),
        },
        Err(Problem(problem)) => told(&Failure::Usage(problem)),
    };
    ExitCode::from(code)
}

/// Whether something was found that needs a look.
fn carry_out(Order { verb, options, database, is_json }: Order) -> Result<bool, Failure> {
    let database = Database::connect(database.as_deref())?;
    let mut work = Work::new(options, database, Report::new(is_json));
    verb.carry_out(&mut work)?;
    Ok(work.report.has_findings())
}

fn told(failure: &Failure) -> u8 {
    report::complain(&failure.to_string());
    match failure {
        Failure::Usage(_) => {
            report::complain("--help shows what there is");
            USAGE
        }
        Failure::Database(_) => DATABASE,
        Failure::Store(_) => STORE,
    }
}
