//! jsonb as PostgreSQL stores it (utils/jsonb.h), read and written without calling the server.
//!
//! A container is a header of 32 bits (kind and number of members), an entry of 32 bits per element, or per key and then per
//! value, and the data. Keys are sorted by length, then bytes. An entry holds type and length of its data; every 32nd holds
//! the offset of its end instead, so that one in the middle is found without adding up all lengths before it. Numerics and containers
//! begin at multiples of four; the padding counts as theirs. A scalar by itself is an array of one element with a mark.

pub mod printed;
pub mod read;
pub mod write;

/// A container, or a numeric with its header, as PostgreSQL stores them. PostgreSQL believes such bytes, so they are its own or were put
/// together here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<'a>(&'a [u8]);

impl<'a> Stored<'a> {
    /// Whoever calls this has the bytes from PostgreSQL: `src/pg` alone, and tests.
    pub const fn by_postgres(bytes: &'a [u8]) -> Stored<'a> {
        Stored(bytes)
    }

    pub fn bytes(self) -> &'a [u8] {
        self.0
    }
}

/// A container that was put together here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document(Vec<u8>);

impl Document {
    pub fn stored(&self) -> Stored<'_> {
        Stored(&self.0)
    }
}

/// The constants of jsonb.h, under their names there.
pub mod layout {
    /// The number of members in a header.
    pub const JB_CMASK: u32 = 0x0fff_ffff;
    pub const JB_FSCALAR: u32 = 0x1000_0000;
    pub const JB_FOBJECT: u32 = 0x2000_0000;
    pub const JB_FARRAY: u32 = 0x4000_0000;

    /// The length or the offset in an entry.
    pub const JENTRY_OFFLENMASK: u32 = 0x0fff_ffff;
    pub const JENTRY_TYPEMASK: u32 = 0x7000_0000;
    pub const JENTRY_HAS_OFF: u32 = 0x8000_0000;
    pub const JENTRY_ISSTRING: u32 = 0;
    pub const JENTRY_ISNUMERIC: u32 = 0x1000_0000;
    pub const JENTRY_ISBOOL_FALSE: u32 = 0x2000_0000;
    pub const JENTRY_ISBOOL_TRUE: u32 = 0x3000_0000;
    pub const JENTRY_ISNULL: u32 = 0x4000_0000;
    pub const JENTRY_ISCONTAINER: u32 = 0x5000_0000;

    /// The distance between entries that hold an offset.
    pub const JB_OFFSET_STRIDE: usize = 32;
}
