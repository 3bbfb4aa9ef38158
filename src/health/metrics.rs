//! `audit_metrics()`: the figures of the trail, named as Prometheus names them.
//!
//! What the checks of `audit_health()` find comes first, each check once with its worst status; one query gives the rest.

use audit_core::health;
use pgrx::pg_sys::{INT8OID, TEXTARRAYOID};

use super::{archive, findings};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::rows::Rows;
use crate::pg::{datum, spi, subtransaction};
use crate::storage::Storage;

pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let (names, statuses): (Vec<_>, Vec<_>) = health::worst(findings(&storage))
        .into_iter()
        .map(|(check, status)| (Some(check), Some(status.to_string())))
        .unzip();
    let parameters = [
        (TEXTARRAYOID, Some(datum::from_texts(&names))),
        (TEXTARRAYOID, Some(datum::from_texts(&statuses))),
        (INT8OID, subtransaction::outcome(|| archive::longest_lag(&storage)).ok().map(datum::from_int8)),
    ];
    let sql = storage.fill(include_str!("../../sql/health/metrics.sql"), &[]);
    spi::rows_with(&sql, &parameters, |row| rows.push(&[1, 2, 3, 4, 5].map(|column| row.column(column))));
    Ok(Answer::Nothing)
}
