//! Bundles of a simulated trail: sound ones verify, each kind of tampering is found and called by its name, and no byte can be changed unnoticed.

mod simulated;

use audit_evidence::bundle::Line;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::deletion::{Listed, Value};
use audit_evidence::field::Field;
use audit_evidence::hash::Hash;
use audit_evidence::verify::files::{Unreadable, verify_file, verify_path};
use audit_evidence::verify::{Code, Report, Summary, Trust};
use simulated::export::Wanted;
use simulated::{Trail, log_key, witness_key};
use uuid::Uuid;

/// Two workspaces over two seals: events, a person erased, events purged and one in cold storage.
fn trail() -> Trail {
    let mut trail = Trail::new();
    let [one, two] = [Trail::workspace(1), Trail::workspace(2)];
    let ids: Vec<Uuid> =
        (0..12).map(|number| trail.record(if number % 3 == 2 { two } else { one }, number % 2)).collect();
    trail.seal();
    trail.erase(one, 1, &[ids[1], ids[3]]);
    trail.purge(one, &[ids[0]]);
    trail.release(one, &[ids[4]]);
    trail.record(one, 1);
    trail.record(two, 1);
    trail.seal();
    trail
}

fn trust(trail: &Trail) -> Trust {
    let newest = trail.incarnations.last().unwrap();
    let note = trail.note(trail.incarnations.len() - 1, newest.log.leaves.len() as u64);
    let heads = trail.logs.keys().map(|of| newest.heads.iter().rfind(|(workspace, _)| workspace == of));
    Trust {
        keys: vec![log_key().public_key()],
        witnesses: vec![witness_key().witness_key()],
        quorum: None,
        checkpoints: vec![Checkpoint::parse(&note.text).unwrap()],
        heads: heads.flatten().map(|(_, head)| head.clone()).collect(),
        ..Trust::default()
    }
}

type Deletions = Vec<(Uuid, simulated::Deletion)>;
type Verified = Result<(Vec<Code>, Summary, u8), Unreadable>;

fn verified(text: &str, trust: &Trust) -> Verified {
    let mut codes = Vec::new();
    let mut receive = |finding: audit_evidence::verify::Finding| codes.push(finding.code);
    let mut report = Report::new(&mut receive);
    verify_file(text.as_bytes(), trust, None, &mut report)?;
    let (summary, code) = (std::mem::take(&mut report.summary), report.exit_code());
    codes.sort_unstable();
    codes.dedup();
    Ok((codes, summary, code))
}

fn codes(trail: &Trail, workspace: Uuid, trust: &Trust) -> Vec<Code> {
    verified(&trail.bundle(workspace, &Wanted::default()), trust).unwrap().0
}

fn one() -> Uuid {
    Trail::workspace(1)
}

#[test]
fn a_sound_bundle() {
    let trail = trail();
    let (codes, summary, code) = verified(&trail.bundle(one(), &Wanted::default()), &trust(&trail)).unwrap();
    assert_eq!((codes, code), (vec![Code::Cold], 0));
    assert_eq!((summary.events, summary.erased, summary.removed, summary.withheld), (10, 2, 2, 0));
    assert_eq!(summary.checkpoints[0].witnessed_by, vec![("witness.example/w1".into(), 1_793_000_000)]);
    assert_eq!(summary.checkpoints[0].signed_by.len(), 1);
    let (codes, summary, code) = verified(&trail.root_bundle(), &trust(&trail)).unwrap();
    assert_eq!((codes, code, summary.heads), (vec![], 0, 4));
}

#[test]
fn columns_may_be_withheld() {
    let trail = trail();
    for fields in [vec![], vec![Field::ActionType], vec![Field::ActionType, Field::OldValues]] {
        let wanted = Wanted { fields: Some(&fields), ..Wanted::default() };
        let (codes, summary, code) = verified(&trail.bundle(one(), &wanted), &trust(&trail)).unwrap();
        assert_eq!((codes, code), (vec![Code::Cold], 0));
        assert!(summary.withheld > 0);
    }
}

