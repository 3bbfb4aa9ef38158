//! Who is acting: session user, outer user (SET ROLE), current user. Also: acting as another role for a moment.

use std::ffi::CStr;

use pgrx::pg_sys;

use super::unguarded;

pub fn session_user() -> pg_sys::Oid {
    // SAFETY: reads a variable of the backend.
    unsafe { unguarded::GetSessionUserId() }
}

/// Who logged in, whatever SET SESSION AUTHORIZATION says since.
pub fn authenticated_user() -> pg_sys::Oid {
    // SAFETY: reads a variable of the backend.
    unsafe { unguarded::GetAuthenticatedUserId() }
}

/// The role chosen by SET ROLE, else the session user; functions with definer's rights do not change it.
pub fn outer_user() -> pg_sys::Oid {
    // SAFETY: reads a variable of the backend.
    unsafe { unguarded::GetOuterUserId() }
}

pub fn current_user() -> pg_sys::Oid {
    // SAFETY: reads a variable of the backend.
    unsafe { pg_sys::GetUserId() }
}

pub fn is_superuser() -> bool {
    // SAFETY: asks about the current user.
    unsafe { pg_sys::superuser() }
}

/// Whether a role has all the rights of another, of its membership or as a superuser.
pub fn has_rights_of(role: pg_sys::Oid, other: pg_sys::Oid) -> bool {
    // SAFETY: asks about two roles; those that are gone have no rights.
    unsafe { pg_sys::has_privs_of_role(role, other) }
}

/// Whether a role may SELECT from a table.
pub fn may_select(role: pg_sys::Oid, table: pg_sys::Oid) -> bool {
    // SAFETY: asks about a role and a table that are there.
    unsafe {
        pg_sys::pg_class_aclcheck(table, role, pg_sys::ACL_SELECT as pg_sys::AclMode) == pg_sys::AclResult::ACLCHECK_OK
    }
}

/// The name of a role, or its OID in digits when it is gone.
pub fn name(role: pg_sys::Oid) -> String {
    // SAFETY: missing roles give NULL.
    unsafe {
        let name = pg_sys::GetUserNameFromId(role, true);
        if name.is_null() { role.to_u32().to_string() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
    }
}

/// The names of all roles.
pub fn names() -> Vec<String> {
    super::spi::rows("SELECT rolname::pg_catalog.text FROM pg_catalog.pg_roles", |row| row.text(1))
        .into_iter()
        .flatten()
        .collect()
}

/// The current user is somebody else until this value is dropped; an error restores the former user by itself.
pub struct Acting {
    former: pg_sys::Oid,
    former_context: i32,
}

impl Acting {
    /// Acts as `role`, as referential integrity checks do: no SET ROLE, no lasting side effects, own policies apply
    /// to nobody.
    pub fn as_owner(role: pg_sys::Oid) -> Acting {
        Self::with_context(
            role,
            (pg_sys::SECURITY_LOCAL_USERID_CHANGE
                | pg_sys::SECURITY_RESTRICTED_OPERATION
                | pg_sys::SECURITY_NOFORCE_RLS) as i32,
        )
    }

    fn with_context(role: pg_sys::Oid, added: i32) -> Acting {
        let (mut former, mut former_context) = (pg_sys::InvalidOid, 0);
        // SAFETY: reads and sets two variables of the backend.
        unsafe {
            unguarded::GetUserIdAndSecContext(&mut former, &mut former_context);
            unguarded::SetUserIdAndSecContext(role, former_context | added);
        }
        Acting { former, former_context }
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        // SAFETY: puts back what was read.
        unsafe { unguarded::SetUserIdAndSecContext(self.former, self.former_context) }
    }
}
