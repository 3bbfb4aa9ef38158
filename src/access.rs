//! Access levels: which role may do what. PUBLIC and default privileges give nothing; only `audit_grant()` gives access.
//!
//! `audit_access` holds the levels by role name, because OIDs change in a restore. The rights of all roles on our objects are derived from
//! this table: whenever a level changes, a partition is made or `audit_setup()` runs, missing rights are granted and all others revoked.

use std::collections::BTreeSet;

use audit_core::access::AccessLevel;
use audit_core::argument::Argument;
use audit_core::catalogue::{self, ACCESS, rights::rights_on};
use pgrx::pg_sys::Oid;

use crate::cluster;
use crate::error::Error;
use crate::interlock;
use crate::pg::call::{Answer, Call};
use crate::pg::internal_ddl::InternalDdl;
use crate::pg::{citus, parameter, quote, role, spi};
use crate::storage::Storage;

/// One right held, or to be held, on one of our objects; the grantee as SQL writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct HeldRight {
    object: String,
    right: String,
    grantee: String,
}

/// An object of ours and how GRANT names it.
#[derive(Debug)]
struct OwnedObject {
    name: String,
    /// `TABLE schema.name`, `SEQUENCE schema.name` or `ROUTINE schema.name(arguments)`.
    target: String,
}

/// Our relations and functions, and the rights that roles other than the owners have on them.
fn owned_objects(storage: &Storage) -> (Vec<OwnedObject>, BTreeSet<HeldRight>) {
    let parameters = [
        parameter::oid(storage.schema),
        parameter::texts(catalogue::names()),
        parameter::texts(catalogue::monthly_names()),
        parameter::text(&catalogue::partition_pattern()),
    ];
    let mut objects: Vec<OwnedObject> = Vec::new();
    let mut held = BTreeSet::new();
    let read = |row: spi::ResultRow| (row.text(1), row.text(2), row.text(3), row.text(4));
    for (name, target, right, grantee) in spi::rows_with(include_str!("../sql/access/held.sql"), &parameters, read) {
        let (Some(name), Some(target)) = (name, target) else { continue };
        if let (Some(right), Some(grantee)) = (right, grantee) {
            held.insert(HeldRight { object: target.clone(), right, grantee });
        }
        if objects.last().is_none_or(|last| last.target != target) {
            objects.push(OwnedObject { name, target });
        }
    }
    (objects, held)
}

/// Roles that exist and their levels, as `audit_access` has them.
fn levels(storage: &Storage) -> Vec<(String, Vec<AccessLevel>)> {
    let sql = format!(
        "SELECT access.role_name::text, pg_catalog.string_agg(access.access, ',') FROM {} AS access \
         JOIN pg_catalog.pg_roles AS role ON role.rolname = access.role_name \
         WHERE access.revoked_at IS NULL GROUP BY 1 ORDER BY 1",
        storage.qualified(ACCESS)
    );
    spi::rows(&sql, |row| (row.text(1), row.text(2)))
        .into_iter()
        .filter_map(|(name, levels)| Some((name?, levels?.split(',').filter_map(AccessLevel::parse).collect())))
        .collect()
}

/// Makes all rights on our objects follow from `audit_access`; gives the number of rights it took away.
pub fn apply(storage: &Storage) -> usize {
    let _internal = InternalDdl::begin();
    interlock::change_rights(storage);
    forget_missing_roles(storage);
    let (objects, held) = owned_objects(storage);
    let mut promised = BTreeSet::new();
    for (role, levels) in levels(storage) {
        for object in &objects {
            for right in rights_on(&object.name, &levels) {
                promised.insert(HeldRight {
                    object: object.target.clone(),
                    right: right.to_owned(),
                    grantee: quote::identifier(&role),
                });
            }
        }
    }
    revoke(held.difference(&promised));
    for HeldRight { object, right, grantee } in promised.difference(&held) {
        spi::run(&format!("GRANT {right} ON {object} TO {grantee}"));
    }
    if cluster::is_enabled(storage) {
        seal_cluster(storage);
    }
    held.difference(&promised).count()
}

/// Revokes the levels of roles that no longer exist, so that a later role of the same name does not get them.
fn forget_missing_roles(storage: &Storage) {
    // Each node of a cluster finds that out for itself.
    let _untold = cluster::log::untold();
    spi::run(&format!(
        "UPDATE {} AS access SET revoked_at = pg_catalog.clock_timestamp(), revoked_by = SESSION_USER \
         WHERE revoked_at IS NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = access.role_name)",
        storage.qualified(ACCESS)
    ));
}

fn revoke<'a>(rights: impl Iterator<Item = &'a HeldRight>) {
    let _internal = InternalDdl::begin();
    for HeldRight { object, right, grantee } in rights {
        spi::run(&format!("REVOKE {right} ON {object} FROM {grantee} CASCADE"));
    }
}

