//! A stored row beside its leaf.

use super::account::{Marks, Row};
use crate::field::Values;
use crate::hash::Hash;
use crate::leaf::{LeafMaker, SealKey};

/// What the row says of itself, or why it is not the event of its leaf (`row_modified`).
pub fn examine(
    maker: &mut LeafMaker,
    values: &Values,
    seal_key: Option<&[u8]>,
    marks: Marks,
    leaf: &Hash,
) -> Result<Row, &'static str> {
    let key = seal_key.ok_or("it has no key")?;
    let key = SealKey::from_bytes(key).ok_or("its key has an odd length")?;
    match maker.leaf(values, &key) {
        Err(_) => Err("it has a payload beside the key of an erased one"),
        Ok(of_row) if of_row != *leaf => Err("its columns or its key are not those that were sealed"),
        Ok(_) if key.is_erased() => Ok(Row::Erased(marks)),
        Ok(_) => Ok(Row::Live(marks)),
    }
}
