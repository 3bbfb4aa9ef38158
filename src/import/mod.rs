//! `CALL import_audit_events(…)`: the history of another trail, with a commit a batch.
//!
//! The source is read once, in the order of time, with the rights of the caller; what was read is kept across commits by PostgreSQL ([`source`]). Events
//! are stored by [`crate::record::import`], and a row that was imported before is passed over ([`batch`]). [`run`] keeps the table of imports.

mod batch;
mod run;
mod source;

use audit_core::argument::Argument;
use audit_core::import::refusal::ImportError;

use self::batch::Outcome;
use self::run::Run;
use self::source::Source;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::jsonb;
use crate::pg::procedure::{InBlock, Procedure};
use crate::storage::Storage;

const BATCH: std::ops::RangeInclusive<i32> = 1..=1_000_000;
/// In characters.
const LONGEST_NAME: usize = 200;

pub const IN_BLOCK: InBlock = InBlock { procedure: "import_audit_events", hint: "CALL it by itself." };

/// `CALL import_audit_events(p_source, p_name, p_mapping, p_batch)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let procedure = Procedure::begin(call, IN_BLOCK)?;
    let source = Source::of(call.oid(0).ok_or(ImportError::NotASource)?, &mapping(call)?)?;
    let (name, batch) = (name(call)?, size(call)?);
    let run = Run::begin(&Storage::of(call)?, name, &source)?;
    procedure.commit();
    // Before anything is locked: the commit reads the whole source.
    let rows = source.open();
    procedure.commit();
    let mut last = None;
    loop {
        let outcome = batch::import(call, &run, &rows, batch, &mut last);
        match &outcome {
            Ok(Outcome::Batch) => {}
            Ok(Outcome::End) => run.finish(&Storage::of(call)?, &source)?,
            Err(error) => {
                let storage = Storage::of(call)?;
                run.fail(&storage, error)?
            }
        }
        procedure.commit();
        if let Outcome::End = outcome? {
            return Ok(Answer::Nothing);
        }
    }
}

fn mapping(call: &Call) -> Result<serde_json::Value, Error> {
    let text = call.datum(2).map_or(&b"{}"[..], jsonb::printed);
    let unreadable = || Argument::new("p_mapping").problem("cannot be read").hint("Make it flat, in plain text.");
    Ok(serde_json::from_slice(text).map_err(|_| unreadable())?)
}

fn name(call: &Call) -> Result<String, Argument> {
    let fits = |name: &String| !name.trim().is_empty() && name.chars().count() <= LONGEST_NAME;
    call.text(1).filter(fits).ok_or_else(|| {
        Argument::new("p_name")
            .problem(format!("must be a name of 1 to {LONGEST_NAME} characters"))
            .hint("Call it by the trail that it comes from: 'supa_audit'. The same name goes on with the same import.")
    })
}

fn size(call: &Call) -> Result<u64, Argument> {
    call.int4(3).filter(|size| BATCH.contains(size)).map(|size| size as u64).ok_or_else(|| {
        Argument::new("p_batch")
            .problem(format!("must be between {} and {}", BATCH.start(), BATCH.end()))
            .hint("50000 events are a transaction of a few seconds.")
    })
}
