//! What was kept outside, against receipts and folders of tiles: each kept checkpoint and head is compared, or it is told that it is not.

mod simulated;

use std::path::Path;

use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::field::Field;
use audit_evidence::hash::Hash;
use audit_evidence::verify::files::{verify_file, verify_path};
use audit_evidence::verify::{Code, Finding, Report, Trust};
use simulated::{Trail, log_key};
use uuid::Uuid;

fn workspace() -> Uuid {
    Trail::workspace(1)
}

/// Two workspaces and three seals.
fn trail() -> Trail {
    let mut trail = Trail::new();
    for number in 0..6 {
        trail.record(Trail::workspace(number % 2), number);
        if number % 2 == 1 {
            trail.seal();
        }
    }
    trail
}

fn trust() -> Trust {
    Trust { keys: vec![log_key().public_key()], ..Trust::default() }
}

fn found(verify: impl FnOnce(&mut Report)) -> Vec<(Code, String)> {
    let mut found = Vec::new();
    let mut receive = |finding: Finding| found.push((finding.code, finding.detail));
    verify(&mut Report::new(&mut receive));
    found
}

fn codes(found: &[(Code, String)]) -> Vec<Code> {
    found.iter().map(|(code, _)| *code).collect()
}

fn of_tiles(files: &[(String, Vec<u8>)], trust: &Trust) -> Vec<(Code, String)> {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    found(|report| verify_path(folder.path(), trust, None, report).unwrap())
}

fn of_receipt(trail: &Trail, trust: &Trust) -> Vec<(Code, String)> {
    let text = serde_json::to_string(&trail.receipt(workspace(), 0, Some(&[Field::ActionType]))).unwrap();
    found(|report| verify_file(text.as_bytes(), trust, None, report).unwrap())
}

fn kept(trail: &Trail, size: u64) -> Checkpoint {
    Checkpoint::parse(&trail.note(0, size).text).unwrap()
}

/// The heads of the workspace, as its log grew.
fn heads(trail: &Trail) -> Vec<Checkpoint> {
    let heads = trail.incarnations[0].heads.iter().filter(|(of, _)| *of == workspace());
    heads.map(|(_, head)| head.clone()).collect()
}

#[test]
fn an_empty_log_that_was_kept_hides_no_fork() {
    let trail = trail();
    let (empty, mut forked) = (kept(&trail, 0), kept(&trail, 4));
    forked.root = Hash::of(b"another history");
    let mut trust = trust();
    trust.checkpoints = vec![empty.clone(), kept(&trail, 2), kept(&trail, 6)];
    assert_eq!(of_tiles(&trail.root_files(), &trust), []);
    trust.checkpoints = vec![forked, empty];
    assert_eq!(codes(&of_tiles(&trail.root_files(), &trust)), [Code::CheckpointFork]);
    trust.checkpoints[1].root = Hash::of(b"not empty");
    assert_eq!(codes(&of_tiles(&trail.root_files(), &trust)), [Code::CheckpointFork; 2]);

    trust.checkpoints.clear();
    let mut heads = heads(&trail);
    let origin = heads[0].origin.clone();
    heads.insert(0, Checkpoint { origin, size: 0, root: Hash::of(b"") });
    trust.heads = heads;
    assert_eq!(of_tiles(&trail.workspace_files(workspace()), &trust), []);
    trust.heads[1].root = Hash::of(b"another history");
    assert_eq!(codes(&of_tiles(&trail.workspace_files(workspace()), &trust)), [Code::HeadMismatch]);
}

#[test]
fn a_head_says_nothing_about_another_incarnation() {
    let mut trail = trail();
    let old = kept(&trail, 6);
    trail.begin_incarnation();
    trail.record(workspace(), 1);
    trail.seal();
    let mut trust = trust();
    trust.heads = vec![trail.incarnations[1].heads[0].1.clone()];
    let files = trail.workspace_files(workspace());
    assert_eq!(of_tiles(&files, &trust), []);
    let same_size = Checkpoint { size: 1, ..old.clone() };
    for kept in [old, same_size] {
        let detail = format!("the head says nothing about {}", kept.origin);
        trust.checkpoints = vec![kept];
        assert_eq!(of_tiles(&files, &trust), [(Code::HeadsNotShown, detail)]);
    }
}

#[test]
fn a_receipt_is_compared_with_kept_heads() {
    let (trail, mut trust) = (trail(), trust());
    let heads = heads(&trail);
    let newest = heads.last().unwrap();
    trust.heads = vec![newest.clone()];
    assert_eq!(of_receipt(&trail, &trust), []);
    trust.heads[0].root = Hash::of(b"another history");
    assert_eq!(codes(&of_receipt(&trail, &trust)), [Code::HeadMismatch]);
    for other in [heads[0].clone(), Checkpoint { size: newest.size + 1, ..newest.clone() }] {
        let detail = format!(
            "the receipt has the head at size {}, and no proof of the one kept at size {}",
            newest.size, other.size
        );
        trust.heads = vec![other];
        assert_eq!(of_receipt(&trail, &trust), [(Code::HeadsNotShown, detail)]);
    }
    // The head of another workspace is no matter of this receipt.
    trust.heads = vec![trail.incarnations[0].heads.iter().find(|(of, _)| *of != workspace()).unwrap().1.clone()];
    assert_eq!(of_receipt(&trail, &trust), []);
}
