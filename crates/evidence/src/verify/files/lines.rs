//! Reads a bundle line by line.

use std::fmt;
use std::io::{self, BufRead, Read};

use crate::bundle::{Header, Line};

/// Nothing can be said about what cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    Io(io::Error),
    /// A line that is none, or stands where it must not.
    Line {
        number: u64,
        problem: String,
    },
    /// Something else than a line.
    Other(String),
    /// Files of cold storage are given beside what has no rows.
    NoRows(&'static str),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Line { number, problem } => write!(f, "line {number}: {problem}"),
            Self::Other(problem) => f.write_str(problem),
            Self::NoRows(what) => write!(f, "--cold is for bundles of workspaces: this is {what}"),
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A line comes from the server as one value, and PostgreSQL has none of 1 GiB.
const LONGEST: u64 = 1 << 30;

/// The lines of a bundle. One is held at a time.
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    longest: u64,
}

impl<R: BufRead> Lines<R> {
    pub fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0, longest: LONGEST }
    }

    pub fn starts_with(&mut self, beginning: &[u8]) -> io::Result<bool> {
        Ok(self.input.fill_buf()?.starts_with(beginning))
    }

    /// All that is left, as text.
    pub fn rest(&mut self) -> Result<String, Unreadable> {
        let mut text = String::new();
        self.input.by_ref().take(self.longest + 1).read_to_string(&mut text)?;
        if text.len() as u64 > self.longest {
            return Err(Unreadable::Other(format!("longer than {} bytes, which no receipt is", self.longest)));
        }
        Ok(text)
    }

    pub fn header(&mut self) -> Result<Header, Unreadable> {
        match self.next()? {
            Some(Line::Header(header)) => Ok(header),
            _ => Err(self.problem("a bundle begins with its header")),
        }
    }

    /// The next line, `None` at the end.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, Unreadable> {
        self.line.clear();
        self.number += 1;
        if self.input.by_ref().take(self.longest + 1).read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        let number = self.number;
        let problem = |problem: &str| Unreadable::Line { number, problem: problem.into() };
        if self.line.len() as u64 > self.longest {
            return Err(problem(&format!("longer than {} bytes, which no line is", self.longest)));
        }
        let line = self.line.strip_suffix(b"\n").ok_or_else(|| problem("cut off"))?;
        let text = str::from_utf8(line).map_err(|_| problem("not UTF-8"))?;
        Line::parse(text).map(Some).map_err(|error| problem(&error.0))
    }

    /// Something wrong with the line read last.
    pub fn problem(&self, problem: impl Into<String>) -> Unreadable {
        Unreadable::Line { number: self.number, problem: problem.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "{\"kind\":\"checkpoint\",\"checkpoint\":\"a\"}\n";

    /// So that what has no line end takes no more memory than a line.
    #[test]
    fn a_line_has_an_end() {
        let endless = || io::BufReader::new(LINE.as_bytes().chain(io::repeat(b'x')));
        let limited = || Lines { longest: LINE.len() as u64, ..Lines::new(endless()) };
        let mut lines = limited();
        assert!(matches!(lines.next(), Ok(Some(Line::Checkpoint(_)))));
        let problem = lines.next().unwrap_err().to_string();
        assert_eq!(problem, format!("line 2: longer than {} bytes, which no line is", LINE.len()));
        let problem = limited().rest().unwrap_err().to_string();
        assert_eq!(problem, format!("longer than {} bytes, which no receipt is", LINE.len()));
        let mut whole = Lines { longest: LINE.len() as u64, ..Lines::new(LINE.as_bytes()) };
        assert_eq!(whole.rest().unwrap(), LINE);
    }
}
