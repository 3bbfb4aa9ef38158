//! Whether a role has the access level gateway or service. A gateway acts and reads for the users of its requests.

use std::cell::RefCell;

use audit_core::access::AccessLevel;
use audit_core::catalogue::ACCESS;
use audit_core::visibility::Standing;
use pgrx::pg_sys::Oid;

use crate::cached::Cached;
use crate::pg::{quote, role, spi};
use crate::storage::Storage;

thread_local! {
    /// The standings of the roles that were asked for.
    static STANDINGS: Cached<RefCell<Vec<(Oid, Standing)>>> = const { Cached::nothing() };
}

/// The standing of a role, by the levels in force under its name. A gateway that was renamed keeps its rights and loses its name. So while the name of a
/// gateway has no role, each role that has no level itself counts as one, but for those that have the rights of the owner.
pub fn standing(storage: &Storage, role: Oid) -> Standing {
    let standings = storage.known_or(&STANDINGS, RefCell::default);
    let known = standings.borrow().iter().find(|(of, _)| *of == role).map(|(_, standing)| *standing);
    known.unwrap_or_else(|| {
        let _owner = role::Acting::as_owner(storage.owner);
        let sql = format!(
            "SELECT access FROM {} WHERE role_name OPERATOR(pg_catalog.=) {} AND revoked_at IS NULL",
            storage.qualified(ACCESS),
            quote::literal(&role::name(role)),
        );
        let levels: Vec<AccessLevel> =
            spi::rows(&sql, |row| row.text(1)).iter().flatten().filter_map(|level| AccessLevel::parse(level)).collect();
        let standing = Standing {
            is_gateway: levels.contains(&AccessLevel::Gateway)
                || levels.is_empty() && !role::has_rights_of(role, storage.owner) && a_gateway_is_gone(storage),
            is_service: levels.contains(&AccessLevel::Service),
        };
        standings.borrow_mut().push((role, standing));
        standing
    })
}

/// Whether a gateway is in force under a name that no role has.
fn a_gateway_is_gone(storage: &Storage) -> bool {
    let sql = format!(
        "SELECT FROM {} AS level WHERE level.access OPERATOR(pg_catalog.=) 'gateway' AND level.revoked_at IS NULL \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS role WHERE role.rolname OPERATOR(pg_catalog.=) level.role_name)",
        storage.qualified(ACCESS)
    );
    spi::count(&sql) > 0
}
