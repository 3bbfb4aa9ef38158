//! Names and texts as SQL must write them.

use std::ffi::{CStr, CString};

use pgrx::pg_sys;

/// A name as SQL must write it.
pub fn identifier(name: &str) -> String {
    let c_name = c_string(name);
    // SAFETY: the answer is the argument itself or a palloc'd string; both are copied.
    unsafe { CStr::from_ptr(pg_sys::quote_identifier(c_name.as_ptr())) }.to_string_lossy().into_owned()
}

/// A text as SQL must write it.
pub fn literal(text: &str) -> String {
    let c_text = c_string(text);
    // SAFETY: the answer is a palloc'd string that is copied.
    unsafe { CStr::from_ptr(pg_sys::quote_literal_cstr(c_text.as_ptr())) }.to_string_lossy().into_owned()
}

/// Text as C has it. Whatever PostgreSQL gave us holds no zero byte, nor does a statement of ours.
pub(super) fn c_string(text: &str) -> CString {
    CString::new(text).unwrap_or_else(|_| panic!("a zero byte in a text for PostgreSQL: {text:?}"))
}
