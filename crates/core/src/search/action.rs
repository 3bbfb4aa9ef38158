//! Action types that are searched for.

use crate::index_kind::NAME_BYTES;

/// An action type, or the beginning of some: `role.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionPattern {
    Exactly(Vec<u8>),
    BeginningWith(Vec<u8>),
}

impl ActionPattern {
    /// A `*` stands for anything at the end, and for itself elsewhere.
    pub fn parse(pattern: Vec<u8>) -> ActionPattern {
        match pattern.strip_suffix(b"*") {
            Some(beginning) => ActionPattern::BeginningWith(beginning.to_vec()),
            None => ActionPattern::Exactly(pattern),
        }
    }

    pub fn fits(&self, action: &[u8]) -> bool {
        match self {
            ActionPattern::Exactly(wanted) => action == wanted,
            ActionPattern::BeginningWith(beginning) => action.starts_with(beginning),
        }
    }
}

/// The actions that an index by names finds, each once; None where the index lacks some: long ones, and those of which only the beginning
/// is known.
pub fn indexed_names<'a>(patterns: &'a [ActionPattern]) -> Option<Vec<&'a [u8]>> {
    let name = |pattern: &'a ActionPattern| match pattern {
        ActionPattern::Exactly(name) if name.len() <= NAME_BYTES => Some(name.as_slice()),
        _ => None,
    };
    let mut names = patterns.iter().map(name).collect::<Option<Vec<_>>>()?;
    names.sort_unstable();
    names.dedup();
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_has_whole_names_of_its_length() {
        let names = |patterns: &[&str]| {
            let patterns: Vec<_> = patterns.iter().map(|p| ActionPattern::parse(p.as_bytes().to_vec())).collect();
            indexed_names(&patterns).map(|names| names.into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>())
        };
        let (longest, longer) = ("x".repeat(NAME_BYTES), "x".repeat(NAME_BYTES + 1));
        assert_eq!(names(&["b", "a", "b"]), Some(vec![b"a".to_vec(), b"b".to_vec()]), "no event comes twice");
        assert_eq!(names(&[&longest]), Some(vec![longest.clone().into_bytes()]));
        assert_eq!(names(&["a", &longer]), None);
        assert_eq!(names(&["a", "b*"]), None);
        assert_eq!(names(&["*"]), None);
    }

    #[test]
    fn only_a_star_at_the_end_stands_for_anything() {
        for (pattern, action, fits) in [
            ("role.grant", "role.grant", true),
            ("role.grant", "role.granted", false),
            ("role.grant", "Role.grant", false),
            ("role.*", "role.", true),
            ("role.*", "role.grant", true),
            ("role.*", "role", false),
            ("role.*", "a role.grant", false),
            ("*", "anything", true),
            ("*.grant", "role.grant", false),
            ("*.grant", "*.grant", true),
            ("r_le%", "role", false),
            ("a**", "a*b", true),
            ("a**", "ab", false),
        ] {
            assert_eq!(
                ActionPattern::parse(pattern.as_bytes().to_vec()).fits(action.as_bytes()),
                fits,
                "{pattern} {action}"
            );
        }
    }
}
