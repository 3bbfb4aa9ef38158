//! The row of an event as a table has it.

use audit_core::event::column::{Column, DataType};
use audit_core::ids::{EventId, UserId, WorkspaceId};
use pgrx::pg_sys;

use crate::pg::record::Record;
use crate::pg::shape::Named;

pub const fn oid_of(data_type: DataType) -> pg_sys::Oid {
    match data_type {
        DataType::Uuid => pg_sys::UUIDOID,
        DataType::Timestamptz => pg_sys::TIMESTAMPTZOID,
        DataType::Text => pg_sys::TEXTOID,
        DataType::Jsonb => pg_sys::JSONBOID,
        DataType::TextArray => pg_sys::TEXTARRAYOID,
        DataType::Inet => pg_sys::INETOID,
        DataType::Bytea => pg_sys::BYTEAOID,
        DataType::Bigint => pg_sys::INT8OID,
    }
}

/// All columns, as a table must have them: each event has some, and of the others NULL says nothing.
pub static SHAPE: [Named; Column::COUNT] = {
    let mut shape = [const { Named::needed("", pg_sys::InvalidOid) }; Column::COUNT];
    let mut next = 0;
    while next < Column::COUNT {
        let column = Column::ALL[next];
        shape[next] =
            Named { name: column.name(), kind: oid_of(column.data_type()), is_needed: column.is_of_every_event() };
        next += 1;
    }
    shape
};

/// The values of an event.
pub type Columns<'a> = Record<'a, { Column::COUNT }>;

impl Columns<'_> {
    #[inline]
    pub fn event(&self) -> Option<EventId> {
        self.uuid(Column::Id).map(EventId)
    }

    #[inline]
    pub fn workspace(&self) -> Option<WorkspaceId> {
        self.uuid(Column::WorkspaceId).map(WorkspaceId)
    }

    /// Who acted.
    #[inline]
    pub fn actor(&self) -> Option<UserId> {
        self.uuid(Column::CreatedByUserId).map(UserId)
    }
}
