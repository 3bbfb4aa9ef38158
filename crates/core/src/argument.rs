//! Errors about arguments of SQL functions, and checks of the texts that people pass in them.

use std::borrow::Cow;

use crate::report::{IntoReport, Report};
use crate::sqlstate::SqlState;

/// What is wrong with an argument: `Argument::new("p_limit").problem("must not be null").hint("Leave it out.")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    name: &'static str,
    problem: Cow<'static, str>,
    hint: Cow<'static, str>,
}

impl Argument {
    pub const fn new(name: &'static str) -> Argument {
        Argument { name, problem: Cow::Borrowed("cannot be used"), hint: Cow::Borrowed("Give another one.") }
    }

    /// What is wrong with it, as the message says it after the name.
    pub fn problem(self, problem: impl Into<Cow<'static, str>>) -> Argument {
        Argument { problem: problem.into(), ..self }
    }

    /// What to give instead.
    pub fn hint(self, hint: impl Into<Cow<'static, str>>) -> Argument {
        Argument { hint: hint.into(), ..self }
    }
}

impl IntoReport for Argument {
    fn report(&self) -> Report {
        Report::new(SqlState::InvalidParameterValue, format!("{} {}", self.name, self.problem)).hint(self.hint.as_ref())
    }
}

/// Of any text that says why.
const MOST_CHARACTERS: usize = 10_000;

/// A text such as a reason, a law or a ticket; None when nothing but blanks is said.
pub fn optional(name: &'static str, text: Option<String>) -> Result<Option<String>, Argument> {
    match text.filter(|text| !text.trim().is_empty()) {
        Some(text) if text.chars().nth(MOST_CHARACTERS).is_some() => Err(Argument::new(name)
            .problem(format!("must not be longer than {MOST_CHARACTERS} characters"))
            .hint("Say it shortly, and refer to a document for the rest.")),
        text => Ok(text),
    }
}

/// A text that must be given.
pub fn required(name: &'static str, text: Option<String>, hint: &'static str) -> Result<String, Argument> {
    optional(name, text)?.ok_or_else(|| Argument::new(name).problem("must not be empty").hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_told_with_what_is_wrong_and_what_to_give() {
        let report = Argument::new("p_limit").problem("must not be null").hint("Leave it out.").report();
        assert_eq!(
            report,
            Report::new(SqlState::InvalidParameterValue, "p_limit must not be null").hint("Leave it out.")
        );
    }

    #[test]
    fn blanks_say_nothing_and_books_too_much() {
        for blank in [None, Some(""), Some(" \t\n"), Some("\u{a0}\u{2003}")] {
            assert_eq!(optional("p_reason", blank.map(str::to_owned)), Ok(None), "{blank:?}");
            assert!(required("p_reason", blank.map(str::to_owned), "why").is_err(), "{blank:?}");
        }
        let page = "ß".repeat(MOST_CHARACTERS);
        assert_eq!(required("p_reason", Some(page.clone()), "why"), Ok(page.clone()));
        assert!(optional("p_reason", Some(page + ".")).is_err());
    }
}
