//! How a sample of an error is made.

use audit_core::report::{IntoReport, Report};
use audit_core::time::Timestamp;
use uuid::Uuid;

/// One value of each variant.
macro_rules! all {
    ($error:ident: $($variant:ident $({ $($field:ident: $value:expr),* })? $(($inner:expr))?),+ $(,)?) => {{
        fn _are_listed(error: &$error) {
            match error { $($error::$variant { .. } => {})+ }
        }
        vec![$($error::$variant $({ $($field: $value),* })? $(($inner))?),+]
    }};
}

pub fn told<E: IntoReport>(errors: Vec<E>) -> Vec<Report> {
    errors.iter().map(IntoReport::report).collect()
}

/// A value in a message, as the page names it.
pub fn a(name: &str) -> String {
    format!("‹{name}›")
}

/// Ids and times are told by their type alone.
pub const ID: Uuid = Uuid::nil();
pub const TIME: Timestamp = Timestamp::from_microseconds(0);
