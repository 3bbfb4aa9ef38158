//! What leaves, logs and bundles cost, in time on the processor: `measure [EVENTS]`. With a file's name as second argument it writes a bundle of so many
//! events and verifies it.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};

use audit_evidence::bundle::{self, Head, Header, Line};
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::field::{Field, Values};
use audit_evidence::hash::Hash;
use audit_evidence::leaf::{LeafMaker, SealKey};
use audit_evidence::note::{Note, PrivateKey};
use audit_evidence::tiles::Appender;
use audit_evidence::tree::Frontier;
use audit_evidence::verify::files::verify_file;
use audit_evidence::verify::{Report, Trust};
use uuid::Uuid;

/// Nanoseconds that this thread has been on a processor.
fn used() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap()
        .split_whitespace()
        .skip(1)
        .collect::<Vec<_>>()
        .join(" ")
}

fn measured<T>(what: &str, events: u64, work: impl FnOnce() -> T) -> T {
    let start = used();
    let result = work();
    let spent = (used() - start).max(1);
    let (each, rate) = (spent as f64 / events as f64 / 1_000.0, events * 1_000_000_000 / spent);
    println!("{what}: {each:.2} us each, {rate}/s, peak {}", peak());
    result
}

const WORKSPACE: &str = "3d6f0a52-9d39-4b8e-8b1c-6f1f6f1c0001";

/// An event with 12 columns that are not NULL.
fn with_event<T>(number: u64, work: impl FnOnce(&Values, &SealKey) -> T) -> T {
    let id = id(number).to_string();
    let (old, new) =
        (format!(r#"{{"name": "Acme {number}", "plan": "free"}}"#), format!(r#"{{"name": "Acme Inc {number}"}}"#));
    let mut values = Values::default();
    for (field, value) in [
        (Field::Id, id.as_str()),
        (Field::CreatedAt, "2026-10-26 12:00:00.123456+00"),
        (Field::CreatedByUserId, "7a0c1b9e-52c4-4b0e-9d55-2b7a3c9d0007"),
        (Field::ActionType, "RENAME_WORKSPACE"),
        (Field::ResourceType, "workspace"),
        (Field::ResourceId, WORKSPACE),
        (Field::WorkspaceId, WORKSPACE),
        (Field::OldValues, &old),
        (Field::NewValues, &new),
        (Field::ChangedFields, "{name}"),
        (Field::IpAddress, "203.0.113.7"),
        (Field::UserAgent, "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"),
    ] {
        values.set(field, value);
    }
    let key = Hash::of(&number.to_be_bytes()).0;
    work(&values, &SealKey::Live(*key.first_chunk().unwrap()))
}

fn id(number: u64) -> Uuid {
    Uuid::from_u128((0x019a_1f00_7c00_7000 + (u128::from(number) >> 16)) << 64 | 1 << 63 | u128::from(number))
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let events: u64 = arguments.next().map_or(100_000, |text| text.parse().unwrap());
    let mut maker = LeafMaker::new();
    measured("events made up (to be taken off)", events, || {
        (0..events).for_each(|number| with_event(number, |values, _| assert!(values.has_payload())));
    });
    let leaves: Vec<Hash> = measured("leaf of 12 columns", events, || {
        (0..events).map(|number| with_event(number, |values, key| maker.leaf(values, key)).unwrap()).collect()
    });
    measured("key after erasure", events, || {
        for number in 0..events {
            with_event(number, |values, key| match key {
                SealKey::Live(key) => assert_ne!(maker.erased_key(values, key), [0; 48]),
                SealKey::Erased { .. } => unreachable!(),
            });
        }
    });
    measured("append to a log, rows of tiles included", events, || {
        let (mut log, mut rows) = (Appender::new(Frontier::new()), Vec::new());
        for leaf in &leaves {
            log.push(*leaf, &[0; 16], &mut rows);
            rows.clear();
        }
        log.finish(None, &mut rows)
    });
    measured("append ten leaves to each of many logs", events, || {
        let mut rows = Vec::new();
        for leaves in leaves.chunks(10) {
            let mut log = Appender::new(Frontier::new());
            leaves.iter().for_each(|leaf| log.push(*leaf, &[0; 16], &mut rows));
            log.finish(None, &mut rows);
            rows.clear();
        }
    });
    drop(leaves);
    if let Some(file) = arguments.next() {
        let trust = measured("bundle written", events, || write(&file, events));
        measured("bundle verified", events, || {
            let mut receive = |finding| println!("{finding}");
            let mut report = Report::new(&mut receive);
            verify_file(BufReader::with_capacity(1 << 16, File::open(&file).unwrap()), &trust, None, &mut report)
                .unwrap();
            assert_eq!(report.exit_code(), 0);
        });
    }
}

fn write(file: &str, events: u64) -> Trust {
    let workspace: Uuid = WORKSPACE.parse().unwrap();
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file).unwrap());
    let mut put = |line: &Line| writeln!(out, "{line}").unwrap();
    put(&Line::Header(Header { workspace: Some(workspace), first: 0, fields: None, prefix: Vec::new() }));
    let (mut maker, mut log) = (LeafMaker::new(), Frontier::new());
    for index in 0..events {
        let disclosed = with_event(index, |values, key| maker.disclose(values, key)).unwrap();
        let disclosures = disclosed.select(None).0;
        put(&Line::Event(bundle::Event { index, disclosures, digests: Vec::new(), deletion_log_id: None }));
        log.push(disclosed.leaf);
    }
    let origin = "audit-ext/1f0e3dad-9990-4345-b743-9f8ffabdffc4";
    let head = Checkpoint::of_workspace(origin, workspace, events, log.root());
    let checkpoint = Checkpoint { origin: origin.into(), size: 1, root: head.leaf() };
    let key = PrivateKey::from_seed("audit-ext", &[1; 32]);
    let note = Note { text: checkpoint.to_string(), signatures: vec![key.sign(&checkpoint.to_string(), origin)] };
    let (text, checkpoint) = (head.to_string(), note.to_string());
    put(&Line::Head(Head { index: 0, head: text, path: Vec::new(), checkpoint, timestamps: Vec::new() }));
    Trust { keys: vec![key.public_key()], heads: vec![head], ..Trust::default() }
}
