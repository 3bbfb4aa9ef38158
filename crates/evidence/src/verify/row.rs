//! A stored row beside its leaf.

use super::account::{Marks, Row};
use crate::field::Values;
use crate::hash::Hash;
use crate::leaf::{LeafMaker, SealKey};

/// The leaf of a stored row, and whether it is that of an erased event; or why it has none.
pub fn leaf_of(maker: &mut LeafMaker, values: &Values, seal_key: Option<&[u8]>) -> Result<(Hash, bool), &'static str> {
    let key = seal_key.ok_or("it has no key")?;
    let key = SealKey::from_bytes(key).ok_or("its key has an odd length")?;
    let leaf = maker.leaf(values, &key).map_err(|_| "it has a payload beside the key of an erased one")?;
    Ok((leaf, key.is_erased()))
}

/// What the row says of itself, or why it is not the event of its leaf (`row_modified`).
pub fn examine(
    maker: &mut LeafMaker,
    values: &Values,
    seal_key: Option<&[u8]>,
    marks: Marks,
    leaf: &Hash,
) -> Result<Row, &'static str> {
    match leaf_of(maker, values, seal_key)? {
        (of_row, _) if of_row != *leaf => Err("its columns or its key are not those that were sealed"),
        (_, true) => Ok(Row::Erased(marks)),
        (_, false) => Ok(Row::Live(marks)),
    }
}
