//! Access levels: who may do what on the objects of the trail. The rights stand with each object, in [`crate::catalogue`].

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessLevel {
    Writer,
    Reader,
    Operator,
    Compliance,
    /// Sees how the trail is, and no event: for exporters and alerts.
    Monitor,
    /// Takes the events of streams, and reads nothing else.
    Streamer,
    /// Holds no rights. The users of its requests act, instead of the role.
    Gateway,
    /// Holds no rights. A gateway that has set such a role reads all workspaces without a user, and cannot decide anything.
    Service,
}

impl AccessLevel {
    const ALL: [(&'static str, AccessLevel); 8] = [
        ("writer", AccessLevel::Writer),
        ("reader", AccessLevel::Reader),
        ("operator", AccessLevel::Operator),
        ("compliance", AccessLevel::Compliance),
        ("monitor", AccessLevel::Monitor),
        ("streamer", AccessLevel::Streamer),
        ("gateway", AccessLevel::Gateway),
        ("service", AccessLevel::Service),
    ];

    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(name, _)| *name)
    }

    pub fn parse(text: &str) -> Option<AccessLevel> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, level)| *level)
    }
}

/// A right on one object, and the levels that have it.
pub struct Grant {
    pub right: &'static str,
    pub levels: &'static [AccessLevel],
}

pub const WRITERS: &[AccessLevel] = &[AccessLevel::Writer];
pub const READERS: &[AccessLevel] = &[AccessLevel::Reader, AccessLevel::Operator, AccessLevel::Compliance];
pub const STAFF: &[AccessLevel] = &[AccessLevel::Operator, AccessLevel::Compliance];
pub const OPERATORS: &[AccessLevel] = &[AccessLevel::Operator];
/// Whoever is told how the trail is.
pub const WATCHERS: &[AccessLevel] = &[AccessLevel::Operator, AccessLevel::Monitor];
/// Whoever is told of the partitions to come.
pub const SCHEDULERS: &[AccessLevel] =
    &[AccessLevel::Reader, AccessLevel::Operator, AccessLevel::Compliance, AccessLevel::Monitor];
pub const STREAMERS: &[AccessLevel] = &[AccessLevel::Streamer];
pub const COMPLIANCE: &[AccessLevel] = &[AccessLevel::Compliance];
pub const ANYONE: &[AccessLevel] =
    &[AccessLevel::Writer, AccessLevel::Reader, AccessLevel::Operator, AccessLevel::Compliance];
pub const NOBODY: &[AccessLevel] = &[];

pub const fn select(levels: &'static [AccessLevel]) -> Grant {
    Grant { right: "SELECT", levels }
}

pub const fn insert(levels: &'static [AccessLevel]) -> Grant {
    Grant { right: "INSERT", levels }
}

pub const fn update(levels: &'static [AccessLevel]) -> Grant {
    Grant { right: "UPDATE", levels }
}
