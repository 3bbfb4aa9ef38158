//! Errors of streams.

use audit_core::report::Report;
use audit_core::stream::refusal::StreamError;

use super::sample::{a, told};

pub fn all() -> Vec<Report> {
    let (name, role) = (|| a("name"), || a("role"));
    told(all!(StreamError:
        NeverSealed, Unknown { name: name() }, NameTaken { name: name() }, UnknownBatch { batch: 1, last: 0 },
        Busy { name: name() }, Isolation, ReadOnly, NotReader { name: name(), reader: role() },
        NotStreamer { role: role() }, Gateway))
}
