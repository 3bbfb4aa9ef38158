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

/// The standing of a role, by the levels in force under its name.
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
            is_gateway: levels.contains(&AccessLevel::Gateway),
            is_service: levels.contains(&AccessLevel::Service),
        };
        standings.borrow_mut().push((role, standing));
        standing
    })
}
