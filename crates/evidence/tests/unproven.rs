//! What is not shown, or not sealed, is not taken for sound.

mod simulated;

use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::verify::files::{verify_file, verify_path};
use audit_evidence::verify::{Code, Finding, Report, Summary, Trust};
use simulated::export::Wanted;
use simulated::{Trail, log_key};
use uuid::Uuid;

fn one() -> Uuid {
    Trail::workspace(1)
}

fn two() -> Uuid {
    Trail::workspace(2)
}

/// Five events of one workspace and two of another, over two seals.
fn trail() -> Trail {
    let mut trail = Trail::new();
    for number in 0..7 {
        trail.record(if number % 3 == 2 { two() } else { one() }, number);
        if number == 3 {
            trail.seal();
        }
    }
    trail.seal();
    trail
}

/// What a reader has who keeps nothing but the key.
fn key() -> Trust {
    Trust { keys: vec![log_key().public_key()], ..Trust::default() }
}

fn head(trail: &Trail, workspace: Uuid, size: u64) -> Checkpoint {
    let heads = &trail.incarnations[0].heads;
    heads.iter().find(|(of, head)| *of == workspace && head.size == size).unwrap().1.clone()
}

struct Verified {
    findings: Vec<Finding>,
    summary: Summary,
    code: u8,
}

impl Verified {
    fn of(verify: impl FnOnce(&mut Report)) -> Self {
        let mut findings = Vec::new();
        let mut receive = |finding| findings.push(finding);
        let mut report = Report::new(&mut receive);
        verify(&mut report);
        let (summary, code) = (std::mem::take(&mut report.summary), report.exit_code());
        Self { findings, summary, code }
    }

    fn file(text: &str, trust: &Trust) -> Self {
        Self::of(|report| verify_file(text.as_bytes(), trust, None, report).unwrap())
    }

