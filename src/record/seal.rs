//! What an event gets for its seal: a key of its own, and the transaction that records it ([`audit_core::event::seal`]).

use std::cell::RefCell;

use audit_core::event::column::Column;
use audit_core::event::seal::transaction_mark;
use audit_core::event::stamp::StampError;
use audit_core::time::Timestamp;
use rand::Rng;
use rand::rngs::{StdRng, SysRng};

use super::stamp;
use crate::pg::datum::{self, Datum};
use crate::pg::{clock, transaction};

/// Whoever knew the key could try values until the digests fit, so it is as unpredictable as the operating system's own randomness.
const KEY_BYTES: usize = 16;

thread_local! {
    /// Apart from that of ids, of which everybody sees what it gives. Seeded at first use, never when the library is loaded: preloaded, all
    /// backends would share the seed.
    static KEYS: RefCell<Option<StdRng>> = const { RefCell::new(None) };
}

/// An unpredictable key.
pub fn new_key() -> Result<[u8; KEY_BYTES], StampError> {
    KEYS.with_borrow_mut(|keys| {
        let keys = match keys {
            Some(keys) => keys,
            None => keys.insert(stamp::seeded(&mut SysRng)?),
        };
        let mut key = [0; KEY_BYTES];
        keys.fill_bytes(&mut key);
        Ok(key)
    })
}

/// The values of the two columns, in the current memory context. The event is to be stored at once.
pub fn values(server_time: bool, created_at: Timestamp) -> Result<[(Column, Datum<'static>); 2], StampError> {
    let key = new_key()?;
    // It may have to be waited for, so the clock is read after it.
    let transaction = transaction::full_id();
    let mark = transaction_mark(transaction, server_time, created_at, clock::now());
    Ok([(Column::SealKey, datum::from_bytes(&key)), (Column::SealXid, datum::from_int8(mark))])
}
