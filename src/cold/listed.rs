//! What the search of a chunk leaves for the replacement of its object: which events lost their payload, by which erasure.

use audit_core::catalogue::COLD_CHUNKS;
use audit_core::ids::EventId;
use audit_core::time::Timestamp;
use audit_evidence::hash::Hash;
use uuid::Uuid;

use super::rows::Place;
use crate::error::Error;
use crate::pg::{parameter, spi};
use crate::storage::Storage;

/// An event that was erased in the bytes of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErasedEvent {
    /// The entry of the erasure.
    pub entry: Uuid,
    pub place: Place,
    /// None: it has no key.
    pub leaf: Option<Hash>,
}

/// Entry, time, event, leaf.
const LENGTH: usize = 16 + 8 + 16 + 32;

impl ErasedEvent {
    pub fn to_bytes(self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[..16].copy_from_slice(self.entry.as_bytes());
        bytes[16..24].copy_from_slice(&self.place.0.microseconds().to_be_bytes());
        bytes[24..40].copy_from_slice(self.place.1.0.as_bytes());
        bytes[40..].copy_from_slice(&self.leaf.map_or([0; 32], |leaf| leaf.0));
        bytes
    }

    fn read(bytes: &[u8; LENGTH]) -> Option<ErasedEvent> {
        let uuid = |from: usize| Uuid::from_slice(&bytes[from..from + 16]).ok();
        let time = i64::from_be_bytes(bytes[16..24].try_into().ok()?);
        let leaf = Hash::from_slice(&bytes[40..]).filter(|leaf| leaf.0 != [0; 32]);
        let place = (Timestamp::from_microseconds(time), EventId(uuid(24)?));
        Some(ErasedEvent { entry: uuid(0)?, place, leaf })
    }
}

/// All that the chunks of an object remember, one after the other.
pub fn of_bytes(bytes: &[u8]) -> impl Iterator<Item = ErasedEvent> {
    bytes.as_chunks().0.iter().filter_map(ErasedEvent::read)
}

/// What the chunks of an object would become is known no more.
pub fn forget_search(storage: &Storage, object: Uuid) -> Result<(), Error> {
    let sql = format!(
        "UPDATE {} SET searched_at = NULL, next_byte_count = NULL, next_sha256 = NULL, next_erased = NULL WHERE object_id = $1",
        storage.qualified(COLD_CHUNKS)
    );
    let _permit = storage.writing(COLD_CHUNKS)?;
    spi::count_with(&sql, &[parameter::uuid(object)]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read() {
        let place = (Timestamp::from_microseconds(-5), EventId(Uuid::from_u128(3)));
        let known = ErasedEvent { entry: Uuid::from_u128(1), place, leaf: Some(Hash([7; 32])) };
        let unknown = ErasedEvent { leaf: None, ..known };
        let bytes: Vec<u8> = [known, unknown].into_iter().flat_map(ErasedEvent::to_bytes).collect();
        assert_eq!(of_bytes(&bytes).collect::<Vec<_>>(), [known, unknown]);
    }
}
