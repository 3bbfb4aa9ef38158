//! Lines that are made some at a time, and given one by one: those of an export.

use audit_core::format::Lines;

use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::row_source::RowSource;
use crate::pg::{datum, encoding};

pub trait Maker: 'static {
    /// Makes some lines. Whether these are the last ones.
    fn make(&mut self, call: &Call, lines: &mut Lines) -> Result<bool, Error>;

    /// The reader has the last line.
    fn finish(&mut self, _call: &Call) -> Result<(), Error> {
        Ok(())
    }
}

pub struct Output<M> {
    maker: M,
    lines: Lines,
    has_ended: bool,
}

impl<M: Maker> Output<M> {
    /// What is in `lines` comes first. The maker is asked for more unless they are all there is.
    pub fn of(maker: M, lines: Lines, has_ended: bool) -> Output<M> {
        Output { maker, lines, has_ended }
    }
}

impl<M: Maker> RowSource for Output<M> {
    type Error = Error;

    fn next(&mut self, call: &Call) -> Result<Option<Answer>, Error> {
        loop {
            if let Some(line) = self.lines.pop() {
                return Ok(Some(Answer::Value(datum::from_text(encoding::from_utf8(line)))));
            }
            if self.has_ended {
                self.maker.finish(call)?;
                return Ok(None);
            }
            self.lines.clear();
            self.has_ended = self.maker.make(call, &mut self.lines)?;
        }
    }
}

/// Adds a line that there may be.
pub fn add(lines: &mut Lines, line: Option<String>) {
    if let Some(line) = line {
        lines.push(|out| out.extend_from_slice(line.as_bytes()));
    }
}