#[test]
fn a_bundle_may_begin_later() {
    let trail = trail();
    for first in 0..12 {
        let wanted = Wanted { first, since: Some(2), ..Wanted::default() };
        let mut trust = trust(&trail);
        // What was kept is older: the bundle brings the proof that its checkpoint continues it.
        trust.checkpoints = vec![Checkpoint::parse(&trail.note(0, 2).text).unwrap()];
        let (codes, _, code) = verified(&trail.bundle(one(), &wanted), &trust).unwrap();
        assert_eq!(code, 0, "{first}: {codes:?}");
    }
}

#[test]
fn receipts() {
    let trail = trail();
    let trust = trust(&trail);
    for (index, event) in trail.events[&one()].iter().enumerate().filter(|(_, event)| event.row.is_some()) {
        for fields in [None, Some(&[][..]), Some(&[Field::NewValues, Field::ActionType][..])] {
            let receipt = trail.receipt(one(), index as u64, fields);
            let text = serde_json::to_string(&receipt).unwrap();
            assert_eq!(verified(&text, &trust).unwrap().2, 0, "{text}");
            assert_eq!(receipt.verify().unwrap().shown.id, event.id);
        }
    }
    let mut receipt = trail.receipt(one(), 5, None);
    receipt.index = 2;
    assert_eq!(verified(&serde_json::to_string(&receipt).unwrap(), &trust).unwrap().0, [Code::RowModified]);
    let mut receipt = trail.receipt(one(), 5, None);
    receipt.head_index = 0;
    assert_eq!(verified(&serde_json::to_string(&receipt).unwrap(), &trust).unwrap().0, [Code::HeadMismatch]);
}

/// The bundle, with one byte changed in each of its places, verified with all that a verifier can bring.
#[test]
fn no_byte_can_be_changed_unnoticed() {
    let trail = trail();
    let trust = trust(&trail);
    let receipt = serde_json::to_string(&trail.receipt(one(), 5, None)).unwrap();
    for text in [trail.bundle(one(), &Wanted::default()), trail.root_bundle(), receipt] {
        assert_eq!(verified(&text, &trust).unwrap().2, 0);
        let is_refused = |bytes: &[u8]| {
            let mut receive = |_| ();
            let mut report = Report::new(&mut receive);
            verify_file(bytes, &trust, None, &mut report).is_err() || report.exit_code() != 0
        };
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= [0x01, 0x02, 0x20][place % 3];
            let around = &bytes[place.saturating_sub(60)..(place + 20).min(bytes.len())];
            assert!(is_refused(&bytes), "byte {place} in {}", String::from_utf8_lossy(around));
        }
        for end in (0..text.len()).step_by(7) {
            assert!(is_refused(&text.as_bytes()[..end]), "cut at {end}");
        }
    }
}

/// White space, escapes, a key twice or another order of keys would be another text that says the same.
#[test]
fn a_line_has_one_form() {
    let trail = trail();
    let text = trail.bundle(one(), &Wanted::default()) + &trail.root_bundle();
    for line in text.lines() {
        assert_eq!(Line::parse(line).unwrap().to_string(), line);
        let (first, rest) = line[1..].split_once(',').unwrap();
        // The shortest lines have nothing to put in another order.
        let Some((rest, last)) = rest.strip_suffix('}').unwrap().rsplit_once(",\"") else { continue };
        for other in [
            format!("{line} "),
            line.replacen(',', ", ", 1),
            line.replacen("\"kind\"", "\"\\u006bind\"", 1),
            format!("{{{first},{first},{rest},\"{last}}}"),
            format!("{{{first},\"{last},{rest}}}"),
            format!("{{{first},{rest},\"{last},\"more\":1}}"),
        ] {
            assert!(Line::parse(&other).is_err(), "{other}");
        }
    }
}

