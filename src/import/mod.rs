//! `CALL import_audit_events(…)`: the history of another trail, with a commit a batch.
//!
//! The source is read once, in the order of time, with the rights of the caller; what was read is kept across commits by PostgreSQL ([`source`]). Events
//! are stored by [`crate::record::import`], and a row that was imported before is passed over ([`batch`]), also where its
//! event is gone ([`gone`]). [`run`] keeps the table of imports.
//!
//! Each step is undone as a whole where an error ends it, and the transaction goes on: so that the failure is noted, and committed, before the error is told
//! ([`stop`]).

mod batch;
mod culprit;
mod gone;
mod run;
mod source;
mod stop;

use audit_core::argument::Argument;
use audit_core::import::refusal::ImportError;

use self::batch::{Outcome, Progress};
use self::run::{Run, make_months};
use self::source::Source;
use self::stop::{Stop, step};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::jsonb;
use crate::pg::procedure::{InBlock, Procedure};
use crate::pg::role::Acting;
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
    source.try_out();
    let run = Run::begin(&Storage::of(call)?, name, &source)?;
    procedure.commit();
    let Err(stop) = import(call, &procedure, &source, &run, batch) else { return Ok(Answer::Nothing) };
    // What reads another server may not be able to commit after its connection was lost.
    procedure.rollback();
    let storage = Storage::of(call)?;
    run.fail(&storage, &stop)?;
    procedure.commit();
    let stop = match stop.of_unread_row(&source) {
        Ok(named) => {
            let storage = Storage::of(call)?;
            run.fail(&storage, &named)?;
            procedure.commit();
            named
        }
        Err(stop) => stop,
    };
    stop.raise()
}

/// Reads the source and imports its rows. After an error nothing of what it ended is there, and the transaction can go on.
fn import(call: &Call, procedure: &Procedure, source: &Source, run: &Run, batch: u64) -> Result<(), Stop> {
    step(|| {
        let months = source.months();
        let storage = Storage::of(call)?;
        let _owner = Acting::as_owner(storage.owner);
        make_months(&storage, months)
    })
    .map_err(Stop::while_reading)?;
    procedure.try_commit()?;
    // Before anything is locked: the commit reads the whole source.
    let rows = step(|| Ok(source.open())).map_err(Stop::while_reading)?;
    procedure.try_commit().map_err(|raised| Stop::from(raised).while_reading())?;
    let mut progress = Progress::of(run);
    loop {
        let outcome = batch::import(call, run, &rows, batch, &mut progress)?;
        if let Outcome::End = outcome {
            step(|| run.finish(&Storage::of(call)?, source))?;
        }
        procedure.try_commit()?;
        if let Outcome::End = outcome {
            return Ok(());
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
