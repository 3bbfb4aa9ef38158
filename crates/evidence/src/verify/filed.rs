//! Rows of events in files of cold storage.

use crate::hash::Hash;

/// A row of an event in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filed {
    /// Among the files that were given.
    pub file: u32,
    /// `None` for a row that has none.
    pub leaf: Option<Hash>,
    pub is_erased: bool,
    pub marks: MarksDigest,
}

/// Marks of a deletion in few bytes: they are only compared. Zeros where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarksDigest(pub [u8; MarksDigest::LEN]);

impl MarksDigest {
    pub const LEN: usize = 16;

    pub fn of(marks: [Option<&str>; 3]) -> Self {
        if marks.iter().all(Option::is_none) {
            return Self::default();
        }
        let mut hash = Hash::over();
        for text in marks {
            hash.add(&text.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
            hash.add(text.unwrap_or_default().as_bytes());
        }
        Self(*hash.finish().0.first_chunk().expect("16 of 32 bytes"))
    }
}

/// A file that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    /// Whether it may hold events that the log which is shown does not.
    pub covers_more: bool,
}