#[test]
fn what_is_done_to_rows_is_found() {
    let sound = trail();
    let trust = trust(&sound);
    let change = |change: &dyn Fn(&mut Trail)| {
        let mut trail = sound.clone();
        change(&mut trail);
        codes(&trail, one(), &trust)
    };
    let event = |trail: &mut Trail, index: usize, change: &dyn Fn(&mut simulated::Event)| {
        change(&mut trail.events.get_mut(&one()).unwrap()[index]);
    };
    // A value is changed: the export shows another leaf, so the root is another.
    let edited = change(&|trail| {
        event(trail, 5, &|event| {
            event.row.as_mut().unwrap().0.insert(Field::NewValues, "{}".into());
        });
    });
    assert_eq!(edited, [Code::HeadMismatch, Code::Cold]);
    // A row is gone, and a deletion that never named it is given.
    let removed = change(&|trail| {
        let entry = trail.deletions[1].1.entry.id();
        event(trail, 5, &|event| {
            event.row = None;
            event.taken_by = Some(entry);
        });
    });
    assert_eq!(removed, [Code::RowMissing, Code::Cold]);
    // A payload is erased past the rules, with or without the name of somebody else's deletion.
    for claimed in [None, Some(sound.deletions[0].1.entry.id())] {
        let erased = change(&|trail| {
            event(trail, 5, &|event| {
                simulated::erase(event);
                event.taken_by = claimed;
            });
        });
        assert_eq!(erased, [Code::ErasedWithoutEntry, Code::Cold]);
    }
    // An erased payload is back.
    let restored = change(&|trail| {
        let before = self::trail_before_deletions().events[&one()][1].clone();
        event(trail, 1, &|event| *event = before.clone());
    });
    assert_eq!(restored, [Code::DeletionIncomplete, Code::Cold]);
    // A purged row is back.
    let restored = change(&|trail| {
        let before = self::trail_before_deletions().events[&one()][0].clone();
        event(trail, 0, &|event| *event = before.clone());
    });
    assert_eq!(restored, [Code::DeletionIncomplete, Code::Cold]);
    // The last events are cut off.
    let cut = change(&|trail| {
        trail.events.get_mut(&one()).unwrap().truncate(11);
        trail.deletions.clear();
    });
    assert!(cut.contains(&Code::RowMissing));
}

fn trail_before_deletions() -> Trail {
    let mut trail = Trail::new();
    for number in 0..12 {
        trail.record(if number % 3 == 2 { Trail::workspace(2) } else { one() }, number % 2);
    }
    trail.seal();
    trail
}

#[test]
fn what_is_done_to_deletions_is_found() {
    let sound = trail();
    let trust = trust(&sound);
    let change = |change: &dyn Fn(&mut Deletions)| {
        let mut trail = sound.clone();
        change(&mut trail.deletions);
        codes(&trail, one(), &trust)
    };
    // Another list, or one line less.
    let listed = change(&|deletions| deletions[1].1.parts[0][20] ^= 1);
    assert_eq!(listed, [Code::RowMissing, Code::ListAltered, Code::Cold]);
    let shorter = change(&|deletions| deletions[0].1.parts[0].truncate(48));
    assert_eq!(shorter, [Code::ErasedWithoutEntry, Code::EntryAltered, Code::Cold]);
    // An entry that was edited has another id, so the event that names it names nothing.
    let edited = change(&|deletions| {
        let text = deletions[1].1.entry.canonical().replace("RETENTION", "RETENTIOM");
        deletions[1].1.entry = audit_evidence::deletion::Entry::parse(&text).unwrap();
    });
    assert_eq!(edited, [Code::RowMissing, Code::EntryAltered, Code::EntryNotSealed, Code::Cold]);
    // An entry that nobody vouches for.
    let mut trail = sound.clone();
    let target = trail.events[&one()][5].clone();
    trail.record(one(), 3);
    let (workspace, waiting) = (one(), std::mem::take(&mut trail.waiting));
    trail.purge(workspace, &[target.id]);
    trail.waiting = waiting;
    trail.waiting.clear();
    assert_eq!(codes(&trail, one(), &trust), [Code::RowMissing, Code::EntryNotSealed, Code::Cold]);
}

/// Between a deletion and the next seal nothing is proven of the deletion, so it excuses nothing.
#[test]
fn a_deletion_that_is_not_sealed_yet() {
    let mut trail = trail();
    let ids = [trail.events[&one()][5].id, trail.events[&one()][6].id];
    trail.erase(one(), 1, &ids[..1]);
    trail.purge(one(), &ids[1..]);
    let trust = trust(&trail);
    assert_eq!(
        codes(&trail, one(), &trust),
        [Code::RowMissing, Code::ErasedWithoutEntry, Code::EventNotSealed, Code::Cold]
    );
    trail.seal();
    assert_eq!(codes(&trail, one(), &self::trust(&trail)), [Code::Cold]);
    // Without any event it is what it looks like.
    let mut forged = trail.clone();
    forged.erase(one(), 1, &[trail.events[&one()][7].id]);
    forged.waiting.clear();
    assert_eq!(
        codes(&forged, one(), &self::trust(&trail)),
        [Code::ErasedWithoutEntry, Code::EntryNotSealed, Code::Cold]
    );
}

