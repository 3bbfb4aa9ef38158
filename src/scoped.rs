//! A backend-local value that holds while a scope runs, errors included.

use std::cell::Cell;
use std::thread::LocalKey;

/// Puts the former value back when dropped, also while an error unwinds.
pub struct Scoped<T: Copy + 'static> {
    cell: &'static LocalKey<Cell<T>>,
    former: T,
}

impl<T: Copy + 'static> Scoped<T> {
    pub fn set(cell: &'static LocalKey<Cell<T>>, value: T) -> Scoped<T> {
        Scoped { cell, former: cell.replace(value) }
    }
}

impl<T: Copy + 'static> Drop for Scoped<T> {
    fn drop(&mut self) {
        self.cell.set(self.former);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static DEPTH: Cell<u8> = const { Cell::new(0) };
    }

    #[test]
    fn the_former_value_comes_back_also_after_a_panic() {
        let _outer = Scoped::set(&DEPTH, 1);
        let inner = std::panic::catch_unwind(|| {
            let _inner = Scoped::set(&DEPTH, 2);
            assert_eq!(DEPTH.get(), 2);
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(inner.is_err());
        assert_eq!(DEPTH.get(), 1);
    }
}
