//! Raising errors and warnings with every field Postgres knows, constraint and table included.

use std::ffi::{CString, c_char, c_int};

use pgrx::pg_sys;

use crate::error::Report;

fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

fn throw(level: u32, report: &Report) {
    let or_null = |text: &Option<CString>| text.as_ref().map_or(std::ptr::null_mut(), |t| t.as_ptr().cast_mut());
    let message = c_string(&report.message);
    let [detail, hint, constraint, schema, table, column] =
        [&report.detail, &report.hint, &report.constraint, &report.schema, &report.table, &report.column]
            .map(|field| field.as_deref().map(c_string));
    // SAFETY: zero is a valid ErrorData; ThrowErrorData copies every string before it raises. The strings are freed
    // either way: the error comes back through this frame as an unwinding panic.
    unsafe {
        let mut data: pg_sys::ErrorData = std::mem::zeroed();
        data.elevel = level as c_int;
        data.sqlerrcode = sqlstate(report.sqlstate);
        data.message = message.as_ptr().cast_mut();
        data.detail = or_null(&detail);
        data.hint = or_null(&hint);
        data.constraint_name = or_null(&constraint);
        data.schema_name = or_null(&schema);
        data.table_name = or_null(&table);
        data.column_name = or_null(&column);
        data.filename = c"audit_ext".as_ptr() as *const c_char;
        data.funcname = c"audit_ext".as_ptr() as *const c_char;
        pg_sys::ThrowErrorData(&mut data);
    }
}

/// Raises an ERROR.
pub fn raise(report: &Report) -> ! {
    throw(pg_sys::PGERROR, report);
    unreachable!("an ERROR does not return")
}

/// Raises a WARNING and goes on.
pub fn warn(report: &Report) {
    throw(pg_sys::WARNING, report);
}

/// Raises a NOTICE and goes on.
pub fn notice(message: String) {
    throw(pg_sys::NOTICE, &Report { sqlstate: "00000", message, ..Report::default() });
}

/// Five characters, six bits each, the first lowest: MAKE_SQLSTATE of Postgres' elog.h.
fn sqlstate(code: &str) -> c_int {
    code.bytes().rev().fold(0, |packed, byte| (packed << 6) | c_int::from((byte - b'0') & 0x3f))
}

#[cfg(test)]
mod tests {
    #[test]
    fn sqlstates_are_packed_as_postgres_does() {
        assert_eq!(super::sqlstate("23514"), pgrx::PgSqlErrorCode::ERRCODE_CHECK_VIOLATION as i32);
        assert_eq!(super::sqlstate("P0001"), pgrx::PgSqlErrorCode::ERRCODE_RAISE_EXCEPTION as i32);
    }
}
