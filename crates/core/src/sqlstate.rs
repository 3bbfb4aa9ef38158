//! The SQLSTATEs of our errors, by their names in the SQL standard and in PostgreSQL's manual (appendix A).
//!
//! Some classes are never used, because PostgREST answers them with "500 Internal Server Error" or clients retry on them: 40, 55, 57, XX, and
//! P0 except P0001. Others that it answers with 500 or 503 are used for what no request can help.

/// An error condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SqlState {
    SuccessfulCompletion,
    Warning,
    FeatureNotSupported,
    NullValueNotAllowed,
    DatetimeFieldOverflow,
    InvalidParameterValue,
    RestrictViolation,
    UniqueViolation,
    CheckViolation,
    ReadOnlySqlTransaction,
    InvalidTransactionTermination,
    TriggerProtocolViolated,
    InsufficientPrivilege,
    UndefinedColumn,
    DatatypeMismatch,
    WrongObjectType,
    GeneratedAlways,
    UndefinedTable,
    DuplicateTable,
    InvalidTableDefinition,
    OutOfMemory,
    SystemError,
    RaiseException,
}

impl SqlState {
    pub const ALL: [SqlState; 23] = [
        SqlState::SuccessfulCompletion,
        SqlState::Warning,
        SqlState::FeatureNotSupported,
        SqlState::NullValueNotAllowed,
        SqlState::DatetimeFieldOverflow,
        SqlState::InvalidParameterValue,
        SqlState::RestrictViolation,
        SqlState::UniqueViolation,
        SqlState::CheckViolation,
        SqlState::ReadOnlySqlTransaction,
        SqlState::InvalidTransactionTermination,
        SqlState::TriggerProtocolViolated,
        SqlState::InsufficientPrivilege,
        SqlState::UndefinedColumn,
        SqlState::DatatypeMismatch,
        SqlState::WrongObjectType,
        SqlState::GeneratedAlways,
        SqlState::UndefinedTable,
        SqlState::DuplicateTable,
        SqlState::InvalidTableDefinition,
        SqlState::OutOfMemory,
        SqlState::SystemError,
        SqlState::RaiseException,
    ];

    /// As a client sees it.
    pub const fn code(self) -> &'static str {
        match self {
            SqlState::SuccessfulCompletion => "00000",
            SqlState::Warning => "01000",
            SqlState::FeatureNotSupported => "0A000",
            SqlState::NullValueNotAllowed => "22004",
            SqlState::DatetimeFieldOverflow => "22008",
            SqlState::InvalidParameterValue => "22023",
            SqlState::RestrictViolation => "23001",
            SqlState::UniqueViolation => "23505",
            SqlState::CheckViolation => "23514",
            SqlState::ReadOnlySqlTransaction => "25006",
            SqlState::InvalidTransactionTermination => "2D000",
            SqlState::TriggerProtocolViolated => "39P01",
            SqlState::InsufficientPrivilege => "42501",
            SqlState::UndefinedColumn => "42703",
            SqlState::DatatypeMismatch => "42804",
            SqlState::WrongObjectType => "42809",
            SqlState::GeneratedAlways => "428C9",
            SqlState::UndefinedTable => "42P01",
            SqlState::DuplicateTable => "42P07",
            SqlState::InvalidTableDefinition => "42P16",
            SqlState::OutOfMemory => "53200",
            SqlState::SystemError => "58000",
            SqlState::RaiseException => "P0001",
        }
    }

    /// As `ErrorData` holds it: five characters of six bits each, the first lowest (`MAKE_SQLSTATE` of PostgreSQL's elog.h).
    pub const fn packed(self) -> i32 {
        let code = self.code().as_bytes();
        let (mut packed, mut place) = (0, code.len());
        while place > 0 {
            place -= 1;
            packed = packed << 6 | (code[place] - b'0') as i32 & 0x3f;
        }
        packed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_condition_is_one_that_clients_retry_or_hide() {
        for state in SqlState::ALL {
            let code = state.code();
            assert!(!["40", "55", "57", "XX"].iter().any(|class| code.starts_with(class)), "{state:?} is {code}");
            assert!(!code.starts_with("P0") || code == "P0001", "{state:?} is {code}");
        }
    }

    #[test]
    fn every_condition_is_listed_once_with_a_code_of_its_own() {
        let codes: HashSet<_> = SqlState::ALL.iter().map(|state| state.code()).collect();
        assert_eq!(codes.len(), SqlState::ALL.len());
        assert_eq!(SqlState::ALL.len(), SqlState::RaiseException as usize + 1, "the last one, and all before it");
        assert!(
            codes
                .iter()
                .all(|code| code.len() == 5 && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        );
    }
}
