//! Values that cannot be passed as arguments, because SQL lies between the code that sets them and the code that reads them. Each is local
//! to the backend and ends with a scope, also after an error.

use std::cell::Cell;
use std::thread::LocalKey;

use crate::pg::trigger_level;

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

/// A value for the triggers of a statement of ours. They run one trigger level below the statement. Triggers of statements that
/// code of others runs meanwhile are deeper and do not get it.
#[derive(Clone, Copy)]
pub struct Told<T> {
    value: T,
    level: i32,
}

impl<T: Copy + 'static> Told<T> {
    /// Sets the value for the triggers of statements that are run while the result lives.
    pub fn to_triggers(cell: &'static LocalKey<Cell<Option<Told<T>>>>, value: T) -> Scoped<Option<Told<T>>> {
        Scoped::set(cell, Some(Told { value, level: trigger_level::current() + 1 }))
    }

    /// The value for the calling trigger.
    pub fn to_me(cell: &'static LocalKey<Cell<Option<Told<T>>>>) -> Option<T> {
        cell.get().filter(|told| told.level == trigger_level::current()).map(|told| told.value)
    }

    /// As [`Told::to_me`], for a trigger that changes the value for later triggers.
    pub fn update<R>(cell: &'static LocalKey<Cell<Option<Told<T>>>>, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut value = Told::to_me(cell)?;
        let answer = change(&mut value);
        cell.set(cell.get().map(|told| Told { value, ..told }));
        Some(answer)
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
