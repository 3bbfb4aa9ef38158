//! Stores configuration as another node made it, on this one.

use std::rc::Rc;

use audit_core::catalogue::{ACCESS, HOLDS, MEMBERSHIP_SOURCE, POLICIES, REQUESTS};
use audit_core::ids::WorkspaceId;
use serde_json::Value;
use uuid::Uuid;

use crate::cluster::error::ClusterError;
use crate::cluster::log;
use crate::cluster::row::TABLES;
use crate::error::Error;
use crate::pg::role::{self, Acting};
use crate::pg::{parameter, relation, spi};
use crate::storage::{Storage, StorageError};
use crate::{access, hold, interlock};

/// Stores a row that another node made.
pub fn carry(storage: &Rc<Storage>, told: &Value) -> Result<(), Error> {
    let unreadable = ClusterError::Unreadable { ordinal: 0 };
    let name = told["table"].as_str().unwrap_or_default();
    let (table, key) = *TABLES.iter().find(|(table, _)| *table == name).ok_or(unreadable)?;
    let row = &told["row"];
    let workspace = row["workspace_id"].as_str().and_then(|id| Uuid::parse_str(id).ok()).map(WorkspaceId);
    let _owner = Acting::as_owner(storage.owner);
    if let Some(workspace) = workspace.filter(|_| [HOLDS, POLICIES].contains(&table)) {
        interlock::protect(storage, workspace)?;
    }
    if let Some(workspace) = workspace.filter(|_| table == HOLDS) {
        hold::forget_searches(storage, workspace)?;
    }
    if table == MEMBERSHIP_SOURCE && !row["table_name"].is_null() {
        let source = (row["table_schema"].as_str().unwrap_or_default(), row["table_name"].as_str().unwrap_or_default());
        relation::find_qualified(source.0, source.1).ok_or_else(|| StorageError::missing(source.1))?;
    }
    {
        let _permit = match table {
            HOLDS | REQUESTS => Some(storage.writing(table)?),
            _ => None,
        };
        store(storage, table, key, row);
    }
    if table == ACCESS && row["revoked_at"].is_null() {
        let role = row["role_name"].as_str().filter(|role| role::names().iter().any(|name| name == role));
        role.iter().for_each(|role| access::let_in(storage, role));
    }
    if table == ACCESS {
        // What it finds of roles that are gone is found by each node for itself.
        let _carrying = log::carrying();
        access::apply(storage);
    }
    Ok(())
}

fn store(storage: &Storage, table: &str, key: &str, row: &Value) {
    let _carrying = log::carrying();
    let image = [parameter::text(&row.to_string())];
    // What was there before the nodes acted as one has ids of its own on each.
    let same = match table {
        ACCESS if !row["revoked_at"].is_null() => Some(include_str!("../../sql/cluster/revoke.sql")),
        HOLDS if !row["released_at"].is_null() => Some(include_str!("../../sql/cluster/release.sql")),
        _ => None,
    };
    if same.is_some_and(|sql| spi::count_with(&storage.fill(sql, &[]), &image) > 0) {
        return;
    }
    let qualified = storage.qualified(table);
    let columns =
        spi::find_row_with(include_str!("../../sql/cluster/columns.sql"), &[parameter::text(&qualified)], |row| {
            row.text(1).zip(row.text(2))
        });
    let Some((columns, excluded)) = columns else { return };
    // Roles are known by name on other nodes.
    let image_row = match table {
        REQUESTS => include_str!("../../sql/cluster/request.sql"),
        _ => "SELECT (pg_catalog.jsonb_populate_record(NULL::@table@, $1::pg_catalog.jsonb)).*",
    };
    let conflict = match table {
        // A level in force is there already, by whichever id.
        ACCESS => "DO NOTHING".to_owned(),
        _ => format!("({key}) DO UPDATE SET ({columns}) = ROW({excluded})"),
    };
    let sql = format!("INSERT INTO @table@ ({columns}) {image_row} ON CONFLICT {conflict}");
    spi::count_with(&storage.fill(&sql, &[("table", qualified), ("columns", columns)]), &image);
}
