//! Event ids: UUIDv7 (RFC 9562) whose time part is the event's `created_at`, to the microsecond.
//!
//! 48 bits of milliseconds, then the microseconds within the millisecond scaled to the 12 bits of rand_a (method 3
//! of the RFC, section 6.2), then 62 bits of randomness. So an id tells the month it lives in, ids sort by time, and a
//! time can be checked against its id.
//!
//! An event that was imported has an id of version 8 (a layout of one's own, section 5.8), otherwise laid out in the same way: its random part is
//! made of what the event was called elsewhere. So it sorts among the others, and says for good that it was imported.

use uuid::Uuid;

use crate::ids::EventId;
use crate::time::Timestamp;

/// The version of ids of events that were recorded here, and of those that were imported.
const RECORDED: u8 = 7;
const IMPORTED: u8 = 8;
const RANDOM_BITS: u32 = 62;
const RANDOM_MASK: u64 = (1 << RANDOM_BITS) - 1;
/// The last microsecond that 48 bits of milliseconds can name (in the year 10889).
const LAST: i64 = ((1i64 << 48) - 1) * 1000 + 999;

/// The id of an event of `created_at`; None before 1970 or after 10889.
pub fn at(created_at: Timestamp, random: u64) -> Option<EventId> {
    of_version(RECORDED, created_at, random)
}

/// The id of an imported event of `created_at`; None before 1970 or after 10889.
pub fn of_import(created_at: Timestamp, name: u64) -> Option<EventId> {
    of_version(IMPORTED, created_at, name)
}

/// Whether the event of this id was imported.
pub fn is_of_import(id: &EventId) -> bool {
    id.0.get_version_num() == usize::from(IMPORTED)
}

fn of_version(version: u8, created_at: Timestamp, random: u64) -> Option<EventId> {
    let time = created_at.unix().filter(|time| (0..=LAST).contains(time))?;
    let (milliseconds, rest) = (time / 1000, time % 1000);
    let fraction = (rest * 4096 / 1000) as u128;
    let bits = ((milliseconds as u128) << 80)
        | (u128::from(version) << 76)
        | (fraction << 64)
        | (0b10 << RANDOM_BITS)
        | u128::from(random & RANDOM_MASK);
    Some(EventId(Uuid::from_u128(bits)))
}

/// The `created_at` in an id; None if the id is not of our making.
pub fn created_at(id: &EventId) -> Option<Timestamp> {
    if ![RECORDED, IMPORTED].map(usize::from).contains(&id.0.get_version_num()) {
        return None;
    }
    let bits = id.0.as_u128();
    let milliseconds = (bits >> 80) as i64;
    let fraction = ((bits >> 64) & 0xfff) as i64;
    let rest = (fraction * 1000 + 4095) / 4096;
    (rest < 1000).then_some(Timestamp::from_unix(milliseconds * 1000 + rest))
}

/// Ids of events from a time on are this one or greater, and none of an event a millisecond before is; for the beginning of a scan.
pub fn least_of(time: Timestamp) -> Uuid {
    match time.unix() {
        Some(time) if time < 0 => Uuid::nil(),
        Some(time) if time <= LAST => Uuid::from_u128(((time / 1000) as u128) << 80),
        _ => Uuid::max(),
    }
}

/// Ids of events up to a time are this one or less, and none of an event a millisecond after is.
pub fn greatest_of(time: Timestamp) -> Uuid {
    let next = Timestamp::from_microseconds(time.microseconds().saturating_add(1000));
    match least_of(next) {
        id if id.is_nil() || id.is_max() => id,
        id => Uuid::from_u128(id.as_u128() - 1),
    }
}

/// Ids from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    pub least: Uuid,
    pub greatest: Uuid,
}

/// The millisecond since 1970 that an id is of.
pub fn millisecond(id: &EventId) -> u64 {
    (id.0.as_u128() >> 80) as u64
}

/// The ids of all events of a millisecond that were recorded here.
pub fn recorded_of(millisecond: u64) -> Ids {
    of_millisecond(RECORDED, millisecond)
}

/// The ids of all imported events of a millisecond.
pub fn imported_of(millisecond: u64) -> Ids {
    of_millisecond(IMPORTED, millisecond)
}

fn of_millisecond(version: u8, millisecond: u64) -> Ids {
    let least = (u128::from(millisecond) << 80) | (u128::from(version) << 76);
    Ids { least: Uuid::from_u128(least), greatest: Uuid::from_u128(least | ((1 << 76) - 1)) }
}

/// The id after which ids of the other version follow an event in the trail, newest first: of an imported event, the greatest id that a recorded one of its
/// time can have; of a recorded event, the least that an imported one can.
pub fn beside(id: &EventId) -> Uuid {
    let of_time = id.0.as_u128() & !(0xf << 76) & !u128::from(RANDOM_MASK);
    Uuid::from_u128(match is_of_import(id) {
        true => of_time | (u128::from(RECORDED) << 76) | u128::from(RANDOM_MASK),
        false => of_time | (u128::from(IMPORTED) << 76),
    })
}

