//! The files in the folder EVIDENCE_FILES, of a live database or a simulated trail, are read by other people's crates, and a witness built on them refuses a
//! fork of them.

mod witness;

use std::fs;
use std::path::Path;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use serde_json::Value;
use tlog_tiles::{Hash, check_record, check_tree, record_hash};
use witness::Witness;

fn read(name: &str) -> String {
    let folder =
        std::env::var("EVIDENCE_FILES").expect("EVIDENCE_FILES names a folder, as tests/evidence/outside sets it");
    fs::read_to_string(Path::new(&folder).join(name)).unwrap()
}

fn proofs() -> Value {
    serde_json::from_str(&read("proofs.json")).unwrap()
}

fn path(proof: &Value) -> Vec<Hash> {
    proof["path"].as_array().unwrap().iter().map(hash).collect()
}

fn hash(text: &Value) -> Hash {
    Hash::parse_hash(text.as_str().unwrap()).unwrap()
}

fn entries(proofs: &Value) -> Vec<Vec<u8>> {
    proofs["entries"].as_array().unwrap().iter().map(|entry| entry.as_str().unwrap().into()).collect()
}

#[test]
fn the_checkpoint_is_that_of_the_entries() {
    let key = signed_note::StandardVerifier::new(read("origin.vkey").trim()).unwrap();
    let note = signed_note::Note::from_bytes(read("root/checkpoint").as_bytes()).unwrap();
    note.verify(&signed_note::VerifierList::new(vec![Box::new(key)])).unwrap();
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    let proofs = proofs();
    let mut theirs = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
    entries(&proofs).into_iter().for_each(|entry| theirs.push(entry));
    assert_eq!(theirs.root().as_bytes().as_slice(), checkpoint.hash().0);
    assert_eq!(*checkpoint.hash(), hash(&proofs["root"]));
    assert_eq!(Some(checkpoint.size()), proofs["size"].as_u64());
}

#[test]
fn proofs_lead_to_it() {
    let proofs = proofs();
    let (size, root, entries) = (proofs["size"].as_u64().unwrap(), hash(&proofs["root"]), entries(&proofs));
    for proof in proofs["inclusion"].as_array().unwrap() {
        let index = proof["index"].as_u64().unwrap();
        check_record(&path(proof), size, root, index, record_hash(&entries[index as usize])).unwrap();
    }
    for proof in proofs["consistency"].as_array().unwrap() {
        check_tree(&path(proof), size, root, proof["old"].as_u64().unwrap(), hash(&proof["root"])).unwrap();
    }
}

#[test]
fn a_witness_follows_the_log_and_no_other() {
    let mut witness = Witness::new(read("origin.vkey").trim());
    // It sees the old checkpoint first, then what continues it.
    witness.add(&format!("old 0\n\n{}", read("old-checkpoint"))).unwrap();
    let request = read("request");
    let lines: Vec<&str> = request.lines().take_while(|line| !line.is_empty()).collect();
    let (_, note) = request.split_once("\n\n").unwrap();
    let fewer = format!("{}\n\n{note}", lines[..lines.len() - 1].join("\n"));
    assert_eq!(witness.add(&fewer), Err("a fork".into()));
    witness.add(&request).unwrap();
    assert_eq!(witness.add(&request), Err("409".into()));
}
