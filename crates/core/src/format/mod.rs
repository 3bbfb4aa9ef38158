//! The formats in which events leave the database: one event, one line.
//!
//! Exports and streams use the same ones. Nothing here decides which events leave; a format only says how.

mod array;
mod cef;
mod csv;
mod ecs;
mod event;
mod json;
mod lines;
mod manifest;
mod ocsf;
mod ocsf_kind;
mod outcome;
mod product;
mod summary;
mod verb;

pub use event::Event;
pub use lines::Lines;
pub use manifest::{ColdMonth, Manifest, PersonMonth};
pub use ocsf_kind::OcsfKind;
pub use summary::Summary;

/// A format, as its name says in `p_format`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// One JSON object a line; its keys are the columns. <https://github.com/ndjson/ndjson-spec>
    Ndjson,
    /// RFC 4180 with a header. NULL is an empty field, an empty text is `""`, as in PostgreSQL's own CSV.
    Csv,
    /// CSV for people who open it in a spreadsheet: a field that a spreadsheet would run as a formula begins with `'`.
    CsvSafe,
    /// Open Cybersecurity Schema Framework 1.6.0. <https://schema.ocsf.io/1.6.0>
    Ocsf,
    /// ArcSight Common Event Format, revision 25. It has no place for documents: old and new values are left out.
    Cef,
    /// Elastic Common Schema 8. <https://www.elastic.co/guide/en/ecs/8.17>
    Ecs,
}

impl Format {
    pub const ALL: [Format; 6] = [Format::Ndjson, Format::Csv, Format::CsvSafe, Format::Ocsf, Format::Cef, Format::Ecs];

    pub const fn name(self) -> &'static str {
        match self {
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::CsvSafe => "csv_safe",
            Format::Ocsf => "ocsf",
            Format::Cef => "cef",
            Format::Ecs => "ecs",
        }
    }

    /// None where no format has this name.
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The line before the first event, where the format has one.
    pub fn header(self) -> Option<String> {
        matches!(self, Format::Csv | Format::CsvSafe).then(csv::header)
    }

    /// Appends an event, without a line end behind it. A CSV field may hold line ends, within quotes; no other format has any within a line.
    pub fn write(self, event: &Event, out: &mut Vec<u8>) {
        match self {
            Format::Ndjson => json::write(event, out),
            Format::Csv => csv::write(event, csv::Formulas::AsTheyAre, out),
            Format::CsvSafe => csv::write(event, csv::Formulas::Quoted, out),
            Format::Ocsf => ocsf::write(event, out),
            Format::Cef => cef::write(event, out),
            Format::Ecs => ecs::write(event, out),
        }
    }

    /// The line before the first event of a person's export, where the format has one: what there is to come.
    pub fn manifest(self, manifest: &Manifest) -> Option<String> {
        (self == Format::Ndjson).then(|| manifest.line())
    }

    /// The line behind the last event, where the format has one: a file without it is cut off.
    pub fn end(self, summary: &Summary) -> Option<String> {
        (self == Format::Ndjson).then(|| summary.line())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::event::tests::{event, written};
    use super::*;
    use crate::search::window::Window;
    use crate::time::Timestamp;

    impl Format {
        fn line(self, event: &Event) -> String {
            written(|out| self.write(event, out))
        }
    }

    #[test]
    fn a_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(format));
        }
        assert_eq!(Format::named("NDJSON"), None);
        assert_eq!(Format::named(""), None);
    }

    #[test]
    fn only_csv_has_a_header_and_only_ndjson_an_end() {
        let nothing = Summary {
            event_count: 0,
            workspace: None,
            window: Window::from(Timestamp::PAST),
            exported_at: Timestamp::UNIX_EPOCH,
            last_event: None,
        };
        for format in Format::ALL {
            assert_eq!(format.header().is_some(), matches!(format, Format::Csv | Format::CsvSafe), "{format:?}");
            assert_eq!(format.end(&nothing).is_some(), format == Format::Ndjson, "{format:?}");
        }
    }

    proptest! {
        #[test]
        fn json_formats_are_json_of_one_line(
            action in ".*", resource in ".*", agent in ".*", address in ".*", tag in "[a-z ,{}=]*",
        ) {
            let literal = format!(r#"{{"{tag}"}}"#);
            let event = Event {
                action_type: &action, resource_type: &resource, user_agent: Some(&agent), ip_address: Some(&address), tags: Some(&literal), ..event()
            };
            for format in [Format::Ndjson, Format::Ocsf, Format::Ecs] {
                let line = format.line(&event);
                prop_assert!(!line.contains(['\r', '\n']));
                let value: serde_json::Value = serde_json::from_str(&line).unwrap();
                let (told, tags) = match format {
                    Format::Ndjson => (&value["action_type"], &value["tags"]),
                    Format::Ocsf => (&value["metadata"]["event_code"], &value["metadata"]["labels"]),
                    _ => (&value["event"]["action"], &value["tags"]),
                };
                prop_assert_eq!(told, &action);
                prop_assert_eq!(&tags[0], &tag);
            }
            prop_assert!(!Format::Cef.line(&event).contains(['\r', '\n']));
        }

        #[test]
        fn another_reader_of_csv_finds_the_texts(action in ".*", agent in ".*", document in ".*") {
            let event = Event { action_type: &action, user_agent: Some(&agent), old_values: Some(&document), ..event() };
            let text = format!("{}\r\n{}\r\n", Format::Csv.header().unwrap(), Format::Csv.line(&event));
            let mut reader = csv_reader::Reader::from_reader(text.as_bytes());
            let row = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(&row[3], &action);
            prop_assert_eq!(&row[7], &document);
            prop_assert_eq!(&row[11], &agent);
            prop_assert_eq!(reader.records().count(), 0);
        }
    }
}