fn read_right(row: spi::ResultRow) -> Option<HeldRight> {
    Some(HeldRight { object: row.text(1)?, right: row.text(2)?, grantee: row.text(3)? })
}

/// Revokes what default privileges have granted on a new relation.
pub fn seal_relation(storage: &Storage, name: &str) {
    seal(&storage.qualified(name));
}

/// Revokes all rights on the tables of the cluster, and on this node's copies of them: only the owner writes there, and reads.
pub fn seal_cluster(storage: &Storage) {
    let _shards = citus::seeing_shards();
    for table in catalogue::OF_CLUSTER {
        seal_relation(storage, table);
        cluster::own_copy(storage, table).iter().for_each(|copy| seal(copy));
    }
}

fn seal(qualified: &str) {
    let held =
        spi::rows_with(include_str!("../sql/access/held_on_relation.sql"), &[parameter::text(qualified)], read_right);
    revoke(held.iter().flatten());
}

/// Revokes what default privileges and PUBLIC have on the functions and types of the extension.
pub fn seal_functions() {
    let held = spi::rows(include_str!("../sql/access/held_on_members.sql"), read_right);
    revoke(held.iter().flatten());
}

fn level_argument(call: &Call) -> Result<(Oid, String, String), Argument> {
    let role = call.oid(0).filter(|role| *role != pgrx::pg_sys::InvalidOid).ok_or(
        Argument::new("p_role").problem("must name a role").hint("PUBLIC cannot be given access; name a role."),
    )?;
    let access = call.text(1).filter(|text| AccessLevel::parse(text).is_some()).ok_or_else(|| {
        Argument::new("p_access")
            .problem("is not an access level")
            .hint(format!("Use one of {}.", AccessLevel::names().collect::<Vec<_>>().join(", ")))
    })?;
    Ok((role, role::name(role), access))
}

/// `audit_grant(p_role, p_access)`.
pub fn grant_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let (_, role, access) = level_argument(call)?;
    cluster::log::enter(&storage)?;
    interlock::change_rights(&storage);
    let sql = format!(
        "INSERT INTO {} (role_name, access) VALUES ($1, $2) \
         ON CONFLICT (role_name, access) WHERE revoked_at IS NULL DO NOTHING",
        storage.qualified(ACCESS)
    );
    spi::count_with(&sql, &[parameter::text(&role), parameter::text(&access)]);
    let_in(&storage, &role);
    apply(&storage);
    Ok(Answer::Nothing)
}

/// Lets a role use the names in the schema of the trail.
pub fn let_in(storage: &Storage, role: &str) {
    let _internal = InternalDdl::begin();
    spi::run(&format!("GRANT USAGE ON SCHEMA {} TO {}", storage.schema_name, quote::identifier(role)));
}

/// Roles that have a level with rights and cannot use them: the schema's owner, who need not be the extension's, has taken USAGE away.
pub fn shut_out(storage: &Storage) -> Vec<String> {
    let sql = format!(
        "SELECT DISTINCT role.rolname::text FROM {} AS access JOIN pg_catalog.pg_roles AS role ON role.rolname = access.role_name \
         WHERE access.revoked_at IS NULL AND access.access NOT IN ('gateway', 'service') \
         AND NOT pg_catalog.has_schema_privilege(role.oid, {}, 'USAGE') ORDER BY 1",
        storage.qualified(ACCESS),
        storage.schema.to_u32()
    );
    spi::rows(&sql, |row| row.text(1)).into_iter().flatten().collect()
}

/// `audit_revoke(p_role, p_access)`. USAGE on the schema stays: others may rely on it.
pub fn revoke_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let (_, role, access) = level_argument(call)?;
    cluster::log::enter(&storage)?;
    interlock::change_rights(&storage);
    let sql = format!(
        "UPDATE {} SET revoked_at = pg_catalog.clock_timestamp(), revoked_by = SESSION_USER \
         WHERE role_name = $1 AND access = $2 AND revoked_at IS NULL",
        storage.qualified(ACCESS)
    );
    spi::count_with(&sql, &[parameter::text(&role), parameter::text(&access)]);
    apply(&storage);
    Ok(Answer::Nothing)
}

/// Whether a role acts as a compliance officer: the owner, and who has, of its own or of a role it is a member of, the level that is in force
/// under a role's name. Rights on our functions follow a role that is renamed; the level does not.
pub fn is_officer(storage: &Storage, user: Oid) -> bool {
    if role::has_rights_of(user, storage.owner) {
        return true;
    }
    let _owner = role::Acting::as_owner(storage.owner);
    let sql = format!(
        "SELECT role.oid FROM {} AS access JOIN pg_catalog.pg_roles AS role ON role.rolname = access.role_name \
         WHERE access.access = 'compliance' AND access.revoked_at IS NULL",
        storage.qualified(ACCESS)
    );
    spi::rows(&sql, |row| row.oid(1)).into_iter().flatten().any(|officer| role::has_rights_of(user, officer))
}
