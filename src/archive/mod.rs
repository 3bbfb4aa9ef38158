//! The archive: events that are past their workspace's hot period change sides, and come back when they are needed.
//!
//! A run looks at each hot partition that can hold something due ([`due`]). Where every workspace in a month archives by
//! months, and the month is over for all of them, the partition itself changes sides ([`month`]), which copies nothing.
//! Otherwise due events move in bounded batches ([`rows`]). Either way the deletion log gets one entry per workspace and
//! run ([`run`]). [`restore`] brings events back.
//!
//! Who waits for whom: runs exclude each other (the second does nothing), movers and erasers exclude each other
//! ([`crate::interlock`]); those who record and read wait for none of it, but for the moment when a month changes sides.

pub mod due;
pub mod month;
pub mod restore;
pub mod rows;
pub mod run;

use crate::pg::datum::Datum;

/// A timestamptz as a parameter.
fn time(time: i64) -> Option<Datum<'static>> {
    Some(crate::pg::datum::from_time(time))
}
