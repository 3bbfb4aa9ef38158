//! The extension in the catalog, and how to make objects that are not its members.

use pgrx::pg_sys;

use super::spi;

pub struct Installed {
    pub owner: pg_sys::Oid,
    pub schema: String,
}

/// The entry of audit_ext in pg_extension; it is there from the first line of the install script on.
pub fn audit_ext() -> Option<Installed> {
    const SQL: &str = "SELECT e.extowner, n.nspname::text FROM pg_catalog.pg_extension AS e \
                       JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'audit_ext'";
    spi::find_row(SQL, |row| Some(Installed { owner: row.oid(1)?, schema: row.text(2)? }))
}

/// Whether CREATE EXTENSION or ALTER EXTENSION … UPDATE is running.
pub fn is_being_created() -> bool {
    // SAFETY: reads a variable of the backend.
    unsafe { pg_sys::creating_extension }
}

/// Whether a script of audit_ext itself is being run by CREATE EXTENSION or ALTER EXTENSION … UPDATE, or pg_upgrade is putting
/// the catalogs of an older server together again.
pub fn is_being_installed() -> bool {
    // SAFETY: reads variables of the backend; a missing extension gives InvalidOid, which no script is of.
    unsafe {
        pg_sys::IsBinaryUpgrade
            || (pg_sys::creating_extension
                && pg_sys::CurrentExtensionObject != pg_sys::InvalidOid
                && pg_sys::CurrentExtensionObject == pg_sys::get_extension_oid(c"audit_ext".as_ptr(), true))
    }
}

/// Objects made while this value lives are not members of the extension being created.
pub struct OutsideExtension {
    former: bool,
}

impl OutsideExtension {
    pub fn begin() -> OutsideExtension {
        // SAFETY: a variable of the backend; put back by Drop, and by CREATE EXTENSION itself after an error.
        unsafe {
            let former = pg_sys::creating_extension;
            pg_sys::creating_extension = false;
            OutsideExtension { former }
        }
    }
}

impl Drop for OutsideExtension {
    fn drop(&mut self) {
        // SAFETY: puts back the variable of the backend that begin() read.
        unsafe { pg_sys::creating_extension = self.former }
    }
}
