//! The stamps of this backend ([`audit_core::event::stamp`]), with the server's clock and the operating system's randomness.

use std::cell::RefCell;

use audit_core::event::stamp::{Origin, Stamp, StampError, Stamps};
use audit_core::ids::EventId;
use audit_core::time::Timestamp;
use rand::rngs::{StdRng, SysRng};
use rand::{RngExt, SeedableRng, TryRng};

use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::{clock, execution};

type Random = Box<dyn FnMut() -> u64>;

thread_local! {
    /// Seeded at first use, never when the library is loaded: preloaded, all backends would share the seed.
    static STAMPS: RefCell<Option<Stamps<Random>>> = const { RefCell::new(None) };
}

/// The seed must not be guessable, and no two backends may have the same.
pub(super) fn seeded(source: &mut impl TryRng) -> Result<StdRng, StampError> {
    StdRng::try_from_rng(source).map_err(|_| StampError::NoRandomness)
}

fn with_stamps<R>(work: impl FnOnce(&mut Stamps<Random>) -> Result<R, StampError>) -> Result<R, StampError> {
    STAMPS.with_borrow_mut(|stamps| match stamps {
        Some(stamps) => work(stamps),
        None => {
            let mut generator = seeded(&mut SysRng)?;
            work(stamps.insert(Stamps::new(Box::new(move || generator.random()))))
        }
    })
}

/// See [`Stamps::fresh`] and [`Stamps::id_at`]: the server's time, or the caller's.
pub fn stamp(created_at: Option<Timestamp>) -> Result<Stamp, StampError> {
    with_stamps(|stamps| {
        let stamp = match created_at {
            None => stamps.fresh(clock::now()),
            Some(time) => stamps.id_at(time).map(|id| (time, id)),
        };
        stamp.ok_or(StampError::TimeOutOfRange)
    })
}

/// Asked by the trigger of the row.
pub fn origin_of(id: Option<EventId>, created_at: Timestamp) -> Result<Origin, StampError> {
    let executions = execution::of_row_trigger();
    with_stamps(|stamps| stamps.origin_of(id, created_at, |execution| executions.include(execution)))
}

/// `audit_event_id()`, the default of `audit_events.id`.
pub fn default_id_call(call: &Call) -> Result<Answer, Error> {
    let execution = execution::of_expression(call);
    let id = with_stamps(|stamps| stamps.default_id(clock::now(), execution).ok_or(StampError::TimeOutOfRange))?;
    Ok(Answer::from(id.0))
}

/// `audit_event_time()`, the default of `audit_events.created_at`.
pub fn default_time_call(call: &Call) -> Result<Answer, Error> {
    let execution = execution::of_expression(call);
    let time = with_stamps(|stamps| stamps.default_time(clock::now, execution).ok_or(StampError::TimeOutOfRange))?;
    Ok(Answer::time(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An operating system that gives none.
    struct Nothing;

    impl TryRng for Nothing {
        type Error = std::fmt::Error;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Err(std::fmt::Error)
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Err(std::fmt::Error)
        }

        fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
            Err(std::fmt::Error)
        }
    }

    #[test]
    fn without_randomness_there_are_no_ids() {
        assert!(matches!(seeded(&mut Nothing), Err(StampError::NoRandomness)));
    }
}
