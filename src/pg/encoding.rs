//! Texts of the database's encoding, for what Rust works on.

use std::borrow::Cow;

use pgrx::pg_sys;

/// Whether the database is encoded in UTF-8.
pub fn is_utf8() -> bool {
    of_database() == pg_sys::pg_enc::PG_UTF8 as i32
}

/// A database without an encoding is taken for one of UTF-8.
fn is_taken_for_utf8() -> bool {
    is_utf8() || of_database() == pg_sys::pg_enc::PG_SQL_ASCII as i32
}

fn of_database() -> i32 {
    // SAFETY: reads a setting of the database.
    unsafe { pg_sys::GetDatabaseEncoding() }
}

/// Bytes of the database's encoding as UTF-8. What is no text in that encoding is replaced.
pub fn to_utf8(bytes: &[u8]) -> Cow<'_, str> {
    if is_taken_for_utf8() {
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

/// UTF-8 in the database's encoding; raises for what that encoding does not have. It lives as long as the text, or the current memory context.
pub fn from_utf8(text: &[u8]) -> &[u8] {
    if is_taken_for_utf8() || text.is_ascii() {
        return text;
    }
    // SAFETY: gives the same bytes where nothing has to be converted, else a palloc'd C string.
    unsafe {
        let (given, length) = (text.as_ptr().cast(), text.len() as i32);
        let converted = pg_sys::pg_any_to_server(given, length, pg_sys::pg_enc::PG_UTF8 as i32);
        match std::ptr::eq(converted, given) {
            true => text,
            false => std::ffi::CStr::from_ptr(converted).to_bytes(),
        }
    }
}