#[test]
fn an_id_stands_for_one_event() {
    let mut trail = trail();
    let twice = trail.events[&one()][7].clone();
    trail.waiting.push((one(), twice));
    trail.seal();
    assert_eq!(codes(&trail, one(), &trust(&trail)), [Code::IdTwice, Code::Cold]);
}

#[test]
fn an_invented_deletion_covers_nothing() {
    let mut trail = trail();
    let victim = trail.events[&one()][5].clone();
    // A list that names an event with another leaf, as an id alone would.
    let columns: std::collections::BTreeMap<String, Value> = {
        let text = trail.deletions[1].1.entry.canonical();
        let entry: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        entry.into_iter().map(|(name, value)| (name, serde_json::from_value(value).unwrap())).collect()
    };
    let entry = trail.enter(one(), columns, &[Listed { id: victim.id, leaf: Some(Hash::of(b"another")) }]);
    trail.seal();
    let event = &mut trail.events.get_mut(&one()).unwrap()[5];
    event.row = None;
    event.taken_by = Some(entry);
    assert_eq!(codes(&trail, one(), &trust(&trail)), [Code::RowMissing, Code::Cold]);
}

#[test]
fn what_was_kept_outside_tells() {
    let trail = trail();
    let bundle = trail.bundle(one(), &Wanted::default());
    let sound = trust(&trail);
    let with = |change: &dyn Fn(&mut Trust)| {
        let mut trust = sound.clone();
        change(&mut trust);
        verified(&bundle, &trust).unwrap().0
    };
    assert_eq!(with(&|trust| trust.checkpoints[0].root = Hash::of(b"")), [Code::CheckpointFork, Code::Cold]);
    assert_eq!(with(&|trust| trust.checkpoints[0].size += 1), [Code::CheckpointAhead, Code::Cold]);
    assert_eq!(with(&|trust| trust.checkpoints[0].size -= 1), [Code::HeadsNotShown, Code::Cold]);
    assert_eq!(
        with(&|trust| trust.heads.iter_mut().for_each(|head| head.root = Hash::of(b""))),
        [Code::HeadMismatch, Code::Cold]
    );
    assert_eq!(with(&|trust| trust.heads.clear()), [Code::HeadsNotShown, Code::Cold]);
    let other = audit_evidence::note::PrivateKey::from_seed(simulated::BASE, &[7; 32]);
    assert_eq!(with(&|trust| trust.keys = vec![other.public_key()]), [Code::SignatureMissing, Code::Cold]);
    let root = trail.root_bundle();
    let mut unknown = sound.clone();
    unknown.checkpoints[0].origin = "audit-ext/another".into();
    assert_eq!(verified(&root, &unknown).unwrap().0, [Code::CheckpointFork]);
    let mut old = sound.clone();
    old.checkpoints = (1..=3).map(|size| Checkpoint::parse(&trail.note(0, size).text).unwrap()).collect();
    assert_eq!(verified(&root, &old).unwrap().0, []);
    old.checkpoints[1].root = Hash::of(b"");
    assert_eq!(verified(&root, &old).unwrap().0, [Code::CheckpointFork]);
}

