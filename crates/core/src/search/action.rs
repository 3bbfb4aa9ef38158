//! Action types that are searched for.

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

#[cfg(test)]
mod tests {
    use super::*;

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
