//! Lines that wait to be asked for, in one piece of memory.

#[derive(Default)]
pub struct Lines {
    text: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
    /// How many were taken.
    taken: usize,
}

impl Lines {
    /// As much text as is made at once.
    const ENOUGH: usize = 256 * 1024;

    /// Adds a line: what `write` appends.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// The next line; None when all were taken.
    pub fn pop(&mut self) -> Option<&[u8]> {
        let end = *self.ends.get(self.taken)?;
        let start = self.taken.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.taken += 1;
        Some(&self.text[start..end])
    }

    pub fn is_enough(&self) -> bool {
        self.text.len() >= Lines::ENOUGH
    }

    /// Forgets all lines, and keeps no more memory than most need.
    pub fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(2 * Lines::ENOUGH);
        self.ends.clear();
        self.taken = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_as_they_went_in() {
        let mut lines = Lines::default();
        assert_eq!(lines.pop(), None);
        for round in 0..2 {
            for text in ["one", "", "two\nlines"] {
                lines.push(|out| out.extend_from_slice(text.as_bytes()));
            }
            assert_eq!(lines.pop(), Some(&b"one"[..]), "{round}");
            assert_eq!(lines.pop(), Some(&b""[..]));
            assert_eq!(lines.pop(), Some(&b"two\nlines"[..]));
            assert_eq!(lines.pop(), None);
            lines.clear();
            assert_eq!(lines.pop(), None);
        }
    }

    #[test]
    fn a_large_line_leaves_no_large_memory() {
        let mut lines = Lines::default();
        assert!(!lines.is_enough());
        lines.push(|out| out.resize(10 * Lines::ENOUGH, b'x'));
        assert!(lines.is_enough());
        lines.clear();
        assert!(!lines.is_enough() && lines.text.capacity() <= 2 * Lines::ENOUGH);
    }
}
