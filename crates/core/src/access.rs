//! Access levels: who may do what on the objects of the trail. The rights stand with each object, in [`crate::catalogue`].

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Writer,
    Reader,
    Operator,
    Compliance,
    /// Holds no rights. The users of its requests act, instead of the role.
    Gateway,
    /// Holds no rights. A gateway that has set such a role reads all workspaces without a user, and cannot decide anything.
    Service,
}

impl Level {
    const ALL: [(&'static str, Level); 6] = [
        ("writer", Level::Writer),
        ("reader", Level::Reader),
        ("operator", Level::Operator),
        ("compliance", Level::Compliance),
        ("gateway", Level::Gateway),
        ("service", Level::Service),
    ];

    pub fn parse(text: &str) -> Option<Level> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, level)| *level)
    }
}

/// A right on one object, and the levels that have it.
pub struct Grant {
    pub right: &'static str,
    pub levels: &'static [Level],
}

pub const WRITERS: &[Level] = &[Level::Writer];
pub const READERS: &[Level] = &[Level::Reader, Level::Operator, Level::Compliance];
pub const STAFF: &[Level] = &[Level::Operator, Level::Compliance];
pub const OPERATORS: &[Level] = &[Level::Operator];
pub const COMPLIANCE: &[Level] = &[Level::Compliance];
pub const ANYONE: &[Level] = &[Level::Writer, Level::Reader, Level::Operator, Level::Compliance];
pub const NOBODY: &[Level] = &[];

pub const fn select(levels: &'static [Level]) -> Grant {
    Grant { right: "SELECT", levels }
}

pub const fn insert(levels: &'static [Level]) -> Grant {
    Grant { right: "INSERT", levels }
}

pub const fn update(levels: &'static [Level]) -> Grant {
    Grant { right: "UPDATE", levels }
}