/// The least id of the version and time of another.
pub fn least_beside(id: &Uuid) -> Uuid {
    Uuid::from_u128(id.as_u128() & !u128::from(RANDOM_MASK))
}

/// Makes ids that grow within a backend: equal times are told apart by a random part that only goes up.
pub struct Maker<R> {
    random: R,
    last: Option<(Timestamp, u64)>,
}

impl<R: FnMut() -> u64> Maker<R> {
    pub fn new(random: R) -> Self {
        Maker { random, last: None }
    }

    pub fn make(&mut self, created_at: Timestamp) -> Option<EventId> {
        let random = (self.random)() & RANDOM_MASK;
        let tail = match self.last {
            // A step of up to 2^32 keeps ids unguessable; half of the range is left free at the first draw.
            Some((time, tail)) if time == created_at => tail + 1 + (random >> 30),
            _ => random >> 1,
        };
        let tail = if tail > RANDOM_MASK { random } else { tail };
        self.last = Some((created_at, tail));
        at(created_at, tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scans_by_id_begin_and_end_at_the_millisecond() {
        let at_ = |unix: i64| Timestamp::from_unix(unix);
        for time in [0, 1, 999, 1000, 1_700_000_000_123_456, LAST - 1000] {
            let (first, last) = (at(at_(time), 0).unwrap().0, at(at_(time), u64::MAX).unwrap().0);
            assert!(least_of(at_(time)) <= first && last <= greatest_of(at_(time)), "{time}");
            let (before, after) = (at(at_(time - 1000), u64::MAX), at(at_(time + 1000), 0).unwrap());
            assert!(before.is_none_or(|before| before.0 < least_of(at_(time))), "{time}");
            assert!(greatest_of(at_(time)) < after.0, "{time}");
        }
        assert_eq!((least_of(Timestamp::PAST), greatest_of(Timestamp::PAST)), (Uuid::nil(), Uuid::nil()));
        assert_eq!((least_of(Timestamp::FUTURE), greatest_of(Timestamp::FUTURE)), (Uuid::max(), Uuid::max()));
    }

    proptest! {
        #[test]
        fn an_id_gives_back_its_time(time in 0..=LAST, random: u64) {
            let time = Timestamp::from_unix(time);
            let id = at(time, random).unwrap();
            prop_assert_eq!(created_at(&id), Some(time));
            prop_assert_eq!((id.0.get_version_num(), id.0.get_variant()), (7, uuid::Variant::RFC4122));
        }

        #[test]
        fn an_imported_id_is_told_by_its_version_alone(time in 0..=LAST, name: u64) {
            let time = Timestamp::from_unix(time);
            let (imported, recorded) = (of_import(time, name).unwrap(), at(time, name).unwrap());
            prop_assert_eq!(created_at(&imported), Some(time));
            prop_assert!(is_of_import(&imported) && !is_of_import(&recorded));
            prop_assert_eq!(imported.0.as_u128() ^ recorded.0.as_u128(), 0xf << 76);
            prop_assert!(least_of(time) <= imported.0 && imported.0 <= greatest_of(time));
            let is_in = |id: &EventId, ids: Ids| (ids.least..=ids.greatest).contains(&id.0);
            let [recorded_there, imported_there] = [recorded_of, imported_of].map(|of| of(millisecond(&imported)));
            prop_assert!(is_in(&recorded, recorded_there) && !is_in(&recorded, imported_there));
            prop_assert!(is_in(&imported, imported_there) && !is_in(&imported, recorded_there));
            prop_assert_eq!(beside(&imported), at(time, u64::MAX).unwrap().0);
            prop_assert_eq!(beside(&recorded), of_import(time, 0).unwrap().0);
        }

        #[test]
        fn ids_sort_by_time(a in 0i64..1_000_000_000_000_000, b in 0i64..1_000_000_000_000_000, r: u64, s: u64) {
            prop_assume!(a < b);
            prop_assert!(at(Timestamp::from_unix(a), r) < at(Timestamp::from_unix(b), s));
        }

        #[test]
        fn ids_of_one_time_grow(draws in prop::collection::vec(any::<u64>(), 2..50)) {
            let mut draws = draws.into_iter().cycle();
            let mut maker = Maker::new(move || draws.next().unwrap());
            let ids: Vec<_> = (0..50).map(|_| maker.make(Timestamp::from_unix(42)).unwrap()).collect();
            prop_assert!(ids.is_sorted_by(|a, b| a < b));
        }
    }

    #[test]
    fn times_that_no_id_can_carry_have_none() {
        assert_eq!(at(Timestamp::from_unix(-1), 0), None);
        assert_eq!(at(Timestamp::FUTURE, 0), None);
        assert_eq!(at(Timestamp::PAST, 0), None);
        assert!(at(Timestamp::UNIX_EPOCH, 0).is_some());
    }
}
