//! Writes what a simulated trail gives away, for other people's programs to check: `simulate FOLDER`; or the vectors of tests/evidence that follow from it:
//! `simulate --vectors`.

#[path = "../tests/simulated/mod.rs"]
mod simulated;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::deletion::{COLUMNS, Entry, ListWriter, Listed, Value};
use audit_evidence::field::Field;
use audit_evidence::hash::{Hash, hex};
use audit_evidence::note::PrivateKey;
use audit_evidence::tree::{consistency, inclusion};
use serde_json::{Value as Json, json};
use simulated::export::Wanted;
use simulated::{Trail, log_key, witness_key};
use uuid::Uuid;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("--vectors") => println!("{:#}", vectors()),
        Some(folder) => write(Path::new(folder)),
        None => panic!("simulate FOLDER | --vectors"),
    }
}

fn write(folder: &Path) {
    let mut trail = Trail::new();
    let [one, two] = [Trail::workspace(1), Trail::workspace(2)];
    let ids: Vec<Uuid> =
        (0..12).map(|number| trail.record(if number % 3 == 2 { two } else { one }, number % 2)).collect();
    trail.seal();
    for number in 0..700 {
        trail.record(Trail::workspace(number % 350), number);
        if number % 7 == 0 {
            trail.seal();
        }
    }
    trail.erase(one, 1, &[ids[1], ids[3]]);
    trail.purge(one, &[ids[0]]);
    trail.release(one, &[ids[4]]);
    trail.seal();
    put(folder, "root", trail.root_files());
    put(folder, "workspace", trail.workspace_files(one));
    for workspace in [one, two] {
        let bundle = trail.bundle(workspace, &Wanted::default());
        put(folder, "bundles", vec![(format!("{workspace}.ndjson"), bundle.into_bytes())]);
    }
    put(folder, "bundles", vec![("root.ndjson".into(), trail.root_bundle().into_bytes())]);
    let live = trail.events[&one].iter().position(|event| event.id == ids[6]).unwrap() as u64;
    let erased = trail.events[&one].iter().position(|event| event.id == ids[1]).unwrap() as u64;
    for (name, index, fields) in [
        ("live", live, None),
        ("partial", live, Some(&[Field::ActionType, Field::NewValues][..])),
        ("none", live, Some(&[][..])),
        ("erased", erased, None),
    ] {
        let receipt = serde_json::to_string(&trail.receipt(one, index, fields)).unwrap();
        put(folder, "receipts", vec![(format!("{name}.json"), receipt.into_bytes())]);
    }
    let origin = trail.incarnations[0].origin.clone();
    let of_origin = PrivateKey::from_seed(&origin, &Hash::of(b"simulated log key").0);
    let size = trail.incarnations[0].log.leaves.len() as u64;
    let newest = trail.incarnations[0].heads.iter().rfind(|(workspace, _)| *workspace == one).unwrap();
    let text = |name: &str, text: String| (name.to_string(), text.into_bytes());
    let files = vec![
        text("log.vkey", log_key().public_key().to_string()),
        text("origin.vkey", of_origin.public_key().to_string()),
        text("witness.vkey", witness_key().witness_key().to_string()),
        text("old-checkpoint", trail.note(0, 300).to_string()),
        text("head", newest.1.to_string()),
        text("request", trail.add_checkpoint(300).to_string()),
        text("first-request", trail.add_checkpoint(0).to_string()),
        text("proofs.json", proofs(&trail, size).to_string()),
    ];
    put(folder, ".", files);
}

/// The root log's entries with proofs of inclusion and consistency.
fn proofs(trail: &Trail, size: u64) -> Json {
    let of = &trail.incarnations[0];
    let base64 = |hashes: Vec<Hash>| hashes.iter().map(Hash::to_base64).collect::<Vec<_>>();
    let mut log = of.log.clone();
    let places = [0, 1, 255, 256, size / 2, size - 1];
    let included =
        places.map(|index| json!({"index": index, "path": base64(inclusion(&mut log, index, size).unwrap())}));
    let olds = [1, 2, 3, 255, 256, 257, 300, size - 1];
    let roots = |old: u64| Checkpoint::parse(&trail.note(0, old).text).unwrap().root.to_base64();
    let grown = olds
        .map(|old| json!({"old": old, "root": roots(old), "path": base64(consistency(&mut log, old, size).unwrap())}));
    json!({
        "entries": of.heads.iter().map(|(_, head)| head.to_string()).collect::<Vec<_>>(),
        "size": size, "root": log.root().to_base64(), "inclusion": included, "consistency": grown,
    })
}

