//! The columns that a leaf binds, in the order in which they are disclosed.

/// A column of an event. Not among them: the marks of a deletion, which change and are bound by its entry, and the sealer's own two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    Id,
    CreatedAt,
    CreatedByUserId,
    ActionType,
    ResourceType,
    ResourceId,
    WorkspaceId,
    OldValues,
    NewValues,
    ChangedFields,
    IpAddress,
    UserAgent,
    RequestId,
    Tags,
    Metadata,
}

/// The name of the disclosure that holds the digests of the payload's columns.
pub const PAYLOAD: &str = "payload";

impl Field {
    pub const COUNT: usize = 15;
    /// How many of them outlive an erasure; they come first.
    pub const KEPT: usize = 7;

    pub const ALL: [Self; Self::COUNT] = [
        Self::Id,
        Self::CreatedAt,
        Self::CreatedByUserId,
        Self::ActionType,
        Self::ResourceType,
        Self::ResourceId,
        Self::WorkspaceId,
        Self::OldValues,
        Self::NewValues,
        Self::ChangedFields,
        Self::IpAddress,
        Self::UserAgent,
        Self::RequestId,
        Self::Tags,
        Self::Metadata,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::CreatedAt => "created_at",
            Self::CreatedByUserId => "created_by_user_id",
            Self::ActionType => "action_type",
            Self::ResourceType => "resource_type",
            Self::ResourceId => "resource_id",
            Self::WorkspaceId => "workspace_id",
            Self::OldValues => "old_values",
            Self::NewValues => "new_values",
            Self::ChangedFields => "changed_fields",
            Self::IpAddress => "ip_address",
            Self::UserAgent => "user_agent",
            Self::RequestId => "request_id",
            Self::Tags => "tags",
            Self::Metadata => "metadata",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    pub const fn is_payload(self) -> bool {
        self as usize >= Self::KEPT
    }
}

/// The values of an event as PostgreSQL prints them (its output functions, ISO dates, UTC, UTF-8); `None` is NULL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values<'a>(pub [Option<&'a str>; Field::COUNT]);

impl<'a> Values<'a> {
    pub fn get(&self, field: Field) -> Option<&'a str> {
        self.0[field as usize]
    }

    pub fn set(&mut self, field: Field, value: &'a str) {
        self.0[field as usize] = Some(value);
    }

    pub fn has_payload(&self) -> bool {
        self.0[Field::KEPT..].iter().any(Option::is_some)
    }
}
