//! How much a search may ask for at once.

use std::ops::RangeInclusive;

use crate::argument::Argument;

/// Of `p_limit`.
pub const PAGE: RangeInclusive<i32> = 1..=10_000;
/// Of `p_up_to`.
pub const COUNT: RangeInclusive<i32> = 1..=1_000_000;
/// The elements of a list.
const ELEMENTS: usize = 100;
/// The characters of a text.
const CHARACTERS: usize = 1_000;

/// `p_limit`, the events of a page.
pub fn page(value: Option<i32>) -> Result<i32, Argument> {
    number("p_limit", value, PAGE, "To read further back, continue page by page with p_before_event_id.")
}

/// `p_up_to`, the events that are counted.
pub fn count(value: Option<i32>) -> Result<i32, Argument> {
    number("p_up_to", value, COUNT, "To count fewer events, narrow the window with p_from and p_to.")
}

/// A number that must be given.
pub fn number(
    name: &'static str,
    value: Option<i32>,
    range: RangeInclusive<i32>,
    hint: &'static str,
) -> Result<i32, Argument> {
    value.filter(|value| range.contains(value)).ok_or_else(|| {
        Argument::new(name).problem(format!("must be between {} and {}", range.start(), range.end())).hint(hint)
    })
}

/// A list, if one is given. An empty one would ask for nothing, and is hardly meant.
pub fn list<T>(name: &'static str, elements: Option<Vec<Option<T>>>) -> Result<Option<Vec<T>>, Argument> {
    let Some(elements) = elements else { return Ok(None) };
    let wrong =
        |problem: String| Argument::new(name).problem(problem).hint("Leave it out, or pass NULL, for no filter.");
    match elements.len() {
        0 => return Err(wrong("must not be empty".to_owned())),
        1..=ELEMENTS => {}
        _ => return Err(wrong(format!("must not have more than {ELEMENTS} elements"))),
    }
    let given: Option<Vec<T>> = elements.into_iter().collect();
    given.map(Some).ok_or_else(|| wrong("must not contain NULL".to_owned()))
}

/// Texts of a list.
pub fn texts(name: &'static str, elements: Option<Vec<Option<Vec<u8>>>>) -> Result<Option<Vec<Vec<u8>>>, Argument> {
    let texts = list(name, elements)?;
    texts.iter().flatten().try_for_each(|text| short(name, text))?;
    Ok(texts)
}

pub fn text(name: &'static str, text: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Argument> {
    text.iter().try_for_each(|text| short(name, text))?;
    Ok(text)
}

fn short(name: &'static str, text: &[u8]) -> Result<(), Argument> {
    match String::from_utf8_lossy(text).chars().nth(CHARACTERS) {
        None => Ok(()),
        Some(_) => Err(Argument::new(name)
            .problem(format!("must not be longer than {CHARACTERS} characters"))
            .hint("Pass a shorter text.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_within_their_range() {
        for (value, is_fine) in
            [(None, false), (Some(0), false), (Some(1), true), (Some(10_000), true), (Some(10_001), false)]
        {
            assert_eq!(page(value).ok(), value.filter(|_| is_fine));
        }
    }

    #[test]
    fn a_list_has_some_elements_and_not_too_many() {
        assert_eq!(list::<u8>("p", None), Ok(None));
        assert_eq!(list("p", Some(vec![Some(1), Some(2)])), Ok(Some(vec![1, 2])));
        assert_eq!(list("p", Some(vec![Some(1); 100])).map(|list| list.map(|list| list.len())), Ok(Some(100)));
        for wrong in [vec![], vec![Some(1); 101], vec![Some(1), None], vec![None]] {
            assert!(list("p", Some(wrong.clone())).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn texts_are_measured_in_characters() {
        let longest = "ß".repeat(CHARACTERS).into_bytes();
        let longer = "ß".repeat(CHARACTERS + 1).into_bytes();
        assert_eq!(text("p", Some(longest.clone())), Ok(Some(longest.clone())));
        assert!(text("p", Some(longer.clone())).is_err());
        assert!(texts("p", Some(vec![Some(longest.clone()), Some(longer)])).is_err());
        assert_eq!(texts("p", Some(vec![Some(longest.clone())])), Ok(Some(vec![longest])));
        assert_eq!(text("p", None), Ok(None));
    }
}
