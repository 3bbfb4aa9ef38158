//! Bundles, receipts, notes and requests come from anybody: what is no such text is refused, and what is one has one form.
#![no_main]

use audit_evidence::add_checkpoint::AddCheckpoint;
use audit_evidence::bundle::Line;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::deletion::{Entry, read_part};
use audit_evidence::disclosure::of_export;
use audit_evidence::note::{Note, PublicKey};
use audit_evidence::receipt::Receipt;
use audit_evidence::verify::files::verify_file;
use audit_evidence::verify::{Report, Trust};
use audit_evidence::window::Snapshot;
use libfuzzer_sys::fuzz_target;

fn printed_as_it_came<T: std::fmt::Display>(parsed: Option<T>, text: &str) {
    if let Some(parsed) = parsed {
        assert_eq!(parsed.to_string(), text);
    }
}

fuzz_target!(|bytes: &[u8]| {
    read_part(bytes);
    let mut receive = |_| ();
    let mut report = Report::new(&mut receive);
    let _ = verify_file(bytes, &Trust::default(), None, &mut report);
    let Ok(text) = str::from_utf8(bytes) else { return };
    printed_as_it_came(Line::parse(text).ok(), text);
    printed_as_it_came(Checkpoint::parse(text), text);
    printed_as_it_came(Snapshot::parse(text), text);
    printed_as_it_came(PublicKey::parse(text), text);
    if let Some(note) = Note::parse(text) {
        assert_eq!(Note::parse(&note.to_string()), Some(note));
    }
    if let Some(request) = AddCheckpoint::parse(text) {
        let _ = request.accept(None);
    }
    if let Ok(entry) = Entry::parse(text) {
        assert_eq!(entry.canonical(), text);
    }
    if let Some(receipt) = Receipt::parse(text) {
        let _ = receipt.verify();
    }
    let _ = of_export(&text.split(' ').collect::<Vec<_>>(), &[]);
});
