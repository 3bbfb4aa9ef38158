//! The archive: events past their workspace's hot period are moved to it, and come back when they are needed.
//!
//! A run looks at each hot partition that can hold something due ([`due`]). If every workspace in a month archives by month, and the month
//! is past the hot period of all of them, the partition itself moves to the archive ([`month`]), and nothing is copied. Otherwise due
//! events move in bounded batches ([`rows`]). The deletion log gets one entry per workspace and run ([`run`]). [`restore`] brings events
//! back.
//!
//! There is one run at a time; a second does nothing. Runs and removals of events wait for each other ([`crate::interlock`]). Whoever
//! records or reads waits only for the moment in which a month moves.

pub mod due;
pub mod month;
pub mod restore;
pub mod rows;
pub mod run;
