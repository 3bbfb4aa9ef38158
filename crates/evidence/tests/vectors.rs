//! The golden vectors, which the extension and other people's programs are held to as well. They never change once a version is released.

use audit_evidence::add_checkpoint::AddCheckpoint;
use audit_evidence::base64;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::deletion::{Entry, ListWriter, Listed, named_entry, read_part};
use audit_evidence::disclosure::{of_export, of_receipt};
use audit_evidence::field::{Field, Values};
use audit_evidence::hash::{Hash, hex};
use audit_evidence::leaf::{Disclosed, LeafMaker, SealKey};
use audit_evidence::note::{Note, PrivateKey, PublicKey, Verdict};
use audit_evidence::tree::{Frontier, verify_consistency, verify_inclusion};
use audit_evidence::verify::files::verify_file;
use audit_evidence::verify::{Code, Report, Trust};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/evidence/vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(text).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    let digits = text(value);
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn hash(value: &Value) -> Hash {
    Hash::from_slice(&bytes(value)).unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}

fn values<'a>(columns: &'a Value, only: impl Fn(Field) -> bool) -> Values<'a> {
    let mut values = Values::default();
    for field in Field::ALL.into_iter().filter(|field| only(*field)) {
        if let Some(value) = columns.get(field.name()) {
            values.set(field, text(value));
        }
    }
    values
}

fn kept(disclosed: &Disclosed) -> Vec<&str> {
    disclosed.kept.iter().map(|(_, disclosure, _)| disclosure.as_str()).collect()
}

#[test]
fn columns_and_their_order() {
    let vectors = vectors();
    let named = [texts(&vectors["kept"]), texts(&vectors["payload"])].concat();
    assert_eq!(Field::ALL.map(Field::name).to_vec(), named);
    assert_eq!(texts(&vectors["kept"]).len(), Field::KEPT);
}

#[test]
fn leaves_live_and_erased() {
    let mut maker = LeafMaker::new();
    for event in vectors()["events"].as_array().unwrap() {
        let all = values(&event["columns"], |_| true);
        let key = bytes(&event["seal_key"]);
        let live = maker.disclose(&all, &SealKey::from_bytes(&key).unwrap()).unwrap();
        assert_eq!(kept(&live), texts(&event["disclosures"]["kept"]));
        assert_eq!(live.payload.as_deref(), event["disclosures"]["payload"].as_str());
        let in_payload: Vec<&str> = live.in_payload.iter().map(|(_, disclosure)| disclosure.as_str()).collect();
        assert_eq!(in_payload, texts(&event["disclosures"]["in_payload"]));
        assert_eq!(live.entry, text(&event["entry"]));
        assert_eq!(live.leaf, hash(&event["leaf_hash"]));

        let erased_key = maker.erased_key(&all, &key.as_slice().try_into().unwrap());
        assert_eq!(hex(&erased_key), text(&event["erased"]["seal_key"]));
        assert_eq!(hex(&erased_key[..16]), text(&event["kept_key"]));
        let left = values(&event["columns"], |field| !field.is_payload());
        let erased = maker.disclose(&left, &SealKey::from_bytes(&erased_key).unwrap()).unwrap();
        assert_eq!(kept(&erased), texts(&event["erased"]["disclosures"]));
        assert_eq!(base64::encode_url(&erased.payload_digest.0), text(&event["erased"]["payload_digest"]));
        assert_eq!(erased.entry, text(&event["erased"]["entry"]));
        assert_eq!(erased.leaf, hash(&event["erased"]["leaf_hash"]));
        assert_eq!(maker.leaf(&left, &SealKey::from_bytes(&erased_key).unwrap()), Ok(live.leaf));
    }
}

#[test]
fn what_is_shown_leads_to_the_leaf() {
    for event in vectors()["events"].as_array().unwrap() {
        let of = &event["disclosures"];
        let all = [texts(&of["kept"]), vec![text(&of["payload"])], texts(&of["in_payload"])].concat();
        let shown = of_export(&all, &[]).unwrap();
        assert_eq!((shown.leaf, shown.hidden, shown.hidden_in_payload), (hash(&event["leaf_hash"]), 0, 0));
        for (field, _) in &shown.values {
            assert_eq!(shown.text(*field).as_deref(), event["columns"][field.name()].as_str());
        }
        let erased = &event["erased"];
        let shown = of_export(&texts(&erased["disclosures"]), &[text(&erased["payload_digest"])]).unwrap();
        assert_eq!((shown.leaf, shown.hidden), (hash(&event["leaf_hash"]), 1));
        let receipt = of_receipt(&texts(&erased["disclosures"]), text(&event["entry"])).unwrap();
        assert_eq!((receipt.leaf, receipt.hidden), (hash(&event["leaf_hash"]), 1));
    }
}

#[test]
fn the_tree() {
    let vectors = vectors();
    let tree = &vectors["tree"];
    let leaves = hashes(&tree["leaf_hashes"]);
    let (mut log, root) = (Frontier::new(), hash(&tree["root"]));
    assert_eq!(log.root(), hash(&tree["empty_root"]));
    leaves.iter().for_each(|leaf| log.push(*leaf));
    assert_eq!(log.root(), root);
    assert_eq!(verify_inclusion(&leaves[0], 0, 3, &hashes(&tree["inclusion_path_of_0"]), &root), Ok(()));
    assert_eq!(verify_consistency(1, 3, &hashes(&tree["consistency_1_to_3"]), &leaves[0], &root), Ok(()));
}

