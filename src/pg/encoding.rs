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

/// Bytes of the database's encoding as UTF-8. What is no text in that encoding, or has no character in UTF-8, is replaced.
pub fn to_utf8(bytes: &[u8]) -> Cow<'_, str> {
    if is_taken_for_utf8() || bytes.is_ascii() {
        return String::from_utf8_lossy(bytes);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let (taken, converted) = converted(rest);
        text.push_str(&String::from_utf8_lossy(&converted));
        rest = &rest[taken..];
        if let Some((_, behind)) = rest.split_first() {
            text.push(char::REPLACEMENT_CHARACTER);
            rest = behind;
        }
    }
    Cow::Owned(text)
}

/// As many of the bytes as can be converted, and how many these are.
fn converted(bytes: &[u8]) -> (usize, Vec<u8>) {
    let utf8 = pg_sys::pg_enc::PG_UTF8 as i32;
    let mut converted = vec![0; bytes.len() * pg_sys::MAX_CONVERSION_GROWTH as usize + 1];
    // SAFETY: the source is only read. There is room for what it becomes, and for the zero behind it; nothing is raised.
    let taken = unsafe {
        let function = pg_sys::FindDefaultConversionProc(of_database(), utf8);
        if function == pg_sys::InvalidOid {
            return (0, Vec::new());
        }
        let (source, room) = (bytes.as_ptr().cast_mut(), converted.len() as i32);
        let length = bytes.len() as i32;
        pg_sys::pg_do_encoding_conversion_buf(
            function,
            of_database(),
            utf8,
            source,
            length,
            converted.as_mut_ptr(),
            room,
            true,
        )
    };
    let end = converted.iter().position(|byte| *byte == 0).unwrap_or(converted.len());
    converted.truncate(end);
    (taken as usize, converted)
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