/// Everything of a trail in a folder of its own.
fn in_folder(files: Vec<(String, Vec<u8>)>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn folder_codes(files: Vec<(String, Vec<u8>)>, trust: &Trust) -> Vec<Code> {
    let folder = in_folder(files);
    let mut codes = Vec::new();
    let mut receive = |finding: audit_evidence::verify::Finding| codes.push(finding.code);
    let mut report = Report::new(&mut receive);
    verify_path(folder.path(), trust, None, &mut report).unwrap();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn bundles(trail: &Trail) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = trail
        .logs
        .keys()
        .map(|workspace| (format!("{workspace}.ndjson"), trail.bundle(*workspace, &Wanted::default()).into_bytes()))
        .collect();
    files.push(("root.ndjson".into(), trail.root_bundle().into_bytes()));
    files
}

#[test]
fn all_bundles_together() {
    let mut sound = trail();
    sound.begin_incarnation();
    let one_more = sound.record(one(), 1);
    let persons = [(one(), vec![one_more]), (Trail::workspace(2), vec![])];
    sound.seal();
    sound.erase_person(1, &persons);
    sound.seal();
    let mut trust = trust(&sound);
    trust.heads.clear();
    trust.checkpoints.push(Checkpoint::parse(&sound.note(0, 2).text).unwrap());
    assert_eq!(folder_codes(bundles(&sound), &trust), [Code::Cold, Code::Incarnation]);

    // A workspace's log is rewritten whole, and a new head is appended to the root log.
    let mut rewritten = sound.clone();
    let log = rewritten.logs.get_mut(&one()).unwrap();
    let mut forged = sound.clone();
    let id = forged.record(one(), 9);
    let (_, event) = forged.waiting.pop().unwrap();
    assert_eq!(event.id, id);
    log.leaves[5] = event.leaf;
    rewritten.events.get_mut(&one()).unwrap()[5] = event;
    rewritten.record(one(), 1);
    rewritten.seal();
    assert!(folder_codes(bundles(&rewritten), &trust).contains(&Code::HeadMismatch));

    // An old bundle beside a root log that has a newer head.
    let mut older = bundles(&sound);
    let mut newer = sound.clone();
    newer.record(one(), 1);
    newer.seal();
    older.pop();
    older.push(("root.ndjson".into(), newer.root_bundle().into_bytes()));
    assert_eq!(folder_codes(older, &trust), [Code::HeadMismatch, Code::Cold, Code::Incarnation]);
}

#[test]
fn adoption_covers_nothing_that_was_sealed_before() {
    let mut trail = Trail::new();
    let old = trail.record(one(), 1);
    trail.seal();
    let early = [trail.record(one(), 1), trail.record(one(), 2)];
    trail.adopt(one(), &early);
    trail.seal();
    let mut trust = trust(&trail);
    trust.heads.clear();
    assert_eq!(folder_codes(bundles(&trail), &trust), [Code::Adopted]);

    // A later erasure passed off as adopted.
    let mut forged = trail.clone();
    let mut columns: std::collections::BTreeMap<String, Value> = serde_json::from_str::<
        std::collections::BTreeMap<String, serde_json::Value>,
    >(&trail.deletions[0].1.entry.canonical())
    .unwrap()
    .into_iter()
    .map(|(name, value)| (name, serde_json::from_value(value).unwrap()))
    .collect();
    columns.insert("deleted_at".into(), Value::Text("2026-10-28 08:00:00+00".into()));
    let event = forged.events.get_mut(&one()).unwrap().iter_mut().find(|event| event.id == old).unwrap();
    simulated::erase(event);
    let listed = Listed { id: old, leaf: Some(event.leaf) };
    let entry = forged.enter(one(), columns, &[listed]);
    forged.events.get_mut(&one()).unwrap()[0].taken_by = Some(entry);
    forged.seal();
    let mut trust = self::trust(&forged);
    trust.heads.clear();
    assert_eq!(folder_codes(bundles(&forged), &trust), [Code::ErasedWithoutEntry, Code::Adopted]);
}

#[test]
fn folders_of_tiles() {
    let mut trail = trail();
    for number in 0..70_000 {
        trail.record(Trail::workspace(number % 700), 1);
        if number % 1_000 == 0 {
            trail.seal();
        }
    }
    trail.seal();
    let mut trust = trust(&trail);
    let files = trail.root_files();
    assert_eq!(folder_codes(files.clone(), &trust), []);
    assert_eq!(folder_codes(trail.workspace_files(one()), &trust), []);
    for changed in [1, files.len() / 2, files.len() - 1] {
        let mut files = files.clone();
        files[changed].1[33] ^= 1;
        let found = folder_codes(files.clone(), &trust);
        assert!(found.contains(&Code::TileMismatch) || found.contains(&Code::RootMismatch), "{}", files[changed].0);
    }
    trust.checkpoints = vec![Checkpoint::parse(&trail.note(0, 300).text).unwrap()];
    assert_eq!(folder_codes(files.clone(), &trust), []);
    trust.checkpoints[0].root = Hash::of(b"");
    assert_eq!(folder_codes(files, &trust), [Code::CheckpointFork]);
}
