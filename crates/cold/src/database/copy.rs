//! Cuts what `COPY … TO STDOUT (FORMAT binary)` sends into chunks.

use std::io::{BufRead, ErrorKind};

use audit_cold_row::{Chunker, MAX_EVENT_BYTES, Malformed, Row};

/// Signature, flags and the length of an extension that there is none of.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Instead of a number of fields.
const END: [u8; 2] = (-1_i16).to_be_bytes();

/// Why rows were not taken.
#[derive(Debug)]
pub enum CopyError {
    Server(std::io::Error),
    Format(&'static str),
    Row(Malformed),
}

impl std::fmt::Display for CopyError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            CopyError::Server(error) => error.fmt(f),
            CopyError::Format(problem) => write!(f, "what COPY sends {problem}"),
            CopyError::Row(malformed) => write!(f, "what COPY sends is no row: {malformed}"),
        }
    }
}

/// The chunks of the rows, in as much memory as one of them takes.
pub struct Chunks<R> {
    from: R,
    /// Bytes that came and are in no chunk yet.
    pending: Vec<u8>,
    /// So many of them are whole rows.
    whole: usize,
    chunker: Chunker,
    is_begun: bool,
    is_over: bool,
    /// Events that no file takes.
    pub too_large: usize,
}

impl<R: BufRead> Chunks<R> {
    pub fn of(from: R) -> Chunks<R> {
        Chunks {
            from,
            pending: Vec::new(),
            whole: 0,
            chunker: Chunker::new(),
            is_begun: false,
            is_over: false,
            too_large: 0,
        }
    }

    pub fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, CopyError> {
        while !self.is_over {
            if let Some(chunk) = self.take_rows()? {
                return Ok(Some(chunk));
            }
            if !self.is_over {
                self.fill()?;
            }
        }
        let rest = std::mem::take(&mut self.pending);
        Ok((!rest.is_empty()).then_some(rest))
    }

    fn fill(&mut self) -> Result<(), CopyError> {
        let received = loop {
            match self.from.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                received => break received.map_err(CopyError::Server)?,
            }
        };
        if received.is_empty() {
            return Err(CopyError::Format("ends within a row"));
        }
        self.pending.extend_from_slice(received);
        let count = received.len();
        self.from.consume(count);
        if !self.is_begun && self.pending.len() >= HEADER.len() {
            if !self.pending.starts_with(HEADER) {
                return Err(CopyError::Format("does not begin as it should"));
            }
            self.pending.drain(..HEADER.len());
            self.is_begun = true;
        }
        Ok(())
    }

    /// Goes over the whole rows that came. Gives a chunk when the next row is not of it.
    fn take_rows(&mut self) -> Result<Option<Vec<u8>>, CopyError> {
        while self.is_begun {
            let rest = &self.pending[self.whole..];
            if rest.starts_with(&END) {
                self.pending.truncate(self.whole);
                self.is_over = true;
                return Ok(None);
            }
            let bytes = match Row::split_from(rest) {
                Ok((_, after)) => rest.len() - after.len(),
                Err(Malformed::CutOff) => return Ok(None),
                Err(malformed) => return Err(CopyError::Row(malformed)),
            };
            if bytes > MAX_EVENT_BYTES {
                self.too_large += 1;
                self.pending.drain(self.whole..self.whole + bytes);
                continue;
            }
            let ended = self.chunker.push(bytes);
            if ended.is_some() {
                let next = self.pending.split_off(self.whole);
                let chunk = std::mem::replace(&mut self.pending, next);
                self.whole = bytes;
                return Ok(Some(chunk));
            }
            self.whole += bytes;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use audit_cold_row::{COLUMNS, MAX_CHUNK_EVENTS, Rows};

    use super::*;

    fn rows(count: usize) -> Vec<u8> {
        let mut rows = Vec::new();
        for number in 0..count {
            let number = (number as u32).to_be_bytes();
            let mut row = Row::new([None; COLUMNS]);
            row.set(audit_cold_row::Column::Id, Some(&number));
            row.write(&mut rows);
        }
        rows
    }

    fn chunks(sent: &[u8], at_once: usize) -> Result<Vec<Vec<u8>>, CopyError> {
        let mut chunks = Chunks::of(BufReader::with_capacity(at_once, sent));
        std::iter::from_fn(|| chunks.next_chunk().transpose()).collect()
    }

    #[test]
    fn rows_come_as_they_were_sent_in_whatever_pieces() {
        for (count, at_once) in [(0, 1), (3, 1), (3, 7), (3, 10_000), (MAX_CHUNK_EVENTS + 1, 1 << 16)] {
            let rows = rows(count);
            let sent = [HEADER, &rows, &END].concat();
            let chunks = chunks(&sent, at_once).unwrap();
            assert_eq!(chunks.concat(), rows);
            let counts: Vec<_> = chunks.iter().map(|chunk| Rows::new(chunk).count()).collect();
            assert_eq!(
                counts,
                match count {
                    0 => vec![],
                    3 => vec![3],
                    _ => vec![MAX_CHUNK_EVENTS, 1],
                }
            );
        }
    }

    #[test]
    fn what_is_cut_off_is_no_chunk() {
        let sent = [HEADER, &rows(2)].concat();
        for end in [0, 5, HEADER.len(), HEADER.len() + 3, sent.len()] {
            assert!(matches!(chunks(&sent[..end], 4), Err(CopyError::Format(_))), "{end}");
        }
        assert!(matches!(chunks(&[b"COPY", HEADER].concat(), 100), Err(CopyError::Format(_))));
    }
}
