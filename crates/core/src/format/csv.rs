//! RFC 4180. Written here and not by a library, because NULL must differ from an empty text, which the libraries do not tell apart.

use std::borrow::Cow;

use super::event::Event;

/// What becomes of a field that a spreadsheet would run as a formula.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Formulas {
    AsTheyAre,
    /// Such a field gets a `'` in front. <https://owasp.org/www-community/attacks/CSV_Injection>
    Quoted,
}

/// The columns of `search_audit_events()`. When an event was erased is not among them: such an event has left the trail that is shown.
const COLUMNS: [&str; 16] = [
    "id",
    "created_at",
    "created_by_user_id",
    "action_type",
    "resource_type",
    "resource_id",
    "workspace_id",
    "old_values",
    "new_values",
    "changed_fields",
    "ip_address",
    "user_agent",
    "request_id",
    "tags",
    "metadata",
    "is_archived",
];

pub fn header() -> String {
    COLUMNS.join(",")
}

pub fn write(event: &Event, formulas: Formulas, out: &mut Vec<u8>) {
    let text = |value: Option<String>| value.map(Cow::Owned);
    let fields: [Option<Cow<str>>; COLUMNS.len()] = [
        text(Some(event.id.to_string())),
        text(Some(event.created_at.rfc3339())),
        text(event.created_by_user_id.map(|id| id.to_string())),
        given(Some(event.action_type)),
        given(Some(event.resource_type)),
        text(event.resource_id.map(|id| id.to_string())),
        text(Some(event.workspace_id.to_string())),
        given(event.old_values),
        given(event.new_values),
        given(event.changed_fields),
        given(event.ip_address),
        given(event.user_agent),
        given(event.request_id),
        given(event.tags),
        given(event.metadata),
        given(Some(if event.is_archived { "t" } else { "f" })),
    ];
    for (place, field) in fields.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        if let Some(field) = field {
            write_field(&field, formulas, out);
        }
    }
}

fn given(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(Cow::Borrowed)
}

fn write_field(field: &str, formulas: Formulas, out: &mut Vec<u8>) {
    let is_guarded = formulas == Formulas::Quoted && field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !field.is_empty() && !is_guarded && !field.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        return out.extend_from_slice(field.as_bytes());
    }
    out.push(b'"');
    out.extend_from_slice(if is_guarded { b"'" } else { b"" });
    for (place, piece) in field.split('"').enumerate() {
        out.extend_from_slice(if place > 0 { b"\"\"" } else { b"" });
        out.extend_from_slice(piece.as_bytes());
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::event::tests::{bare, event, written};

    fn line(event: &Event, formulas: Formulas) -> String {
        written(|out| write(event, formulas, out))
    }

    #[test]
    fn fields_stand_under_their_columns() {
        assert_eq!(header().split(',').count(), COLUMNS.len());
        assert_eq!(
            line(&event(), Formulas::AsTheyAre),
            r#"01972c3e-8a00-7000-8000-000000000001,2025-06-02T00:00:00.123456Z,00000000-0000-0000-0000-000000000007,role.updated,role,00000000-0000-0000-0000-000000000008,00000000-0000-0000-0000-000000000009,"{""name"": ""a"", ""limit"": 1.00}","{""name"": ""b""}",{name},203.0.113.7,curl/8,req-1,"{security,""a b""}",,f"#
        );
    }

    #[test]
    fn null_is_empty_and_an_empty_text_is_quoted() {
        let line = line(&Event { user_agent: Some(""), ..bare() }, Formulas::AsTheyAre);
        assert!(line.ends_with(",,\"\",,,,f"), "{line}");
    }

    #[test]
    fn formulas_are_kept_from_spreadsheets_only_where_asked() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            let event = Event { action_type: formula, ..bare() };
            let exact = line(&event, Formulas::AsTheyAre);
            assert!(!exact.contains('\''), "{exact}");
            assert!(line(&event, Formulas::Quoted).contains(&format!(",\"'{formula}\",")), "{formula}");
        }
    }
}
