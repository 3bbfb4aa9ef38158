//! An error of PostgreSQL that is caught, and raised again after something else was done.
//!
//! PostgreSQL forgets an error once its handler has ended, so all that a client is told is copied.

use std::ffi::{CStr, CString, c_char};

use pgrx::pg_sys::panic::CaughtError;
use pgrx::{PgTryBuilder, pg_sys};

/// Bytes as they are, in the encoding of the database.
type Text = Option<CString>;

/// An error that was raised.
#[derive(Debug)]
pub struct Raised(Box<Told>);

/// What a client is told of it.
#[derive(Debug)]
struct Told {
    code: i32,
    message: Text,
    detail: Text,
    hint: Text,
    context: Text,
    constraint: Text,
    schema: Text,
    table: Text,
    column: Text,
    data_type: Text,
}

/// What `work` makes, or the error that it raises. What it did is not undone: it undoes that itself, by a subtransaction or the end of its transaction.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Raised> {
    PgTryBuilder::new(std::panic::AssertUnwindSafe(|| Ok(work())))
        .catch_others(|error| Err(Raised::of(error)))
        .execute()
}

impl Told {
    /// # Safety
    /// The strings of the error are there, or NULL.
    unsafe fn copied(data: &pg_sys::ErrorData) -> Told {
        // SAFETY: the caller promises it.
        let text = |text: *const c_char| (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_owned());
        Told {
            code: data.sqlerrcode,
            message: text(data.message),
            detail: text(data.detail),
            hint: text(data.hint),
            context: text(data.context),
            constraint: text(data.constraint_name),
            schema: text(data.schema_name),
            table: text(data.table_name),
            column: text(data.column_name),
            data_type: text(data.datatype_name),
        }
    }
}

impl Raised {
    fn of(error: CaughtError) -> Raised {
        match error {
            // SAFETY: pgrx leaves an error of PostgreSQL on its stack until the handler has ended, and the current memory context is not that of errors.
            CaughtError::PostgresError(_) => unsafe {
                let data = pg_sys::CopyErrorData();
                let told = Told::copied(&*data);
                pg_sys::FreeErrorData(data);
                Raised(Box::new(told))
            },
            CaughtError::ErrorReport(report) | CaughtError::RustPanic { ereport: report, .. } => {
                let text = |text: &str| CString::new(text).ok();
                Raised(Box::new(Told {
                    code: report.sql_error_code() as i32,
                    message: text(report.message()),
                    detail: report.detail().and_then(text),
                    hint: report.hint().and_then(text),
                    context: None,
                    constraint: None,
                    schema: None,
                    table: None,
                    column: None,
                    data_type: None,
                }))
            }
        }
    }

    /// The five characters of the SQLSTATE.
    pub fn sqlstate(&self) -> String {
        (0..5).map(|place| char::from((self.0.code >> (6 * place) & 0x3F) as u8 + b'0')).collect()
    }

    /// Whether it is the error with this SQLSTATE and message; of another node, the message has its own.
    pub fn is(&self, (sqlstate, message): (&str, &str)) -> bool {
        let told = self.0.message.as_ref().map(|told| told.to_string_lossy());
        self.sqlstate() == sqlstate && told.is_some_and(|told| told.ends_with(message))
    }

    /// The same error, whose detail begins with this sentence.
    pub fn about(mut self, sentence: &str) -> Raised {
        let mut detail = sentence.as_bytes().to_vec();
        if let Some(more) = &self.0.detail {
            detail.push(b' ');
            detail.extend_from_slice(more.as_bytes());
        }
        detail.retain(|byte| *byte != 0);
        self.0.detail = CString::new(detail).ok();
        self
    }

    pub fn raise(self) -> ! {
        let or_null = |text: &Text| text.as_ref().map_or(std::ptr::null_mut(), |text| text.as_ptr().cast_mut());
        // SAFETY: zero is a valid ErrorData; ThrowErrorData copies every string before it raises. The strings are freed then: the error comes back through this
        // frame as an unwinding panic.
        unsafe {
            let mut data: pg_sys::ErrorData = std::mem::zeroed();
            data.elevel = pg_sys::PGERROR as i32;
            data.sqlerrcode = self.0.code;
            data.message = or_null(&self.0.message);
            data.detail = or_null(&self.0.detail);
            data.hint = or_null(&self.0.hint);
            data.context = or_null(&self.0.context);
            data.constraint_name = or_null(&self.0.constraint);
            data.schema_name = or_null(&self.0.schema);
            data.table_name = or_null(&self.0.table);
            data.column_name = or_null(&self.0.column);
            data.datatype_name = or_null(&self.0.data_type);
            data.filename = c"audit_ext".as_ptr();
            data.funcname = c"audit_ext".as_ptr();
            pg_sys::ThrowErrorData(&mut data);
        }
        unreachable!("an ERROR does not return")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pgrx::PgSqlErrorCode;

    fn raised(code: PgSqlErrorCode, detail: Option<&str>) -> Raised {
        let detail = detail.and_then(|detail| CString::new(detail).ok());
        let none = || None;
        let (message, hint, context, constraint) = (none(), none(), none(), none());
        let (schema, table, column, data_type) = (none(), none(), none(), none());
        Raised(Box::new(Told {
            code: code as i32,
            message,
            detail,
            hint,
            context,
            constraint,
            schema,
            table,
            column,
            data_type,
        }))
    }

    #[test]
    fn a_code_is_unpacked_as_postgres_does() {
        assert_eq!(raised(PgSqlErrorCode::ERRCODE_INVALID_TEXT_REPRESENTATION, None).sqlstate(), "22P02");
        assert_eq!(raised(PgSqlErrorCode::ERRCODE_QUERY_CANCELED, None).sqlstate(), "57014");
    }

    #[test]
    fn a_detail_begins_with_what_it_is_about() {
        let told = |detail| {
            raised(PgSqlErrorCode::ERRCODE_DIVISION_BY_ZERO, detail)
                .about("Row 5.")
                .0
                .detail
                .unwrap()
                .into_string()
                .unwrap()
        };
        assert_eq!(told(None), "Row 5.");
        assert_eq!(told(Some("Why.")), "Row 5. Why.");
    }
}
