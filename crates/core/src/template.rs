//! Fills SQL templates: `@name@` is a placeholder.
//!
//! A template is read once, from left to right. A value is not searched for placeholders, so no value can insert another one.

/// Puts text that is quoted already into the places of a template. An `@` that begins no place of these names stays.
pub fn fill(template: &str, values: &[(&str, String)]) -> String {
    let room = values.iter().map(|(_, value)| value.len()).sum::<usize>();
    let mut filled = String::with_capacity(template.len() + room);
    let mut rest = template;
    while let Some(at) = rest.find('@') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match values.iter().find_map(|(name, value)| Some((value, place_named(name, rest)?))) {
            Some((value, behind)) => {
                filled.push_str(value);
                rest = behind;
            }
            None => filled.push('@'),
        }
    }
    filled.push_str(rest);
    debug_assert!(
        places(template).all(|place| values.iter().any(|(name, _)| *name == place)),
        "a place of this template gets no value: {template}"
    );
    filled
}

/// What follows the place of this name, if `text` begins with it (behind its first `@`).
fn place_named<'a>(name: &str, text: &'a str) -> Option<&'a str> {
    text.strip_prefix(name)?.strip_prefix('@')
}

/// The names of a template's places.
fn places(template: &str) -> impl Iterator<Item = &str> {
    let is_name = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let mut rest = template;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[rest.find('@')? + 1..];
            let end = rest.find('@')?;
            if is_name(&rest[..end]) {
                let name = &rest[..end];
                rest = &rest[end + 1..];
                return Some(name);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(template: &str, values: &[(&str, &str)]) -> String {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        fill(template, &values)
    }

    #[test]
    fn a_value_is_not_searched_for_other_places() {
        let values = [("type", "'A@table@B'"), ("table", "'||evil()||'"), ("extschema", "audit")];
        assert_eq!(filled("@type@, @table@ @extschema@", &values), "'A@table@B', '||evil()||' audit");
        assert_eq!(filled("@a@", &[("a", "@a@")]), "@a@");
        assert_eq!(filled("@a@b@", &[("a", "@"), ("b", "never")]), "@b@");
    }

    #[test]
    fn other_signs_stay() {
        assert_eq!(filled("a @> b AND c <@ @place@ @", &[("place", "d")]), "a @> b AND c <@ d @");
    }

    #[test]
    fn places_are_found() {
        assert_eq!(places("x @> @a@.@b_c@ <@ @A@ @d@").collect::<Vec<_>>(), ["a", "b_c", "d"]);
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "gets no value")]
    fn a_place_without_a_value_is_an_error() {
        filled("@known@ @unknown@", &[("known", "")]);
    }

    proptest! {
        #[test]
        fn values_come_out_unchanged(values in prop::collection::vec("([@'\"\\\\$]|@a@|@b@|@c@|[a-c])*", 3)) {
            let named: Vec<_> = ["a", "b", "c"].into_iter().zip(values.iter().cloned()).collect();
            prop_assert_eq!(
                fill("1 @a@ 2 @b@ 3 @c@ 4", &named),
                format!("1 {} 2 {} 3 {} 4", values[0], values[1], values[2])
            );
        }
    }
}
