//! Raises errors and warnings with all fields that PostgreSQL has, including constraint and table.

use std::ffi::{CString, c_char, c_int};

use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use pgrx::pg_sys;

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
        data.sqlerrcode = report.sqlstate.packed();
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
pub fn warn(warning: &impl IntoReport) {
    throw(pg_sys::WARNING, &warning.report());
}

/// Raises a NOTICE with a hint and goes on.
pub fn tell(notice: &impl IntoReport) {
    throw(pg_sys::NOTICE, &notice.report());
}

/// Writes into the server's log, which outlives the transaction, and goes on. No client sees it.
pub fn log(message: String) {
    throw(pg_sys::LOG_SERVER_ONLY, &Report::new(SqlState::SuccessfulCompletion, message));
}

/// Raises a NOTICE and goes on.
pub fn notice(message: String) {
    throw(pg_sys::NOTICE, &Report::new(SqlState::SuccessfulCompletion, message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use pgrx::PgSqlErrorCode;

    #[test]
    fn conditions_are_packed_as_postgres_does() {
        for state in SqlState::ALL {
            let code = match state {
                SqlState::SuccessfulCompletion => PgSqlErrorCode::ERRCODE_SUCCESSFUL_COMPLETION,
                SqlState::Warning => PgSqlErrorCode::ERRCODE_WARNING,
                SqlState::FeatureNotSupported => PgSqlErrorCode::ERRCODE_FEATURE_NOT_SUPPORTED,
                SqlState::NullValueNotAllowed => PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED,
                SqlState::DatetimeFieldOverflow => PgSqlErrorCode::ERRCODE_DATETIME_FIELD_OVERFLOW,
                SqlState::InvalidParameterValue => PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
                SqlState::RestrictViolation => PgSqlErrorCode::ERRCODE_RESTRICT_VIOLATION,
                SqlState::UniqueViolation => PgSqlErrorCode::ERRCODE_UNIQUE_VIOLATION,
                SqlState::CheckViolation => PgSqlErrorCode::ERRCODE_CHECK_VIOLATION,
                SqlState::ReadOnlySqlTransaction => PgSqlErrorCode::ERRCODE_READ_ONLY_SQL_TRANSACTION,
                SqlState::InvalidTransactionTermination => PgSqlErrorCode::ERRCODE_INVALID_TRANSACTION_TERMINATION,
                SqlState::TriggerProtocolViolated => PgSqlErrorCode::ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
                SqlState::InsufficientPrivilege => PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
                SqlState::UndefinedColumn => PgSqlErrorCode::ERRCODE_UNDEFINED_COLUMN,
                SqlState::DatatypeMismatch => PgSqlErrorCode::ERRCODE_DATATYPE_MISMATCH,
                SqlState::WrongObjectType => PgSqlErrorCode::ERRCODE_WRONG_OBJECT_TYPE,
                SqlState::GeneratedAlways => PgSqlErrorCode::ERRCODE_GENERATED_ALWAYS,
                SqlState::UndefinedTable => PgSqlErrorCode::ERRCODE_UNDEFINED_TABLE,
                SqlState::DuplicateTable => PgSqlErrorCode::ERRCODE_DUPLICATE_TABLE,
                SqlState::InvalidTableDefinition => PgSqlErrorCode::ERRCODE_INVALID_TABLE_DEFINITION,
                SqlState::OutOfMemory => PgSqlErrorCode::ERRCODE_OUT_OF_MEMORY,
                SqlState::SystemError => PgSqlErrorCode::ERRCODE_SYSTEM_ERROR,
                SqlState::RaiseException => PgSqlErrorCode::ERRCODE_RAISE_EXCEPTION,
            };
            assert_eq!(state.packed(), code as i32, "{state:?}");
        }
    }
}
