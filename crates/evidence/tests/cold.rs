//! Rows in files of cold storage beside the bundle of a simulated trail: sound ones verify, and each that is missing, changed or too much is found.

mod rows;
mod simulated;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use audit_cold_row::{COLUMNS, Column};
use audit_evidence::bundle::Line;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::verify::files::cold::{ColdFile, ColdFiles};
use audit_evidence::verify::files::verify_file;
use audit_evidence::verify::{Code, Finding, Report, Summary, Trust};
use rows::{Fields, NOON, canonical, fields};
use simulated::export::Wanted;
use simulated::{Event, Trail, log_key};
use uuid::Uuid;

/// Files by their names: what they say of their checkpoint, and their chunks.
#[derive(Clone, Default)]
struct Store(BTreeMap<String, (Option<String>, Vec<Chunk>)>);

type Chunk = Result<Vec<u8>, String>;

impl Store {
    fn with(mut self, name: &str, rows: &[Fields]) -> Self {
        // Of the first seal.
        let evidence = released().trail.note(0, 1).to_string();
        self.0.insert(name.into(), (Some(evidence), vec![Ok(canonical(rows))]));
        self
    }
}

impl ColdFiles for Store {
    fn of(&self, workspace: Uuid) -> std::io::Result<Vec<PathBuf>> {
        assert_eq!(workspace, one());
        Ok(self.0.keys().map(PathBuf::from).collect())
    }

    fn open(&self, path: &Path) -> Result<Box<dyn ColdFile>, String> {
        let (evidence, chunks) = self.0[path.to_str().unwrap()].clone();
        if chunks.is_empty() { Err("no file".into()) } else { Ok(Box::new(Opened { evidence, chunks })) }
    }
}

struct Opened {
    evidence: Option<String>,
    chunks: Vec<Chunk>,
}

impl ColdFile for Opened {
    fn evidence(&self) -> Option<String> {
        self.evidence.clone()
    }

    fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    fn chunk(&mut self, chunk: usize) -> Result<Vec<u8>, String> {
        self.chunks[chunk].clone()
    }
}

fn one() -> Uuid {
    Trail::workspace(1)
}

/// Events of which the first three are in cold storage: their rows, and the trail.
struct Released {
    trail: Trail,
    ids: Vec<Uuid>,
    rows: Vec<Fields>,
    entry: Uuid,
}

fn released() -> Released {
    let mut trail = Trail::new();
    let ids: Vec<Uuid> = (0..5).map(|person| trail.record(one(), person)).collect();
    trail.seal();
    let rows = trail.events[&one()].iter().map(fields).collect();
    let entry = trail.release(one(), &ids[..3]);
    trail.seal();
    Released { trail, ids, rows, entry }
}

type Verified = (Vec<(Code, Option<Uuid>)>, Summary, Vec<String>);

fn verified(trail: &Trail, store: Option<&Store>) -> Verified {
    verified_from(trail, store, 0)
}

fn verified_from(trail: &Trail, store: Option<&Store>, first: u64) -> Verified {
    let newest = trail.incarnations.last().unwrap();
    let head = newest.heads.iter().rfind(|(workspace, _)| *workspace == one()).unwrap();
    let trust = Trust { keys: vec![log_key().public_key()], heads: vec![head.1.clone()], ..Trust::default() };
    let bundle = trail.bundle(one(), &Wanted { first, ..Wanted::default() });
    let (mut codes, mut details) = (Vec::new(), Vec::new());
    let mut receive = |finding: Finding| {
        codes.push((finding.code, finding.event));
        details.push(finding.detail);
    };
    let mut report = Report::new(&mut receive);
    verify_file(bundle.as_bytes(), &trust, store.map(|store| store as &dyn ColdFiles), &mut report).unwrap();
    let summary = std::mem::take(&mut report.summary);
    codes.sort_unstable();
    (codes, summary, details)
}

fn codes(trail: &Trail, store: &Store) -> Vec<(Code, Option<Uuid>)> {
    verified(trail, Some(store)).0
}

#[test]
fn without_files_a_release_is_taken_at_its_word() {
    let Released { trail, .. } = released();
    let (codes, summary, _) = verified(&trail, None);
    assert_eq!(codes, [(Code::Cold, None)]);
    assert_eq!((summary.removed, summary.in_files), (3, 0));
}

#[test]
fn rows_in_files_are_verified() {
    let Released { trail, rows, .. } = released();
    let (codes, summary, _) = verified(&trail, Some(&Store::default().with("a", &rows[..1]).with("b", &rows[1..3])));
    assert_eq!(codes, []);
    assert_eq!((summary.removed, summary.in_files), (3, 3));
    // What is on loan is in both.
    let all = Store::default().with("a", &rows);
    assert_eq!(self::codes(&trail, &all), []);
}

