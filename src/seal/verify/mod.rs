//! `audit_verify()`: whether the trail is what was sealed. `audit_evidence::verify` judges; here is read what it judges.
//!
//! Everything is read under the snapshot of the call's statement, piece by piece: root logs, the logs of workspaces beside the heads in them, and then each place
//! of a log beside its row and the deletions that name it, which PostgreSQL's sort brings together.

mod arguments;
mod deletions;
mod events;
mod found;
mod heads;
mod logs;
mod roots;

use std::rc::Rc;

use audit_core::time::{Span, Timestamp};
use audit_evidence::verify::stored::{Trail, pair};
use audit_evidence::verify::{Code, Finding, Report, allowed_lag};

use self::arguments::{Asked, Depth};
use self::found::{Findings, InOrder};
use super::checkpoint::incarnations;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::rows::Rows;
use crate::pg::sorter::Sorter;
use crate::pg::{clock, parameter, server, spi, transaction};
use crate::storage::Storage;

/// `audit_verify(p_workspace_id, p_checkpoints, p_keys, p_depth)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let asked = Asked::read(call, &incarnations(&storage))?;
    let is_standby = server::is_standby();
    if !is_standby {
        transaction::refuse_if_read_only(c"audit_verify()");
    }
    let mut findings = Findings::to(Rows::of(call)?);
    let events = verify(&storage, &asked, &mut findings)?;
    if !is_standby {
        findings.record(&storage, &asked, events)?;
    }
    Ok(Answer::Nothing)
}

/// Gives the number of events that were compared with the log.
fn verify(storage: &Rc<Storage>, asked: &Asked, findings: &mut Findings) -> Result<u64, Error> {
    let mut receive = |finding: Finding| findings.receive(finding);
    let mut report = Report::new(&mut receive);
    asked.tell_of_unknown(&mut report);
    let mut heads = Sorter::new();
    for (place, incarnation) in asked.incarnations.iter().enumerate() {
        if place > 0 {
            report.add(Finding::new(Code::Incarnation, incarnation.origin.clone()));
        }
        roots::verify(storage, asked, incarnation, &mut heads, &mut report)?;
    }
    tell_if_overdue(storage, &mut report);
    let mut heads = heads::Heads::new(heads.sorted());
    if asked.depth == Depth::Heads {
        heads::verify(storage, asked, &mut heads, &mut report);
        return Ok(0);
    }
    let mut records = Sorter::new();
    logs::verify(storage, asked, &mut heads, &mut records, &mut report)?;
    if asked.depth == Depth::Tiles {
        return Ok(0);
    }
    events::read(storage, asked, &mut records);
    deletions::read(storage, asked, &mut records, &mut report);
    Trail::new(InOrder(records.sorted())).judge(&mut report);
    let events = report.summary.events;
    drop(report);
    if let Some(held_back) = findings.take_held_back() {
        let mut sorted = held_back.sorted();
        let mut receive = |finding: Finding| findings.tell(&finding);
        pair(|| sorted.next(<[u8]>::to_vec), &mut Report::new(&mut receive));
    }
    Ok(events)
}

/// Whether somebody should look why nothing is sealed.
fn tell_if_overdue(storage: &Storage, report: &mut Report) {
    let intervals =
        spi::read_with(&storage.fill(include_str!("../../../sql/seal/verify_intervals.sql"), &[]), &[], |row| {
            row.int8(1)
        });
    let intervals: Vec<i64> = intervals.into_iter().flatten().collect();
    let seen_at = events::last_seal(storage).map(|last| last.seen_at);
    let lag = allowed_lag(&intervals);
    let before = clock::now() - Span::microseconds(lag);
    let parameters =
        [parameter::time(seen_at.unwrap_or(Timestamp::from_microseconds(i64::MIN))), parameter::time(before)];
    let sql = storage.fill(include_str!("../../../sql/seal/verify_overdue.sql"), &[]);
    if spi::read_with(&sql, &parameters, |row| row.bool(1)) == [Some(true)] {
        let detail = match seen_at {
            Some(_) => format!("events have waited for a seal for over {} minutes", lag / 60_000_000),
            None => "nothing was ever sealed".into(),
        };
        report.add(Finding::new(Code::SealOverdue, detail));
    }
}
