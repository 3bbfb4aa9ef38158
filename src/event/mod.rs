//! An audit event: its columns, how it gets time and id, how it is checked and stored.

pub mod batch;
pub mod bulk;
pub mod digest;
pub mod direct;
pub mod erase;
pub mod insert;
pub mod own;
pub mod resource;
pub mod rules;
pub mod stamp;
pub mod trigger;

use pgrx::pg_sys;

use crate::pg::record::Record;
use crate::pg::shape::Named;

/// The columns of `audit_events` and `audit_events_archive`, by their place in both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i16)]
pub enum Column {
    Id = 1,
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
    DeletedAt,
    DeletedByUserId,
    DeletionReason,
}

impl Column {
    pub const COUNT: usize = Column::DeletionReason as usize;

    /// All of them, in their order.
    pub const ALL: [Column; Column::COUNT] = [
        Column::Id,
        Column::CreatedAt,
        Column::CreatedByUserId,
        Column::ActionType,
        Column::ResourceType,
        Column::ResourceId,
        Column::WorkspaceId,
        Column::OldValues,
        Column::NewValues,
        Column::ChangedFields,
        Column::IpAddress,
        Column::UserAgent,
        Column::RequestId,
        Column::Tags,
        Column::Metadata,
        Column::DeletedAt,
        Column::DeletedByUserId,
        Column::DeletionReason,
    ];

    /// Its type.
    pub const fn kind(self) -> pg_sys::Oid {
        match self {
            Column::Id
            | Column::CreatedByUserId
            | Column::ResourceId
            | Column::WorkspaceId
            | Column::DeletedByUserId => pg_sys::UUIDOID,
            Column::CreatedAt | Column::DeletedAt => pg_sys::TIMESTAMPTZOID,
            Column::ActionType
            | Column::ResourceType
            | Column::UserAgent
            | Column::RequestId
            | Column::DeletionReason => pg_sys::TEXTOID,
            Column::OldValues | Column::NewValues | Column::Metadata => pg_sys::JSONBOID,
            Column::ChangedFields | Column::Tags => pg_sys::TEXTARRAYOID,
            Column::IpAddress => pg_sys::INETOID,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Column::Id => "id",
            Column::CreatedAt => "created_at",
            Column::CreatedByUserId => "created_by_user_id",
            Column::ActionType => "action_type",
            Column::ResourceType => "resource_type",
            Column::ResourceId => "resource_id",
            Column::WorkspaceId => "workspace_id",
            Column::OldValues => "old_values",
            Column::NewValues => "new_values",
            Column::ChangedFields => "changed_fields",
            Column::IpAddress => "ip_address",
            Column::UserAgent => "user_agent",
            Column::RequestId => "request_id",
            Column::Tags => "tags",
            Column::Metadata => "metadata",
            Column::DeletedAt => "deleted_at",
            Column::DeletedByUserId => "deleted_by_user_id",
            Column::DeletionReason => "deletion_reason",
        }
    }

    const fn is_of_every_event(self) -> bool {
        matches!(
            self,
            Column::Id
                | Column::CreatedAt
                | Column::CreatedByUserId
                | Column::ActionType
                | Column::ResourceType
                | Column::WorkspaceId
        )
    }

    /// The names of all columns as a statement lists them, each behind `prefix`.
    pub fn list(prefix: &str) -> String {
        Column::ALL.map(|column| format!("{prefix}{}", column.name())).join(", ")
    }

    pub const fn number(self) -> i16 {
        self as i16
    }
}

impl From<Column> for i16 {
    fn from(column: Column) -> i16 {
        column.number()
    }
}

/// All columns, as a table must have them: each event has some, and of the others NULL says nothing.
pub static SHAPE: [Named; Column::COUNT] = {
    let mut shape = [const { Named::needed("", pg_sys::InvalidOid) }; Column::COUNT];
    let mut next = 0;
    while next < Column::COUNT {
        let column = Column::ALL[next];
        shape[next] = Named { name: column.name(), kind: column.kind(), is_needed: column.is_of_every_event() };
        next += 1;
    }
    shape
};

/// The values of an event.
pub type Columns<'a> = Record<'a, { Column::COUNT }>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_from_one() {
        assert_eq!(Column::Id.number(), 1);
        assert_eq!(Column::COUNT, 18);
        assert!(Column::ALL.iter().enumerate().all(|(index, column)| column.number() as usize == index + 1));
    }
}
