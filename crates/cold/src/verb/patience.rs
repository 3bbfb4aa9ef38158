//! One file that cannot be read keeps nobody from the others; a store that is gone does.

use crate::failure::Failure;

const MOST_IN_A_ROW: usize = 3;

#[derive(Default)]
pub struct Patience {
    in_a_row: usize,
    first: Option<Failure>,
}

impl Patience {
    /// Gives the failure back when there is no sense in going on.
    pub fn failed(&mut self, failure: Failure) -> Result<(), Failure> {
        self.in_a_row += 1;
        if self.in_a_row >= MOST_IN_A_ROW {
            return Err(failure);
        }
        self.first.get_or_insert(failure);
        Ok(())
    }

    pub fn succeeded(&mut self) {
        self.in_a_row = 0;
    }

    /// When all was tried: what failed first.
    pub fn finish(self) -> Option<Failure> {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(number: usize) -> Failure {
        Failure::Usage(number.to_string())
    }

    #[test]
    fn three_in_a_row_are_too_many() {
        let mut patience = Patience::default();
        assert!(patience.failed(failure(1)).is_ok() && patience.failed(failure(2)).is_ok());
        patience.succeeded();
        assert!(patience.failed(failure(3)).is_ok() && patience.failed(failure(4)).is_ok());
        assert_eq!(patience.failed(failure(5)).unwrap_err().to_string(), "5");
        assert_eq!(patience.finish().unwrap().to_string(), "1");
    }
}
