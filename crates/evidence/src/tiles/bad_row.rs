//! Why a stored row cannot be one of its log.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRow {
    /// It does not begin where the row before it ends, or reaches into the next tile.
    Place,
    /// Leaf hashes and what they stand for are not equally many.
    Refs,
    /// The frontier stored with it is not that of the leaves up to its end.
    Frontier,
}
