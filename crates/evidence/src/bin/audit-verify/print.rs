//! What was verified, in words.

use std::collections::BTreeSet;
use std::io::{self, Write};

use audit_evidence::base64;
use audit_evidence::verify::{Code, Finding, Seen, Summary, Taken};

use crate::printable::{printable, quoted};

/// Whoever closed the pipe has read what they wanted.
pub fn show(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// To standard error; where nobody can read that, the exit code still says it.
pub fn complain(problem: &str) {
    let _ = writeln!(io::stderr(), "audit-verify: {}", printable(problem));
}

pub fn finding(out: &mut impl Write, finding: &Finding) -> io::Result<()> {
    writeln!(out, "{}", printable(&finding.to_string()))
}

pub fn summary(out: &mut impl Write, summary: &Summary, codes: &BTreeSet<Code>) -> io::Result<()> {
    for code in codes {
        writeln!(out, "{}: {}", code.name(), code.meaning())?;
    }
    let Summary { events, erased, withheld, removed, in_files, heads, unshown_logs, unshown_places, shown, .. } =
        summary;
    writeln!(out, "events verified: {events}, of which erased: {erased}, removed beside them: {removed}")?;
    if *in_files > 0 {
        writeln!(out, "of those that are removed, verified in files of cold storage: {in_files}")?;
    }
    if *heads > 0 {
        writeln!(out, "heads verified: {heads}")?;
    }
    if *unshown_places > 0 {
        writeln!(out, "places that are not shown: {unshown_places}, in workspaces: {unshown_logs}")?;
    }
    for (field, json) in shown {
        writeln!(out, "shown: {} {}", field.name(), printable(json))?;
    }
    if *withheld > 0 {
        writeln!(out, "of {withheld} events columns are withheld, which cannot be told from columns that are NULL")?;
    }
    for (entry, taken) in &summary.taken {
        let Taken { erased, removed, cold, in_files, .. } = taken;
        match cold + in_files {
            0 => writeln!(out, "by deletion {entry}: {erased} erased, {removed} removed")?,
            cold => {
                writeln!(out, "by release {entry}: {cold} in cold storage, of which verified in files: {in_files}")?
            }
        }
    }
    summary.checkpoints.iter().try_for_each(|seen| checkpoint(out, seen))
}

fn checkpoint(out: &mut impl Write, seen: &Seen) -> io::Result<()> {
    writeln!(out, "checkpoint: {} at size {}", printable(&seen.origin), seen.size)?;
    for key in &seen.signed_by {
        writeln!(out, "  signed by {}", printable(key))?;
    }
    for (witness, at) in &seen.witnessed_by {
        let witness = printable(witness);
        let time = i64::try_from(*at).ok().and_then(|at| jiff::Timestamp::from_second(at).ok());
        match time {
            Some(time) => writeln!(out, "  witnessed by {witness}, so made not after {time}")?,
            None => writeln!(out, "  witnessed by {witness}")?,
        }
    }
    for token in &seen.timestamps {
        // For bash; the time stamping authority's certificate is the reader's to choose.
        // Its lines come from whoever made the export, and are pasted into a shell.
        write!(out, "  timestamp: openssl ts -verify -CAfile TSA.pem -data <(printf '%s\\n'")?;
        seen.body.lines().try_for_each(|line| write!(out, " {}", quoted(line)))?;
        write!(out, ")")?;
        writeln!(out, " -in <(echo {} | base64 -d)", base64::encode(token))?;
    }
    Ok(())
}
