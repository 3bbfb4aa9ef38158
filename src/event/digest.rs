//! A short witness of an event's content, byte for byte: two digests that agree in one backend are of the same event.
//!
//! SipHash with a key that each backend draws and nobody can ask for, so that no content can be made to fit a digest.
//! Digests live in memory only and mean nothing elsewhere.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::{Column, Columns};
use crate::pg::datum;

thread_local! {
    static KEY: RandomState = RandomState::new();
}

/// Of all columns, the soft deletion's included.
pub fn digest(columns: &Columns) -> u64 {
    let mut hasher = KEY.with(RandomState::build_hasher);
    for column in Column::ALL {
        match columns[column.index()] {
            None => hasher.write_u8(0),
            Some(value) => {
                hasher.write_u8(1);
                datum::feed(value, column.form(), &mut |bytes| {
                    hasher.write_usize(bytes.len());
                    hasher.write(bytes);
                });
            }
        }
    }
    hasher.finish()
}
