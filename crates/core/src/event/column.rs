//! The columns of an event.

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
    SealKey,
    SealXid,
}

impl Column {
    pub const COUNT: usize = Column::SealXid as usize;

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
        Column::SealKey,
        Column::SealXid,
    ];

    pub const fn data_type(self) -> DataType {
        match self {
            Column::Id
            | Column::CreatedByUserId
            | Column::ResourceId
            | Column::WorkspaceId
            | Column::DeletedByUserId => DataType::Uuid,
            Column::CreatedAt | Column::DeletedAt => DataType::Timestamptz,
            Column::ActionType
            | Column::ResourceType
            | Column::UserAgent
            | Column::RequestId
            | Column::DeletionReason => DataType::Text,
            Column::OldValues | Column::NewValues | Column::Metadata => DataType::Jsonb,
            Column::ChangedFields | Column::Tags => DataType::TextArray,
            Column::IpAddress => DataType::Inet,
            Column::SealKey => DataType::Bytea,
            Column::SealXid => DataType::Bigint,
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
            Column::SealKey => "seal_key",
            Column::SealXid => "seal_xid",
        }
    }

    /// Whether it is NULL in no event.
    pub const fn is_of_every_event(self) -> bool {
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

/// The types that columns of an event have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DataType {
    Uuid,
    Timestamptz,
    Text,
    Jsonb,
    TextArray,
    Inet,
    Bytea,
    Bigint,
}

/// The personal payload, which is erased for good. The same columns stand in `sql/deletion/erase.sql`.
pub const PAYLOAD: [Column; 8] = [
    Column::OldValues,
    Column::NewValues,
    Column::ChangedFields,
    Column::IpAddress,
    Column::UserAgent,
    Column::RequestId,
    Column::Tags,
    Column::Metadata,
];

/// What marks an event as erased.
pub const DELETION: [Column; 3] = [Column::DeletedAt, Column::DeletedByUserId, Column::DeletionReason];

/// What only sealing uses: the key that salts the digests of an event, and the transaction that recorded it.
pub const SEAL: [Column; 2] = [Column::SealKey, Column::SealXid];

/// What must not outlive an erasure in statistics or indexes: the payload, and the key with which guesses at its digests could be checked.
pub const ERASABLE: [Column; 9] = {
    let mut columns = [Column::SealKey; 9];
    let mut next = 0;
    while next < PAYLOAD.len() {
        columns[next] = PAYLOAD[next];
        next += 1;
    }
    columns
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_from_one() {
        assert_eq!(Column::Id.number(), 1);
        assert_eq!(Column::COUNT, 20);
        assert!(Column::ALL.iter().enumerate().all(|(index, column)| column.number() as usize == index + 1));
    }

    #[test]
    fn the_payload_and_its_key_are_erasable() {
        assert_eq!(ERASABLE[..8], PAYLOAD);
        assert_eq!(ERASABLE[8], Column::SealKey);
    }
}