    /// A folder of bundles, the root log's among them.
    fn folder(bundles: &[String], trust: &Trust) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (number, bundle) in bundles.iter().enumerate() {
            std::fs::write(folder.path().join(number.to_string()), bundle).unwrap();
        }
        Self::of(|report| verify_path(folder.path(), trust, None, report).unwrap())
    }

    fn told(&self) -> Vec<String> {
        self.findings.iter().map(ToString::to_string).collect()
    }

    fn codes(&self) -> Vec<Code> {
        let mut codes: Vec<Code> = self.findings.iter().map(|finding| finding.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

fn from(trail: &Trail, workspace: Uuid, first: u64) -> String {
    trail.bundle(workspace, &Wanted { first, ..Wanted::default() })
}

#[test]
fn a_folder_says_which_workspaces_it_does_not_show() {
    let trail = trail();
    let (root, of_one, of_two) = (trail.root_bundle(), from(&trail, one(), 0), from(&trail, two(), 0));
    let whole = Verified::folder(&[root.clone(), of_one.clone(), of_two.clone()], &key());
    assert_eq!((whole.told(), whole.code), (vec![], 0));
    assert_eq!((whole.summary.unshown_logs, whole.summary.unshown_places), (0, 0));

    // Whichever of them is left out, before the bundles that are there or behind them.
    for (left, workspace, places) in [(of_two, one(), 5), (of_one, two(), 2)] {
        let part = Verified::folder(&[root.clone(), left], &key());
        let expected = format!("warning events_not_shown {workspace} - - no bundle shows its {places} places");
        assert_eq!((part.told(), part.code), (vec![expected], 2));
        assert_eq!((part.summary.unshown_logs, part.summary.unshown_places), (1, places));
    }
    let none = Verified::folder(&[root], &key());
    assert_eq!((none.codes(), none.findings.len(), none.code), (vec![Code::EventsNotShown], 2, 2));
    assert_eq!((none.summary.unshown_logs, none.summary.unshown_places), (2, 7));
}

#[test]
fn a_folder_says_where_a_bundle_begins() {
    let trail = trail();
    let folder = |first| [trail.root_bundle(), from(&trail, one(), first), from(&trail, two(), 0)];
    for first in 1..=5 {
        let part = Verified::folder(&folder(first), &key());
        let last = first - 1;
        let expected = format!("warning events_not_shown {} - - places 0 to {last} are not shown", one());
        assert_eq!((part.told(), part.code), (vec![expected], 2));
        assert_eq!((part.summary.unshown_logs, part.summary.unshown_places), (1, first));
    }
}

/// Whoever kept a head has seen what is before it: an export that goes on there is sound.
#[test]
fn an_export_may_go_on_where_a_kept_head_is() {
    let trail = trail();
    let kept = |size| Trust { heads: vec![head(&trail, one(), size)], ..key() };
    let folder = |first| [trail.root_bundle(), from(&trail, one(), first), from(&trail, two(), 0)];
    for first in 0..=3 {
        assert_eq!(Verified::folder(&folder(first), &kept(3)).told(), Vec::<String>::new(), "{first}");
    }
    // The head binds nothing of what lies between it and the bundle.
    assert_eq!(Verified::folder(&folder(4), &kept(3)).codes(), [Code::EventsNotShown]);
    // A bundle alone is what was asked for; the summary says it.
    let alone = Verified::file(&from(&trail, one(), 3), &kept(3));
    assert_eq!((alone.told(), alone.code, alone.summary.unshown_places), (vec![], 0, 3));
}

/// Whoever has the file alone can write lines that stand in no log.
#[test]
fn a_deletion_that_no_log_holds_covers_nothing() {
    let trail = trail();
    let trust = Trust { heads: vec![head(&trail, one(), 5)], ..key() };
    let mut forged = trail.clone();
    let ids: Vec<Uuid> = trail.events[&one()][1..3].iter().map(|event| event.id).collect();
    let entry = forged.purge(one(), &ids);
    let found = Verified::file(&from(&forged, one(), 0), &trust);
    let missing = |place: usize| {
        format!(
            "critical row_missing {} {place} {} sealed, not there, and the deletion that names it is not sealed: export \
             again after the next seal",
            one(),
            ids[place - 1]
        )
    };
    let waits = format!(
        "warning event_not_sealed {} - - entry {entry} is named by an event that is not sealed yet and covers nothing: \
         export again after the next seal",
        one()
    );
    assert_eq!((found.told(), found.code), (vec![waits, missing(1), missing(2)], 1));
    assert_eq!((found.summary.removed, found.summary.taken.len()), (2, 0));

    // So with an erasure, and with a release to cold storage.
    let mut forged = trail.clone();
    forged.erase(one(), 1, &ids);
    let found = Verified::file(&from(&forged, one(), 0), &trust);
    assert_eq!((found.codes(), found.code), (vec![Code::ErasedWithoutEntry, Code::EventNotSealed], 1));
    assert!(found.told()[1].ends_with("is not sealed: export again after the next seal"), "{:?}", found.told());
    let mut forged = trail.clone();
    forged.release(one(), &ids);
    let found = Verified::file(&from(&forged, one(), 0), &trust);
    assert_eq!((found.codes(), found.code), (vec![Code::RowMissing, Code::EventNotSealed], 1));

    // After the seal it is a deletion like others.
    let mut honest = trail.clone();
    honest.purge(one(), &ids);
    honest.seal();
    let found = Verified::folder(&[honest.root_bundle(), from(&honest, one(), 0), from(&honest, two(), 0)], &key());
    assert_eq!((found.told(), found.code, found.summary.removed), (vec![], 0, 2));
}

#[test]
fn a_root_log_without_a_former_incarnation_is_not_whole() {
    let mut trail = trail();
    trail.begin_incarnation();
    trail.record(one(), 9);
    trail.seal();
    let bundles = [trail.root_bundle(), from(&trail, one(), 0), from(&trail, two(), 0)];
    let whole = Verified::folder(&bundles, &key());
    assert_eq!((whole.codes(), whole.code), (vec![Code::Incarnation], 0), "{:?}", whole.told());

    // What a maker does who would rather not show the one that had no event since: they cut the former incarnation out.
    let root = bundles[0].clone();
    let (header, rest) = root.split_once('\n').unwrap();
    let second = rest.match_indices("\"incarnation\"").nth(1).unwrap().0;
    let second = rest[..second].rfind('\n').unwrap() + 1;
    let cut = format!("{header}\n{}", &rest[second..]);
    let part = Verified::folder(&[cut, bundles[1].clone()], &key());
    let former = &trail.incarnations[0].origin;
    let expected = format!(
        "warning events_not_shown {} - - the bundle has a head of {former}, which the root log does not show",
        one()
    );
    assert!(part.told().contains(&expected), "{:?}", part.told());
    assert_eq!(part.code, 2);
}