#[test]
fn head_checkpoint_and_signatures() {
    let vectors = vectors();
    let head = Checkpoint::parse(text(&vectors["head"]["text"])).unwrap();
    assert_eq!(head.to_string(), text(&vectors["head"]["text"]));
    assert_eq!(head.leaf(), hash(&vectors["head"]["root_log_leaf_hash"]));
    assert_eq!(head.root, hash(&vectors["tree"]["root"]));

    let of = &vectors["checkpoint"];
    let note = Note::parse(text(&of["note"])).unwrap();
    assert_eq!((note.text.as_str(), note.to_string().as_str()), (text(&of["body"]), text(&of["note"])));
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    assert_eq!((checkpoint.size, checkpoint.root), (1, head.leaf()));
    assert_eq!(head.workspace().unwrap().0, checkpoint.origin);

    let key = PublicKey::parse(text(&of["vkey"])).unwrap();
    assert_eq!(key.to_string(), text(&of["vkey"]));
    assert_eq!(key.verify(&note, &key.name), Verdict::Good { at: None });
    let witness = PublicKey::parse(text(&of["witness_vkey"])).unwrap();
    assert!(witness.is_witness());
    assert_eq!(witness.verify(&note, &witness.name), Verdict::Good { at: Some(1_793_000_000) });
    let seed = Hash::of(text(&of["key_seed_sha256_of"]).as_bytes());
    let private = PrivateKey::from_seed(&key.name, &seed.0);
    assert_eq!(private.sign(&note.text, &key.name), note.signatures[0]);
}

#[test]
fn an_entry_of_the_deletion_log() {
    let vectors = vectors();
    let entry = Entry::parse(text(&vectors["deletion_entry"]["canonical"])).unwrap();
    assert_eq!(entry.id().to_string(), text(&vectors["deletion_entry"]["id"]));
}

#[test]
fn entries_of_later_operations() {
    let vectors = vectors();
    for vector in vectors["deletion_entries"].as_array().unwrap() {
        let entry = Entry::parse(text(&vector["canonical"])).unwrap();
        assert_eq!(entry.id().to_string(), text(&vector["id"]), "{}", vector["name"]);
        assert_eq!(entry.resource_type(), text(&vector["resource_type"]));
        let operation = entry.operation();
        assert_eq!(operation.map(|operation| format!("{operation:?}")).as_deref(), vector["operation"].as_str());
        assert_eq!(operation.and_then(|operation| operation.action()), vector["action"].as_str());
        let named = named_entry(Some(text(&vector["id"])), Some(text(&vector["resource_type"])));
        assert_eq!(named, Some((entry.id(), entry.digest().to_hex())));
    }
}

#[test]
fn the_list_of_a_deletion() {
    let vectors = vectors();
    let vector = &vectors["deletion_list"];
    let mut list = ListWriter::default();
    for event in vector["events"].as_array().unwrap() {
        let leaf = event["leaf"].is_string().then(|| hash(&event["leaf"]));
        assert_eq!(list.push(Listed { id: text(&event["id"]).parse().unwrap(), leaf }), None);
    }
    let (part, count, digest) = list.finish().unwrap();
    assert_eq!((hex(&part), count), (text(&vector["parts"][0]).into(), vector["event_count"].as_i64().unwrap()));
    assert_eq!(digest, hash(&vector["event_ids_sha256"]));
    assert_eq!(read_part(&part).unwrap().len() as i64, count);
}

#[test]
fn exports_verify() {
    let vectors = vectors();
    let exports = &vectors["exports"];
    let checkpoint = |text: &str| Checkpoint::parse(&Note::parse(text).unwrap().text).unwrap();
    let trust = Trust {
        keys: vec![PublicKey::parse(text(&exports["vkey"])).unwrap()],
        witnesses: vec![PublicKey::parse(text(&exports["witness_vkey"])).unwrap()],
        quorum: None,
        checkpoints: vec![checkpoint(text(&exports["checkpoint"]))],
        heads: vec![checkpoint(text(&exports["head"]))],
        ..Trust::default()
    };
    let told = [Code::Adopted, Code::Cold, Code::Incarnation];
    for (name, expected) in [
        ("workspace_bundle", &told[..]),
        ("workspace_bundle_from_3", &[Code::Adopted, Code::Incarnation]),
        (
            "workspace_bundle_before_seal",
            // The deletion that no seal holds yet covers nothing in a file.
            &[Code::ErasedWithoutEntry, Code::EventNotSealed, Code::Adopted, Code::Cold, Code::Incarnation],
        ),
        ("root_bundle", &[Code::Incarnation]),
        ("nil_workspace_bundle", &[Code::HeadsNotShown]),
        ("receipt", &[]),
        ("receipt_of_action_type", &[]),
    ] {
        let mut found = Vec::new();
        let mut receive = |finding: audit_evidence::verify::Finding| found.push(finding.code);
        let mut report = Report::new(&mut receive);
        verify_file(text(&exports[name]).as_bytes(), &trust, None, &mut report).unwrap();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, expected, "{name}");
    }
    let request = AddCheckpoint::parse(text(&exports["add_checkpoint_from_2"])).unwrap();
    assert_eq!(request.to_string(), text(&exports["add_checkpoint_from_2"]));
}
