//! Streams: what is decided of them without a server. The order and the place of events come from sealing.

pub mod batch;
pub mod filter;
pub mod place;
pub mod refusal;
pub mod removed;

use crate::argument::Argument;
use crate::format::Format;

/// The formats of streams, by their names in `p_format`. A stream has no first and no last line, so none that needs one.
pub const FORMATS: [(&str, Format); 4] =
    [("json", Format::Ndjson), ("ocsf", Format::Ocsf), ("cef", Format::Cef), ("ecs", Format::Ecs)];

/// The longest name of a stream, in bytes: that of a name in PostgreSQL.
const LONGEST_NAME: usize = 63;

pub fn format(name: Option<&str>) -> Result<(&'static str, Format), Argument> {
    let known = FORMATS.into_iter().find(|(known, _)| Some(*known) == name);
    known.ok_or_else(|| {
        let names = FORMATS.map(|(name, _)| name).join(", ");
        Argument::new("p_format").problem("must be the name of a format").hint(format!("Streams have {names}."))
    })
}

/// The name of a stream that is to be made.
pub fn name(name: Option<String>) -> Result<String, Argument> {
    name.filter(|name| !name.trim().is_empty() && name.len() <= LONGEST_NAME).ok_or_else(|| {
        Argument::new("p_name")
            .problem(format!("must be a name of up to {LONGEST_NAME} bytes"))
            .hint("Name the stream after what reads it: siem, for example.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_of_streams_has_neither_header_nor_end() {
        for (name, format) in FORMATS {
            assert_eq!(super::format(Some(name)), Ok((name, format)));
            assert_eq!(format.header(), None);
        }
        for other in [None, Some("csv"), Some("ndjson"), Some("JSON"), Some("")] {
            assert!(super::format(other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn a_name_says_something_and_is_short() {
        let name = |text: &str| name(Some(text.to_owned()));
        assert_eq!(name("siem"), Ok("siem".to_owned()));
        assert!(name(&"a".repeat(63)).is_ok());
        for wrong in ["", " \t", &"a".repeat(64), &"ß".repeat(32)] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
        assert!(super::name(None).is_err());
    }
}
