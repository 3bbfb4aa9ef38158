//! What people say in an argument: why, under which law, with which ticket. It is stored with what it explains, on every
//! erased event even, so it is a sentence or a page and not a book.

use crate::error::Error;

/// In characters.
const LONGEST: usize = 10_000;

/// None when nothing but blanks is said.
pub fn optional(name: &'static str, text: Option<String>) -> Result<Option<String>, Error> {
    match text.filter(|text| !text.trim().is_empty()) {
        Some(text) if text.chars().nth(LONGEST).is_some() => Err(Error::Argument {
            name,
            problem: format!("must not be longer than {LONGEST} characters"),
            hint: "Say it shortly, and refer to a document for the rest.".to_owned(),
        }),
        text => Ok(text),
    }
}

/// Something is said.
pub fn required(name: &'static str, text: Option<String>, hint: &str) -> Result<String, Error> {
    optional(name, text)?.ok_or_else(|| Error::Argument {
        name,
        problem: "must not be empty".to_owned(),
        hint: hint.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_say_nothing_and_books_too_much() {
        for blank in [None, Some(""), Some(" \t\n"), Some("\u{a0}\u{2003}")] {
            assert_eq!(optional("p_reason", blank.map(str::to_owned)), Ok(None), "{blank:?}");
            assert!(required("p_reason", blank.map(str::to_owned), "why").is_err(), "{blank:?}");
        }
        let page = "ß".repeat(LONGEST);
        assert_eq!(required("p_reason", Some(page.clone()), "why"), Ok(page.clone()));
        assert!(optional("p_reason", Some(page + ".")).is_err());
    }
}