#[test]
fn each_column_that_was_changed_is_found() {
    let Released { trail, ids, rows, .. } = released();
    for place in (0..COLUMNS).filter(|place| *place != Column::SealXid as usize) {
        for change in [0, 1] {
            let mut rows = rows[..3].to_vec();
            match (&mut rows[1][place], change) {
                (Some(field), 0) => *field.last_mut().unwrap() ^= 1,
                (Some(_), _) => rows[1][place] = None,
                (none, 0) => *none = Some(b"made up at night".to_vec()),
                (None, _) => continue,
            }
            let found = codes(&trail, &Store::default().with("a", &rows));
            let expected = match place {
                // Not of its leaf: marks without an erasure.
                16..=17 => vec![(Code::MarksMismatch, Some(ids[1]))],
                // The row is another event's.
                0 if change == 0 => {
                    let other = Uuid::from_slice(rows[1][0].as_ref().unwrap()).unwrap();
                    vec![(Code::RowMissing, Some(ids[1])), (Code::RowNotInLog, Some(other))]
                }
                // A row without an id is none.
                0 => vec![(Code::RowMissing, Some(ids[1])), (Code::ColdUnreadable, None)],
                _ => vec![(Code::RowModified, Some(ids[1]))],
            };
            assert_eq!(found, expected, "column {place}, change {change}");
        }
    }
    let mut numbers = rows[..3].to_vec();
    numbers[1][Column::SealXid as usize] = Some((-8_i64).to_be_bytes().to_vec());
    assert_eq!(codes(&trail, &Store::default().with("a", &numbers)), [], "the number is the sealer's alone");
}

#[test]
fn what_no_file_has_is_missing_and_told_once() {
    let Released { trail, ids, rows, entry } = released();
    let (found, _, details) = verified(&trail, Some(&Store::default()));
    assert_eq!(found, [(Code::RowMissing, Some(ids[0]))]);
    assert!(details[0].contains(&format!("{entry} released 3 events")), "{details:?}");
    let (found, summary, details) = verified(&trail, Some(&Store::default().with("a", &rows[..1])));
    assert_eq!((found, summary.in_files), (vec![(Code::RowMissing, Some(ids[1]))], 1));
    assert!(details[0].contains(&format!("{entry} released 2 events")), "{details:?}");
}

#[test]
fn a_release_that_was_invented_is_found_in_the_files() {
    // Rows deleted by hand; entry, list and event of a release look as they should, and are sealed.
    let Released { mut trail, ids, rows, .. } = released();
    trail.release(one(), &ids[3..4]);
    trail.seal();
    assert_eq!(verified(&trail, None).0, [(Code::Cold, None), (Code::Cold, None)], "visible for ever");
    assert_eq!(codes(&trail, &Store::default().with("a", &rows[..3])), [(Code::RowMissing, Some(ids[3]))]);
}

#[test]
fn an_entry_of_another_kind_puts_nothing_into_cold_storage() {
    let Released { mut trail, ids, rows, .. } = released();
    // The row is gone, and what names it is an erasure.
    let entry = trail.erase(one(), 3, &ids[3..4]);
    trail.seal();
    let event = trail.events.get_mut(&one()).unwrap().iter_mut().find(|event| event.id == ids[3]).unwrap();
    (event.row, event.taken_by) = (None, Some(entry));
    let found = codes(&trail, &Store::default().with("a", &rows[..3]));
    assert_eq!(found, [(Code::RowMissing, Some(ids[3]))]);
}

#[test]
fn what_cannot_be_read_counts_as_missing() {
    let Released { trail, ids, rows, .. } = released();
    let mut store = Store::default().with("a", &rows[..1]).with("b", &rows[1..3]);
    store.0.get_mut("b").unwrap().1 = Vec::new();
    let expected = [(Code::RowMissing, Some(ids[1])), (Code::ColdUnreadable, None)];
    assert_eq!(codes(&trail, &store), expected);
    store.0.get_mut("b").unwrap().1 = vec![Err("another digest".into())];
    assert_eq!(codes(&trail, &store), expected);
    store.0.get_mut("b").unwrap().1 = vec![Ok(canonical(&rows[1..3])[..40].to_vec())];
    assert_eq!(codes(&trail, &store), expected);
}

#[test]
fn what_the_log_lacks_is_not_in_it() {
    let Released { mut trail, rows, .. } = released();
    let invented = trail.record(one(), 1);
    let row = fields(&trail.waiting.last().unwrap().1);
    trail.waiting.clear();
    let mut store = Store::default().with("a", &[&rows[..3], &[row]].concat());
    assert_eq!(codes(&trail, &store), [(Code::RowNotInLog, Some(invented))]);
    // A file that is newer than the export says so.
    let newer = Checkpoint { size: 9, ..Checkpoint::parse(&trail.note(0, 2).text).unwrap() };
    store.0.get_mut("a").unwrap().0 = Some(newer.to_string());
    assert_eq!(codes(&trail, &store), [(Code::EventNotSealed, Some(invented))]);
    // So does one that was written before anything was sealed.
    store.0.get_mut("a").unwrap().0 = None;
    assert_eq!(codes(&trail, &store), [(Code::EventNotSealed, Some(invented))]);
    // An export that begins later does not show what is before it.
    let (found, ..) = verified_from(&trail, Some(&Store::default().with("a", &rows[..3])), 2);
    assert!(matches!(found[..], [(Code::EventNotSealed, Some(_))]), "{found:?}");
}

