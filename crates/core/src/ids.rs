//! Ids that are not taken for each other, though each is a UUID.

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        impl From<$name> for Option<Uuid> {
            fn from(id: $name) -> Option<Uuid> {
                Some(id.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A workspace: a tenant of the application.
    WorkspaceId;
    /// A person: the actor of an event, or whom it is about.
    UserId;
    /// An event.
    EventId;
}
