//! Lines that wait to be asked for, and what makes them.

use std::collections::VecDeque;

use audit_evidence::bundle::Line;
use audit_evidence::field::Field;

use crate::error::Error;

/// What is asked for.
pub struct Asked {
    pub first: i64,
    pub since: Option<i64>,
    pub fields: Option<Vec<Field>>,
}

/// Makes lines, some at each call.
pub trait Lines {
    /// False after the last.
    fn more(&mut self, lines: &mut Printed) -> Result<bool, Error>;
}

/// Lines are made until there is this much text.
const ENOUGH: usize = 64 * 1024;

#[derive(Default)]
pub struct Printed {
    lines: VecDeque<String>,
    length: usize,
}

impl Printed {
    pub fn push(&mut self, line: &Line) {
        self.push_text(line.to_string());
    }

    pub fn push_text(&mut self, line: String) {
        self.length += line.len();
        self.lines.push_back(line);
    }

    pub fn pop(&mut self) -> Option<String> {
        let line = self.lines.pop_front()?;
        self.length -= line.len();
        Some(line)
    }

    pub fn is_enough(&self) -> bool {
        self.length >= ENOUGH
    }
}
