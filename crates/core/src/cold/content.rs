//! Whether rows are those of an object, chunk by chunk.

use uuid::Uuid;

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

/// What is known of the rows of a chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chunk {
    pub events: u64,
    pub bytes: u64,
    pub sha256: [u8; 32],
}

/// Compares the chunks of the database's own rows with those of an object, one after the other.
pub struct Comparison<'a> {
    object: Uuid,
    expected: &'a [Chunk],
    compared: usize,
}

impl<'a> Comparison<'a> {
    pub fn with(object: Uuid, expected: &'a [Chunk]) -> Comparison<'a> {
        Comparison { object, expected, compared: 0 }
    }

    /// The next chunk of the archive.
    pub fn next(&mut self, found: Chunk) -> Result<(), Differs> {
        let expected = self.expected.get(self.compared);
        if expected != Some(&found) {
            return Err(self.differs(Some(found)));
        }
        self.compared += 1;
        Ok(())
    }

    /// The archive has no more. Gives the number of events, which are all those of the object.
    pub fn finish(self) -> Result<u64, Differs> {
        match self.compared == self.expected.len() {
            true => Ok(self.expected.iter().map(|chunk| chunk.events).sum()),
            false => Err(self.differs(None)),
        }
    }

    fn differs(&self, found: Option<Chunk>) -> Differs {
        let expected = self.expected.get(self.compared);
        Differs {
            object: self.object,
            chunk: self.compared,
            in_object: expected.map_or(0, |chunk| chunk.events),
            in_archive: found.map_or(0, |chunk| chunk.events),
        }
    }
}

/// The archive does not have the rows that the object was made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Differs {
    pub object: Uuid,
    /// The first chunk that differs.
    pub chunk: usize,
    pub in_object: u64,
    pub in_archive: u64,
}

impl IntoReport for Differs {
    fn report(&self) -> Report {
        let Differs { object, chunk, in_object, in_archive } = self;
        let how = match in_object == in_archive {
            true => format!("both have {in_object} events there, and their digests differ"),
            false => format!("the object has {in_object} events there, the archive {in_archive}"),
        };
        Report::new(SqlState::RestrictViolation, "cold object differs from the archive")
            .detail(format!("Chunk {chunk} of object {object} is the first that differs: {how}. Nothing was released."))
            .hint("Discard the object with discard_audit_cold_object() and export the month again.")
    }
}

/// What is wrong with bytes that are given as those of a chunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BytesError {
    /// Another digest than the catalog has.
    NotThisChunk {
        object: Uuid,
        chunk: i32,
    },
    NoSuchChunk {
        object: Uuid,
        chunk: i32,
        count: i64,
    },
    /// They have the digest of the catalog, and yet they are no rows of the object: the catalog took in a manifest that nobody could prove.
    NotItsEvents {
        object: Uuid,
        chunk: i32,
        problem: String,
    },
    /// What an erasure makes of the chunk takes more memory than the system gives.
    NoMemory {
        object: Uuid,
        chunk: i32,
        bytes: usize,
    },
}

impl IntoReport for BytesError {
    fn report(&self) -> Report {
        let refused = |message: &str| Report::new(SqlState::InvalidParameterValue, message);
        match self {
            BytesError::NotThisChunk { object, chunk } => refused("bytes are not this chunk")
                .detail(format!("Their SHA-256 is not the one that the catalog has for chunk {chunk} of object {object}. Nothing else in them was read."))
                .hint("Run audit-cold check --deep: it tells whether the file is still the one that was stored."),
            BytesError::NoSuchChunk { object, chunk, count } => refused(&format!("there is no chunk {chunk} in object {object}"))
                .detail(format!("It has {count} chunks, counted from 0."))
                .hint("SELECT chunk, event_count FROM audit_cold_chunks WHERE object_id = … shows them."),
            BytesError::NotItsEvents { object, chunk, problem } => refused("the chunk does not hold events of its object")
                .detail(format!("Chunk {chunk} of object {object}: {problem}."))
                .hint("Compare audit_cold_objects.manifest with what audit-cold show tells of the file: adopt_audit_cold_object() took in a manifest that does not fit it. Nothing was changed."),
            BytesError::NoMemory { object, chunk, bytes } => Report::new(SqlState::OutOfMemory, "there is not enough memory for a chunk of cold storage")
                .detail(format!("Chunk {chunk} of object {object} takes {bytes} bytes or more after the erasure."))
                .hint("Call again when the server is less busy, or give it more memory. Nothing was changed."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid::nil();

    fn chunk(events: u64, first: u8) -> Chunk {
        Chunk { events, bytes: events * 100, sha256: [first; 32] }
    }

    fn compare(expected: &[Chunk], found: &[Chunk]) -> Result<u64, Differs> {
        let mut comparison = Comparison::with(ID, expected);
        found.iter().try_for_each(|chunk| comparison.next(*chunk))?;
        comparison.finish()
    }

    fn differs(chunk: usize, in_object: u64, in_archive: u64) -> Result<u64, Differs> {
        Err(Differs { object: ID, chunk, in_object, in_archive })
    }

    #[test]
    fn the_same_chunks_are_the_same() {
        assert_eq!(compare(&[chunk(2, 1), chunk(1, 2)], &[chunk(2, 1), chunk(1, 2)]), Ok(3));
        assert_eq!(compare(&[], &[]), Ok(0));
    }

    #[test]
    fn the_first_difference_is_told() {
        let expected = [chunk(2, 1), chunk(1, 2)];
        assert_eq!(compare(&expected, &[chunk(2, 9), chunk(1, 2)]), differs(0, 2, 2));
        assert_eq!(compare(&expected, &[chunk(2, 1), chunk(2, 2)]), differs(1, 1, 2));
        assert_eq!(compare(&expected, &[chunk(2, 1)]), differs(1, 1, 0), "events are missing");
        assert_eq!(compare(&expected, &[chunk(2, 1), chunk(1, 2), chunk(5, 3)]), differs(2, 0, 5), "there are more");
        let same_digest = Chunk { bytes: 7, ..chunk(2, 1) };
        assert_eq!(compare(&expected, &[same_digest]), differs(0, 2, 2));
    }
}