/// A row whose payload is erased for an entry.
fn erased(trail: &Trail, entry: Uuid, id: Uuid, row: &Fields) -> Fields {
    let of = |(_, deletion): &&(Uuid, simulated::Deletion)| deletion.entry.id() == entry;
    let (_, deletion) = trail.deletions.iter().find(of).unwrap();
    let event = trail.events[&one()].iter().find(|event| event.id == id).unwrap();
    let mut erased = row.clone();
    erased[Column::OldValues as usize..=Column::Metadata as usize].fill(None);
    erased[Column::SealKey as usize] = event.row.as_ref().map(|(_, key)| key.clone());
    let at = deletion.entry.text("deleted_at").unwrap();
    let (_, fraction) = at.trim_end_matches("+00").split_once('.').unwrap();
    let microseconds = NOON + (20 * 3_600) * 1_000_000 + fraction.parse::<i64>().unwrap();
    erased[Column::DeletedAt as usize] = Some(microseconds.to_be_bytes().to_vec());
    erased
}

#[test]
fn an_erasure_reaches_into_files() {
    let mut trail = Trail::new();
    let ids: Vec<Uuid> = (0..3).map(|person| trail.record(one(), person)).collect();
    trail.seal();
    let rows: Vec<Fields> = trail.events[&one()].iter().map(fields).collect();
    let erasure = trail.erase(one(), 1, &ids[1..2]);
    let row = erased(&trail, erasure, ids[1], &rows[1]);
    trail.release(one(), &ids);
    trail.seal();
    let successor = [rows[0].clone(), row.clone(), rows[2].clone()];
    assert_eq!(codes(&trail, &Store::default().with("a", &successor)), []);

    // The old file is there still, with the payload.
    let both = Store::default().with("a", &successor).with("b", &rows);
    assert_eq!(codes(&trail, &both), [(Code::DeletionIncomplete, Some(ids[1]))]);

    let mut other_marks = successor.clone();
    other_marks[1][Column::DeletionReason as usize] = Some(b"another reason".to_vec());
    assert_eq!(codes(&trail, &Store::default().with("a", &other_marks)), [(Code::MarksMismatch, Some(ids[1]))]);

    // Erased past the rules: no deletion names it.
    let mut more = successor.clone();
    let mut third = trail_event(&rows[2]);
    simulated::erase(&mut third);
    more[2] = fields(&third);
    more[2][Column::DeletedAt as usize] = row[Column::DeletedAt as usize].clone();
    assert_eq!(codes(&trail, &Store::default().with("a", &more)), [(Code::ErasedWithoutEntry, Some(ids[2]))]);
}

/// The event of a row whose columns are all texts that the simulation draws.
fn trail_event(row: &Fields) -> Event {
    let mut trail = Trail::new();
    (0..3).for_each(|person| {
        trail.record(one(), person);
    });
    trail.seal();
    let id = Uuid::from_slice(row[0].as_ref().unwrap()).unwrap();
    trail.events[&one()].iter().find(|event| event.id == id).unwrap().clone()
}

#[test]
fn a_purge_of_what_was_cold_covers_it_and_its_file_must_go() {
    let Released { mut trail, ids, rows, .. } = released();
    trail.purge(one(), &ids[..3]);
    trail.seal();
    let (found, summary, _) = verified(&trail, Some(&Store::default()));
    assert_eq!((found, summary.removed), (vec![], 3));
    let found = codes(&trail, &Store::default().with("a", &rows[..3]));
    assert_eq!(found, [0, 1, 2].map(|place| (Code::DeletionIncomplete, Some(ids[place]))));
}

#[test]
fn an_export_may_name_either_entry_of_what_was_purged() {
    let Released { mut trail, ids, entry, .. } = released();
    trail.purge(one(), &ids[..3]);
    trail.seal();
    for event in trail.events.get_mut(&one()).unwrap().iter_mut().filter(|event| ids[..3].contains(&event.id)) {
        event.taken_by = Some(entry);
    }
    assert!(
        trail.bundle(one(), &Wanted::default()).lines().any(|line| {
            matches!(Line::parse(line), Ok(Line::Removed(removed)) if removed.deletion_log_id == entry)
        })
    );
    assert_eq!(verified(&trail, Some(&Store::default())).0, []);
}
