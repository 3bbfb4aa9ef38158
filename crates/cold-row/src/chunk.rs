//! How the rows of an object are cut into chunks, the same by whoever cuts them.

/// A chunk has at most so many events.
pub const MAX_CHUNK_EVENTS: usize = 65_536;
/// And at most so many bytes, but for an event that is larger by itself.
pub const MAX_CHUNK_BYTES: usize = 32 << 20;
/// A larger event stays where it is.
pub const MAX_EVENT_BYTES: usize = 256 << 20;
/// What an erasure may make of a chunk: its marks take up to 10,100 bytes of each event. PostgreSQL's values end at 1 GiB.
pub const MAX_SUCCESSOR_CHUNK_BYTES: usize = 768 << 20;

/// The size of a chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Chunk {
    pub events: usize,
    pub bytes: usize,
}

/// Says after which row a chunk ends.
#[derive(Default, Debug)]
pub struct Chunker {
    open: Chunk,
}

impl Chunker {
    pub fn new() -> Chunker {
        Chunker::default()
    }

    /// A row of so many bytes comes next. Gives the chunk that ended before it, if one did.
    pub fn push(&mut self, bytes: usize) -> Option<Chunk> {
        let is_full = self.open.events == MAX_CHUNK_EVENTS || self.open.bytes + bytes > MAX_CHUNK_BYTES;
        let ended = (is_full && self.open.events > 0).then(|| std::mem::take(&mut self.open));
        self.open.events += 1;
        self.open.bytes += bytes;
        ended
    }

    /// No row comes any more. Gives the last chunk, if there is one.
    pub fn finish(self) -> Option<Chunk> {
        (self.open.events > 0).then_some(self.open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(rows: impl IntoIterator<Item = usize>) -> Vec<Chunk> {
        let mut chunker = Chunker::new();
        let mut chunks: Vec<Chunk> = rows.into_iter().filter_map(|bytes| chunker.push(bytes)).collect();
        chunks.extend(chunker.finish());
        chunks
    }

    #[test]
    fn a_chunk_ends_at_its_limits() {
        assert_eq!(cut([]), []);
        assert_eq!(cut(vec![1; MAX_CHUNK_EVENTS]), [Chunk { events: MAX_CHUNK_EVENTS, bytes: MAX_CHUNK_EVENTS }]);
        assert_eq!(
            cut(vec![1; MAX_CHUNK_EVENTS + 1]).iter().map(|chunk| chunk.events).collect::<Vec<_>>(),
            [MAX_CHUNK_EVENTS, 1]
        );
        let half = MAX_CHUNK_BYTES / 2;
        assert_eq!(cut([half, half, 1]), [Chunk { events: 2, bytes: MAX_CHUNK_BYTES }, Chunk { events: 1, bytes: 1 }]);
    }

    #[test]
    fn a_large_event_is_alone() {
        let large = MAX_CHUNK_BYTES + 1;
        assert_eq!(cut([1, large, 1]), [1, large, 1].map(|bytes| Chunk { events: 1, bytes }));
    }
}
