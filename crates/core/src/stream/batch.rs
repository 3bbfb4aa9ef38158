//! The batches of a stream: numbered from 1, one at a time. It comes again until it is acknowledged.

use super::refusal::StreamError;

/// Which batches there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batches {
    /// The number of the last one; 0 before the first.
    pub last: i64,
    /// Whether the last one waits to be acknowledged.
    pub is_waiting: bool,
}

/// What an acknowledgement is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// The batch that waits.
    Waiting,
    /// A batch that does not wait: it was acknowledged before, or the stream was resumed since.
    Former,
}

impl Batches {
    /// 0 is no batch: a client that has none yet may say so.
    pub fn acknowledge(self, batch: i64) -> Result<Acknowledged, StreamError> {
        match batch {
            _ if batch < 0 || batch > self.last => Err(StreamError::UnknownBatch { batch, last: self.last }),
            _ if batch == self.last && self.is_waiting => Ok(Acknowledged::Waiting),
            _ => Ok(Acknowledged::Former),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_batch_that_waits_is_acknowledged() {
        let unknown = |batch, last| Err(StreamError::UnknownBatch { batch, last });
        for (last, is_waiting, batch, answer) in [
            (0, false, 0, Ok(Acknowledged::Former)),
            (0, false, 1, unknown(1, 0)),
            (7, true, 7, Ok(Acknowledged::Waiting)),
            (7, false, 7, Ok(Acknowledged::Former)),
            (7, true, 6, Ok(Acknowledged::Former)),
            (7, true, 8, unknown(8, 7)),
            (7, true, -1, unknown(-1, 7)),
            (7, true, i64::MIN, unknown(i64::MIN, 7)),
        ] {
            assert_eq!(Batches { last, is_waiting }.acknowledge(batch), answer, "{batch} after {last}");
        }
    }
}
