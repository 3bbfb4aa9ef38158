//! A keyed hash (SipHash) of an event's content, byte for byte. Two events with equal fingerprints in one backend have equal content.
//!
//! Each backend draws its own key, which nobody can read, so nobody can make content to match a fingerprint. Fingerprints are kept in
//! memory only and mean nothing in another backend.

use std::hash::{BuildHasher, Hasher, RandomState};

use audit_core::event::column::Column;

use super::row::Columns;
use crate::pg::image;

thread_local! {
    static KEY: RandomState = RandomState::new();
}

/// The fingerprint of all columns, including those of the soft deletion.
pub fn fingerprint(columns: &Columns) -> u64 {
    let mut bytes = Collected::new(KEY.with(RandomState::build_hasher));
    for column in Column::ALL {
        match columns.value(column) {
            None => bytes.add(&[0]),
            Some(value) => {
                bytes.add(&[1]);
                image::feed(value, &mut |value| {
                    bytes.add(&value.len().to_ne_bytes());
                    bytes.add(value);
                });
            }
        }
    }
    bytes.finish()
}

/// Collects short pieces before they are hashed, because a hasher takes as long for one byte as for eight.
struct Collected<H> {
    hasher: H,
    bytes: [u8; 512],
    filled: usize,
}

impl<H: Hasher> Collected<H> {
    fn new(hasher: H) -> Self {
        Collected { hasher, bytes: [0; 512], filled: 0 }
    }

    fn add(&mut self, piece: &[u8]) {
        if piece.len() > self.bytes.len() - self.filled {
            self.hand_on();
        }
        match self.bytes[self.filled..].get_mut(..piece.len()) {
            Some(room) => {
                room.copy_from_slice(piece);
                self.filled += piece.len();
            }
            None => self.hasher.write(piece),
        }
    }

    fn hand_on(&mut self) {
        self.hasher.write(&self.bytes[..self.filled]);
        self.filled = 0;
    }

    fn finish(mut self) -> u64 {
        self.hand_on();
        self.hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Keeps what it is given.
    struct Kept<'a>(&'a mut Vec<u8>);

    impl Hasher for Kept<'_> {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }

        fn finish(&self) -> u64 {
            0
        }
    }

    proptest! {
        #[test]
        fn every_byte_is_handed_on_in_its_order(lengths in prop::collection::vec(0usize..1500, 0..20)) {
            let mut byte = 0u8;
            let pieces: Vec<Vec<u8>> = lengths.into_iter().map(|length| (0..length).map(|_| { byte = byte.wrapping_add(1); byte }).collect()).collect();
            let mut kept = Vec::new();
            let mut collected = Collected::new(Kept(&mut kept));
            pieces.iter().for_each(|piece| collected.add(piece));
            collected.finish();
            prop_assert_eq!(kept, pieces.concat());
        }
    }
}
