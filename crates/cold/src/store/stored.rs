//! Files as a store has them.

/// A file that is being written ends so until it is whole.
pub const UNFINISHED: &str = ".part";

/// A file that a store has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    pub path: String,
    pub bytes: u64,
}
