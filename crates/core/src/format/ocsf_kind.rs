//! The classes of the Open Cybersecurity Schema Framework that an event can fill.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    AccountChange = 3001,
    Authentication = 3002,
    EntityManagement = 3004,
    GroupManagement = 3006,
}

impl Class {
    const ALL: [Class; 4] =
        [Class::AccountChange, Class::Authentication, Class::EntityManagement, Class::GroupManagement];

    /// Whether the class is about a resource that has an id.
    pub const fn needs_resource(self) -> bool {
        matches!(self, Class::AccountChange | Class::GroupManagement)
    }
}

/// A class, and an activity of it, that somebody chose for an action type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OcsfKind {
    pub(super) class: Class,
    pub(super) activity: u32,
}

impl OcsfKind {
    /// None for a class that an event cannot fill.
    pub fn new(class: i32, activity: i32) -> Option<OcsfKind> {
        let class = Class::ALL.into_iter().find(|known| *known as i32 == class)?;
        Some(OcsfKind { class, activity: u32::try_from(activity).ok()? })
    }
}
