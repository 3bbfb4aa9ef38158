//! Which workspaces have events in a partition that are past their hot period.

use audit_core::archive_due::Workspace;
use audit_core::catalogue::POLICIES;
use audit_core::ids::WorkspaceId;
use audit_core::retention::{ArchiveBy, Terms, archive_before};
use audit_core::time::Timestamp;

use crate::partition::leaves::TableLeaf;
use crate::pg::spi;
use crate::storage::Storage;

/// No event at or after this time is due in any workspace.
pub fn latest(storage: &Storage, now: Timestamp) -> Timestamp {
    let sql = format!("SELECT DISTINCT hot_retention_days, archive_by FROM {}", storage.qualified(POLICIES));
    spi::rows(&sql, |row| Some(archive_before(now, row.int4(1)?, ArchiveBy::parse(&row.text(2)?)?)))
        .into_iter()
        .flatten()
        .chain([Terms::DEFAULT.archive_before(now)])
        .max()
        .unwrap_or(Timestamp::PAST)
}

/// The workspaces that have events in the partition, sorted.
pub fn survey(storage: &Storage, leaf: &TableLeaf, now: Timestamp) -> Vec<Workspace> {
    let sql = storage.fill(include_str!("../../sql/archive/survey.sql"), &[("leaf", leaf.name.clone())]);
    let found = spi::rows(&sql, |row| {
        let terms = row.int4(2).zip(row.text(3).as_deref().and_then(ArchiveBy::parse));
        Some((WorkspaceId(row.uuid(1)?), terms))
    });
    let workspace = |(id, terms): (WorkspaceId, Option<(i32, ArchiveBy)>)| {
        let (hot_days, archive_by) = terms.unwrap_or((Terms::DEFAULT.hot_days, Terms::DEFAULT.archive_by));
        let archive_before = archive_before(now, hot_days, archive_by);
        Workspace { id, archive_by, archive_before, has_policy: terms.is_some() }
    };
    let mut workspaces: Vec<Workspace> = found.into_iter().flatten().map(workspace).collect();
    workspaces.sort_unstable_by_key(|workspace| workspace.id);
    workspaces
}
