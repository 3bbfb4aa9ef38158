//! What `audit_action_types` says of how events are exported.

use std::collections::HashMap;

use audit_core::catalogue::ACTION_TYPES;
use audit_core::format::{Format, OcsfKind};

use crate::pg::role::Acting;
use crate::pg::spi;
use crate::storage::Storage;

/// The OCSF classes and activities that somebody chose, by action type. Empty for formats that have no use for them.
#[derive(Default)]
pub struct Kinds(HashMap<String, OcsfKind>);

impl Kinds {
    /// As they are under the snapshot of the statement; none in a trail that an older release made.
    pub fn of(storage: &Storage, format: Format) -> Kinds {
        if format != Format::Ocsf || storage.oid(ACTION_TYPES).is_err() {
            return Kinds::default();
        }
        let _owner = Acting::as_owner(storage.owner);
        let sql = storage.fill(include_str!("../../../sql/trail/kinds.sql"), &[]);
        let kind = |row: spi::ResultRow| Some((row.text(1)?, OcsfKind::new(row.int4(2)?, row.int4(3)?)?));
        Kinds(spi::read_with(&sql, &[], kind).into_iter().flatten().collect())
    }

    pub fn kind(&self, action_type: &str) -> Option<OcsfKind> {
        self.0.get(action_type).copied()
    }
}