fn put(folder: &Path, under: &str, files: Vec<(String, Vec<u8>)>) {
    for (name, bytes) in files {
        let path = folder.join(under).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// What later operations enter into the deletion log, and a trail in which one of each has happened.
fn vectors() -> Json {
    let mut list = ListWriter::default();
    let leaf = Hash::of_leaf(b"an entry");
    let ids = [Uuid::from_u128(1 << 100), Uuid::from_u128(2 << 100)];
    list.push(Listed { id: ids[0], leaf: Some(leaf) });
    list.push(Listed { id: ids[1], leaf: None });
    let (part, count, digest) = list.finish().unwrap();
    json!({
        "deletion_entries": entries(&digest),
        "deletion_list": {
            "events": [{"id": ids[0].to_string(), "leaf": leaf.to_hex()}, {"id": ids[1].to_string(), "leaf": null}],
            "parts": [hex(&part)], "event_count": count, "event_ids_sha256": digest.to_hex(),
        },
        "exports": exports(),
    })
}

fn entries(digest: &Hash) -> Vec<Json> {
    let workspace = Trail::workspace(1).to_string();
    let person = Trail::person(1);
    let text = |text: &str| Value::Text(text.into());
    let base: BTreeMap<String, Value> = {
        let mut base: BTreeMap<String, Value> = COLUMNS.map(|name| (name.to_string(), Value::Null)).into();
        base.extend([
            ("acting_role".into(), text("compliance")),
            ("deleted_at".into(), text("2026-10-27 08:00:00.5+00")),
            ("deleted_by_role".into(), text("app")),
            ("deletion_authority".into(), text("GDPR")),
            ("event_count".into(), Value::Count(2)),
            ("event_ids_sha256".into(), Value::Text(digest.to_hex())),
            ("is_irrevocable".into(), Value::Bool(true)),
            ("workspace_id".into(), Value::Text(workspace)),
        ]);
        base
    };
    let person = ("subject_user_id", Value::Text(person));
    let kind = |kind: &str| ("kind", text(kind));
    let revocable = ("is_irrevocable", Value::Bool(false));
    let nothing = [("event_count", Value::Count(0)), ("event_ids_sha256", Value::Null)];
    let whole = [("workspace_id", Value::Text(Uuid::nil().to_string())), kind("person_erasure"), person.clone()];
    let whole = [whole.to_vec(), nothing.to_vec()].concat();
    let id_of = |changes: &[(&str, Value)]| made(&base, changes).id();
    let parent = ("parent_id", Value::Text(id_of(&whole).to_string()));
    let erased = vec![person.clone()];
    let pending = ("parent_id", Value::Text(id_of(&erased).to_string()));
    let of_node = |node: &str| {
        let row = ("cluster_log_id", text("0f0e0d0c-0b0a-4908-8706-050403020100"));
        [vec![person.clone(), row, ("cluster_node", text(node))], nothing.to_vec()].concat()
    };
    let later = [("include_events_about_user", Value::Bool(true)), ("cutoff", text("2026-10-27 08:00:00+00"))];
    let all = [
        ("a person is erased", erased),
        ("events are purged", vec![]),
        ("events are adopted", vec![("deletion_authority", text("ADOPTION")), revocable.clone()]),
        ("events move to the archive", [vec![revocable.clone()], nothing.to_vec()].concat()),
        ("a cold object is released, or a loan returned", vec![kind("cold"), revocable.clone()]),
        ("a person is erased in cold storage, for the entry parent_id", vec![person.clone(), pending]),
        ("a person is erased in all workspaces: the whole", whole),
        (
            "the same: the part of a workspace",
            [vec![kind("person_erasure"), person.clone(), parent], later.to_vec()].concat(),
        ),
        ("a workspace is off-boarded", vec![kind("offboarding")]),
        ("a person is erased on a cluster: a node that had nothing", of_node("7381234567890123456")),
        ("the same: another such node", of_node("7381234567890123457")),
        ("a kind of a later release", vec![kind("something_else")]),
    ];
    let entry = |(name, changes): &(&str, Vec<(&str, Value)>)| {
        let entry = made(&base, changes);
        json!({
            "name": name, "canonical": entry.canonical(), "id": entry.id().to_string(), "resource_type": entry.resource_type(),
            "operation": entry.operation().map(|operation| format!("{operation:?}")),
            "action": entry.operation().and_then(|operation| operation.action()),
        })
    };
    all.iter().map(entry).collect()
}

fn made(base: &BTreeMap<String, Value>, changes: &[(&str, Value)]) -> Entry {
    let changes = changes.iter().map(|(name, value)| (name.to_string(), value.clone()));
    Entry::new(base.clone().into_iter().chain(changes)).unwrap()
}

/// Two incarnations; a person erased in two workspaces, a purge, a release and an adoption.
fn exports() -> Json {
    let mut trail = Trail::new();
    let [one, two] = [Trail::workspace(1), Trail::workspace(2)];
    let ids: Vec<Uuid> = (0..5).map(|_| trail.record(one, 1)).collect();
    let other = trail.record(two, 1);
    trail.seal();
    trail.begin_incarnation();
    trail.purge(one, &ids[..1]);
    trail.release(one, &ids[1..2]);
    trail.erase_person(1, &[(one, vec![ids[2]]), (two, vec![other])]);
    let before = [trail.record(one, 2)];
    trail.adopt(one, &before);
    trail.seal();
    let live = trail.events[&one].iter().position(|event| event.id == ids[3]).unwrap() as u64;
    let size = trail.incarnations[1].log.leaves.len() as u64;
    let mut before_seal = trail.clone();
    before_seal.erase(one, 1, &ids[4..]);
    json!({
        "workspace_bundle_before_seal": before_seal.bundle(one, &Wanted::default()),
        "vkey": log_key().public_key().to_string(),
        "witness_vkey": witness_key().witness_key().to_string(),
        "key_seeds_sha256_of": ["simulated log key", "simulated witness key"],
        "workspace_bundle": trail.bundle(one, &Wanted::default()),
        "workspace_bundle_from_3": trail.bundle(one, &Wanted { first: 3, ..Wanted::default() }),
        "root_bundle": trail.root_bundle(),
        "nil_workspace_bundle": trail.bundle(Uuid::nil(), &Wanted::default()),
        "receipt": serde_json::to_string(&trail.receipt(one, live, None)).unwrap(),
        "receipt_of_action_type": serde_json::to_string(&trail.receipt(one, live, Some(&[Field::ActionType]))).unwrap(),
        "head": trail.incarnations[1].heads.iter().rfind(|(workspace, _)| *workspace == one).unwrap().1.to_string(),
        "checkpoint": trail.note(1, size).to_string(),
        "add_checkpoint_from_2": trail.add_checkpoint(2).to_string(),
    })
}
