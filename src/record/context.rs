//! What the checks of an event depend on besides the event.
//!
//! Where an event is stored directly, this is an argument. Where the ordinary statement stores it, SQL lies between us and the table's
//! triggers. Then the triggers can ask for it, each once, so that code of others that runs meanwhile cannot record anything with it.

use std::cell::Cell;

use crate::error::Error;
use crate::pg::scope::{Scoped, Told};

#[derive(Clone, Copy, Default)]
pub struct Context {
    /// Whether the extension records the event itself. Then reserved names are allowed, and membership is not checked.
    pub is_system: bool,
    /// Its index in `insert_audit_events`, which errors name.
    pub element: Option<usize>,
}

/// What the triggers of one event may ask for, each once.
#[derive(Clone, Copy)]
struct Unasked {
    may_say_all: bool,
    is_exempt: bool,
}

thread_local! {
    static UNASKED: Cell<Option<Told<Unasked>>> = const { Cell::new(None) };
    static ELEMENT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// While this lives, the triggers of the event being stored can ask for its context.
pub struct Triggers {
    _unasked: Scoped<Option<Told<Unasked>>>,
    _element: Scoped<Option<usize>>,
}

impl Context {
    /// Of an event that the extension writes itself.
    pub const SYSTEM: Context = Context { is_system: true, element: None };

    pub fn of_element(index: usize) -> Context {
        Context { is_system: false, element: Some(index) }
    }

    /// Names the element that an error is about, if it is about one.
    pub fn about_element(self, error: impl Into<Error>) -> Error {
        let error = error.into();
        match self.element {
            Some(index) => error.in_element(index),
            None => error,
        }
    }

    pub fn tell_triggers(self) -> Triggers {
        let unasked = Unasked { may_say_all: self.is_system, is_exempt: self.is_system };
        Triggers { _unasked: Told::to_triggers(&UNASKED, unasked), _element: Scoped::set(&ELEMENT, self.element) }
    }
}

/// See [`Context::about_element`], for an error of a trigger.
pub fn about_element(error: Error) -> Error {
    Context { is_system: false, element: ELEMENT.get() }.about_element(error)
}

/// Takes what a trigger was told.
fn take(mark: impl FnOnce(&mut Unasked) -> &mut bool) -> bool {
    Told::update(&UNASKED, |unasked| std::mem::take(mark(unasked))).unwrap_or(false)
}

/// Asked by the trigger that checks membership.
pub fn take_exemption() -> bool {
    take(|unasked| &mut unasked.is_exempt)
}

/// Asked by the trigger that every event meets.
pub fn may_say_all() -> bool {
    take(|unasked| &mut unasked.may_say_all)
}
