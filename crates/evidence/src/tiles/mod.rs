//! How a log is stored: in tiles of 256 hashes, as in C2SP tlog-tiles. Level 0 holds leaf hashes, level k the roots of full tiles one level below.

mod append;
mod bad_row;
mod nodes;
mod path;
pub mod refs;

pub use append::{Appender, Close, Row, Span, joined, must_merge};
pub use bad_row::BadRow;
pub use nodes::{NoNode, TileNodes};
pub use path::{Tile, entries_path};
pub use refs::HeadRef;

/// Places of a tile.
pub const WIDTH: u64 = 256;
/// Levels of the tree that a tile spans.
pub const HEIGHT: u32 = 8;
/// When a tile's rows are this many they become one, so that a tile is read in few steps.
pub const ROWS_OF_A_TILE: usize = 32;
