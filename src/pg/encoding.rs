//! Texts of the database's encoding, for what Rust works on.

use std::borrow::Cow;

use pgrx::pg_sys;

/// Bytes of the database's encoding as UTF-8. What is no text in that encoding is replaced; a database without an encoding is taken for UTF-8.
pub fn to_utf8(bytes: &[u8]) -> Cow<'_, str> {
    // SAFETY: reads a setting of the database.
    let encoding = unsafe { pg_sys::GetDatabaseEncoding() };
    if encoding == pg_sys::pg_enc::PG_UTF8 as i32 || encoding == pg_sys::pg_enc::PG_SQL_ASCII as i32 {
        return String::from_utf8_lossy(bytes);
    }
    // SAFETY: gives the same bytes where nothing has to be converted, else a palloc'd C string.
    unsafe {
        let (given, length) = (bytes.as_ptr().cast(), bytes.len() as i32);
        let converted = pg_sys::pg_server_to_any(given, length, pg_sys::pg_enc::PG_UTF8 as i32);
        match std::ptr::eq(converted, given) {
            true => String::from_utf8_lossy(bytes),
            false => std::ffi::CStr::from_ptr(converted).to_string_lossy(),
        }
    }
}
