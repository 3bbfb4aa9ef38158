//! A text that is searched for in other texts, whatever the case. Nothing in it has a meaning of its own: there are no patterns.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::argument::Argument;

/// In characters. Fewer are in nearly every text.
const LENGTH: RangeInclusive<usize> = 3..=200;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchedText {
    folded: String,
}

impl SearchedText {
    /// `p_text`.
    pub fn parse(text: &str) -> Result<SearchedText, Argument> {
        if !LENGTH.contains(&text.chars().count()) {
            return Err(Argument::new("p_text")
                .problem(format!("must have {} to {} characters", LENGTH.start(), LENGTH.end()))
                .hint("Pass a longer or shorter part of what you search for; for exact values there are the other filters."));
        }
        Ok(SearchedText { folded: fold(text).into_owned() })
    }

    pub fn is_in(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return fold(text).contains(&self.folded);
        }
        let wanted = self.folded.as_bytes();
        let (lower, upper) = (wanted[0], wanted[0].to_ascii_uppercase());
        let places = text.as_bytes().windows(wanted.len());
        places.into_iter().any(|place| (place[0] == lower || place[0] == upper) && place.eq_ignore_ascii_case(wanted))
    }
}

/// The same for texts that differ in case only: each character in upper case, and that in lower case. So ß is ss, and ς is σ.
fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.to_ascii_lowercase().into();
    }
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(wanted: &str, text: &str) -> bool {
        SearchedText::parse(wanted).unwrap().is_in(text)
    }

    #[test]
    fn case_does_not_matter_in_any_alphabet() {
        for (wanted, text) in [
            ("pro", "The PROfessional plan"),
            ("PRO", "pro"),
            ("straße", "HAUPTSTRASSE 1"),
            ("STRASSE", "hauptstraße 1"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("éco", "ÉCOLE"),
            ("при", "ПРИВЕТ"),
            ("日本語", "これは日本語です"),
        ] {
            assert!(found(wanted, text), "{wanted} in {text}");
        }
        assert!(!found("éco", "ecole"));
        assert!(!found("abc", "ab"));
        assert!(!found("abc", ""));
        assert!(!found("日本語", "nihongo"));
    }

    #[test]
    fn nothing_is_a_pattern() {
        for wanted in ["%%%", "___", ".*.", "a%c", "\\\\\\", "[a-c]", "^abc", "abc$", "'; --"] {
            assert!(!found(wanted, "abc"), "{wanted}");
            assert!(found(wanted, &format!("abc {wanted} abc")), "{wanted}");
        }
    }

    #[test]
    fn it_has_three_to_two_hundred_characters() {
        for (length, is_fine) in [(0, false), (2, false), (3, true), (200, true), (201, false)] {
            for character in ["a", "ß"] {
                assert_eq!(SearchedText::parse(&character.repeat(length)).is_ok(), is_fine, "{length}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_part_of_a_text_is_found_in_it(before in ".{0,20}", part in ".{3,20}", after in ".{0,20}") {
            let text = format!("{before}{part}{after}");
            prop_assert!(found(&part, &text));
            prop_assert!(found(&part.to_uppercase(), &text) || !part.is_ascii());
        }

        #[test]
        fn plain_letters_are_found_as_their_lower_case(text in "[a-cA-C]{0,12}", wanted in "[a-cA-C]{3,4}") {
            prop_assert_eq!(found(&wanted, &text), text.to_lowercase().contains(&wanted.to_lowercase()));
        }
    }
}
