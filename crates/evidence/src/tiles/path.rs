//! Names of tile files (C2SP tlog-tiles).

use super::WIDTH;

/// A tile, or as much of one as there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    pub level: u32,
    pub place: u64,
    /// 1 to 256.
    pub width: u64,
}

impl Tile {
    /// The tiles of a log of `size` leaves at one level, from the left.
    pub fn of_level(size: u64, level: u32) -> impl Iterator<Item = Self> {
        let hashes = size >> (8 * level.min(7));
        let tile = move |place| Self { level, place, width: (hashes - place * WIDTH).min(WIDTH) };
        (0..hashes.div_ceil(WIDTH)).map(tile)
    }

    /// All tiles of a log of `size` leaves, the lowest level first.
    pub fn of_log(size: u64) -> impl Iterator<Item = Self> {
        (0..8).flat_map(move |level| Self::of_level(size, level))
    }

    /// `tile/<level>/<place>`, with `.p/<width>` if it is not full.
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, suffix(self.place, self.width))
    }
}

/// Where the entries of a tile of level 0 are.
pub fn entries_path(place: u64, width: u64) -> String {
    format!("tile/entries/{}", suffix(place, width))
}

/// Three digits a folder, all but the last with an x before them.
fn suffix(place: u64, width: u64) -> String {
    let mut text = format!("{:03}", place % 1000);
    let mut rest = place / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if width < WIDTH { format!("{text}.p/{width}") } else { text }
}
