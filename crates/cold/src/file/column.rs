//! The columns of a file: an event's, and the row itself where they cannot tell it.

use audit_cold_row::{COLUMNS, Column};

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// As text, because readers fail on Parquet's own type or give it as bytes.
    Uuid,
    Time,
    Text,
    /// As text, for the same reason.
    Json,
    Array,
    Inet,
    Bytes,
    Integer,
}

pub struct Described {
    pub column: Column,
    pub name: &'static str,
    pub kind: Kind,
    pub is_required: bool,
    /// An erasure takes its values away, so that they stand in no footer.
    pub is_erasable: bool,
}

const fn required(column: Column, name: &'static str, kind: Kind) -> Described {
    Described { column, name, kind, is_required: true, is_erasable: false }
}

const fn optional(column: Column, name: &'static str, kind: Kind) -> Described {
    Described { column, name, kind, is_required: false, is_erasable: false }
}

const fn erasable(column: Column, name: &'static str, kind: Kind) -> Described {
    Described { column, name, kind, is_required: false, is_erasable: true }
}

/// Those of an event, in their order.
pub const EVENT: [Described; COLUMNS] = [
    required(Column::Id, "id", Kind::Uuid),
    required(Column::CreatedAt, "created_at", Kind::Time),
    required(Column::CreatedByUserId, "created_by_user_id", Kind::Uuid),
    required(Column::ActionType, "action_type", Kind::Text),
    required(Column::ResourceType, "resource_type", Kind::Text),
    optional(Column::ResourceId, "resource_id", Kind::Uuid),
    required(Column::WorkspaceId, "workspace_id", Kind::Uuid),
    erasable(Column::OldValues, "old_values", Kind::Json),
    erasable(Column::NewValues, "new_values", Kind::Json),
    erasable(Column::ChangedFields, "changed_fields", Kind::Array),
    erasable(Column::IpAddress, "ip_address", Kind::Inet),
    erasable(Column::UserAgent, "user_agent", Kind::Text),
    erasable(Column::RequestId, "request_id", Kind::Text),
    erasable(Column::Tags, "tags", Kind::Array),
    erasable(Column::Metadata, "metadata", Kind::Json),
    optional(Column::DeletedAt, "deleted_at", Kind::Time),
    optional(Column::DeletedByUserId, "deleted_by_user_id", Kind::Uuid),
    optional(Column::DeletionReason, "deletion_reason", Kind::Text),
    erasable(Column::SealKey, "seal_key", Kind::Bytes),
    optional(Column::SealXid, "seal_xid", Kind::Integer),
];

/// Their names.
pub const COLUMN_NAMES: [&str; COLUMNS] = {
    let mut names = [""; COLUMNS];
    let mut place = 0;
    while place < COLUMNS {
        names[place] = EVENT[place].name;
        place += 1;
    }
    names
};

/// The last column of a file.
pub const EXACT_ROW: &str = "exact_row";

#[cfg(test)]
mod tests {
    use audit_core::event::column::{Column as EventColumn, DataType, ERASABLE};

    use super::*;

    #[test]
    fn they_are_those_of_an_event_and_in_their_places() {
        for ((place, described), event) in EVENT.iter().enumerate().zip(EventColumn::ALL) {
            assert_eq!(described.column as usize, place);
            assert_eq!(described.name, event.name());
            assert_eq!(described.is_required, event.is_of_every_event(), "{}", described.name);
            assert_eq!(described.is_erasable, ERASABLE.contains(&event), "{}", described.name);
            let kind = match event.data_type() {
                DataType::Uuid => Kind::Uuid,
                DataType::Timestamptz => Kind::Time,
                DataType::Text => Kind::Text,
                DataType::Jsonb => Kind::Json,
                DataType::TextArray => Kind::Array,
                DataType::Inet => Kind::Inet,
                DataType::Bytea => Kind::Bytes,
                DataType::Bigint => Kind::Integer,
            };
            assert_eq!(described.kind, kind, "{}", described.name);
        }
    }
}
