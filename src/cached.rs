//! Values that a backend keeps from one call to the next, such as prepared statements.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

/// A value that was worked out for one look-up of the trail ([`crate::storage::Storage`]) and is good for no other: a look-up lasts until
/// the catalog changes. Each concept keeps its own in a thread-local of its own file, and reads it through the storage at hand.
///
/// Whoever uses the value holds an `Rc`, because code of others that runs meanwhile may cause a new look-up.
pub struct Cached<T> {
    /// Never dropped at process exit: by then Postgres' memory, which it may point into, is gone.
    kept: RefCell<Option<ManuallyDrop<Kept<T>>>>,
}

struct Kept<T> {
    look_up: u64,
    value: Rc<T>,
}

impl<T> Cached<T> {
    pub const fn nothing() -> Cached<T> {
        Cached { kept: RefCell::new(None) }
    }

    /// The value, if it is of this look-up.
    pub fn of(&self, look_up: u64) -> Option<Rc<T>> {
        self.kept.borrow().as_ref().filter(|kept| kept.look_up == look_up).map(|kept| Rc::clone(&kept.value))
    }

    /// Keeps the value, unless the one that is there is of a later look-up.
    pub fn keep(&self, look_up: u64, value: T) -> Rc<T> {
        let value = Rc::new(value);
        if self.kept.borrow().as_ref().is_none_or(|kept| kept.look_up <= look_up) {
            let kept = ManuallyDrop::new(Kept { look_up, value: Rc::clone(&value) });
            // Dropping may call Postgres, so the cell is not borrowed any more.
            let former = self.kept.replace(Some(kept));
            drop(former.map(ManuallyDrop::into_inner));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_good_for_its_own_look_up() {
        let cached = Cached::nothing();
        assert_eq!(cached.of(1), None::<Rc<&str>>);
        cached.keep(1, "first");
        assert_eq!(cached.of(1).as_deref(), Some(&"first"));
        assert_eq!(cached.of(2), None);
        cached.keep(2, "second");
        assert_eq!((cached.of(1), cached.of(2).as_deref()), (None, Some(&"second")));
    }

    #[test]
    fn what_is_older_is_used_and_not_kept() {
        let cached = Cached::nothing();
        cached.keep(2, "new");
        assert_eq!(*cached.keep(1, "old"), "old");
        assert_eq!(cached.of(2).as_deref(), Some(&"new"));
    }

    #[test]
    fn a_value_lives_as_long_as_it_is_used() {
        let cached = Cached::nothing();
        let (used, dropped) = (cached.keep(1, Rc::new(())), cached.keep(2, Rc::new(())));
        let alive = Rc::downgrade(&*used);
        assert!(alive.upgrade().is_some());
        drop(used);
        assert!(alive.upgrade().is_none(), "nobody keeps it any more");
        assert_eq!(Rc::strong_count(&dropped), 2);
    }
}
