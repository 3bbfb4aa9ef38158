//! Trees, tiles and notes are those of other people's crates, and a witness built on them refuses a fork.

#[path = "../../../../crates/evidence/tests/simulated/mod.rs"]
mod simulated;
mod witness;

use audit_evidence::hash::Hash;
use audit_evidence::note::{Note, PrivateKey};
use audit_evidence::tiles::Tile;
use audit_evidence::tree::{consistency, inclusion, root};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use simulated::{Log, Trail};
use tlog_tiles::{HashReader, check_record, check_tree, stored_hashes_for_record_hash};
use witness::Witness;

fn entry(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn log(size: u64) -> Log {
    Log { leaves: (0..size).map(|number| Hash::of_leaf(&entry(number))).collect() }
}

#[test]
fn ct_merkle_agrees() {
    let mut theirs = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
    (0..120).for_each(|number| theirs.push(entry(number)));
    let mut ours = log(120);
    assert_eq!(theirs.root().as_bytes().as_slice(), ours.root().0);
    for index in 0..120 {
        let path: Vec<u8> = inclusion(&mut ours, index, 120).unwrap().iter().flat_map(|hash| hash.0).collect();
        assert_eq!(theirs.prove_inclusion(index as usize).as_bytes(), path);
    }
    for old in 1..120 {
        let path: Vec<u8> = consistency(&mut ours, old, 120).unwrap().iter().flat_map(|hash| hash.0).collect();
        assert_eq!(theirs.prove_consistency(120 - old as usize).as_bytes(), path, "from {old}");
    }
}

/// The hashes of a log as tlog_tiles stores them.
struct Theirs(Vec<tlog_tiles::Hash>);

impl HashReader for Theirs {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[*index as usize]).collect())
    }
}

fn theirs(hash: &Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

#[test]
fn tlog_tiles_agrees() {
    let size = 70_000;
    let log = log(size);
    let mut stored = Theirs(Vec::new());
    for (number, leaf) in log.leaves.iter().enumerate() {
        stored.0.extend(stored_hashes_for_record_hash(number as u64, theirs(leaf), &stored).unwrap());
    }
    let mut tiles = simulated::export::tile_nodes(&log);
    let new_root = root(&mut tiles, size).unwrap();
    assert_eq!(tlog_tiles::tree_hash(size, &stored).unwrap(), theirs(&new_root));
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_999] {
        let path: Vec<_> = inclusion(&mut tiles, index, size).unwrap().iter().map(theirs).collect();
        let leaf = theirs(&log.leaves[index as usize]);
        check_record(&path, size, theirs(&new_root), index, leaf).unwrap();
    }
    for old in [1, 255, 256, 257, 65_536, 69_999] {
        let path: Vec<_> = consistency(&mut tiles, old, size).unwrap().iter().map(theirs).collect();
        let old_root = tlog_tiles::tree_hash(old, &stored).unwrap();
        check_tree(&path, size, theirs(&new_root), old, old_root).unwrap();
    }
    // The same tiles under the same names.
    let named = |tiles: Vec<tlog_tiles::Tile>| tiles.iter().map(tlog_tiles::Tile::path).collect::<Vec<_>>();
    let mut expected: Vec<String> = named(tlog_tiles::Tile::new_tiles(8, 0, size));
    let mut ours: Vec<String> = Tile::of_log(size).map(|tile| tile.path().replace("tile/", "tile/8/")).collect();
    expected.sort();
    ours.sort();
    assert_eq!(ours, expected);
}

#[test]
fn a_witness_refuses_a_fork() {
    let mut trail = Trail::new();
    let seal = |trail: &mut Trail| {
        trail.record(Trail::workspace(1), 1);
        trail.record(Trail::workspace(2), 1);
        trail.seal();
    };
    seal(&mut trail);
    let origin = trail.incarnations[0].origin.clone();
    let key = PrivateKey::from_seed(&origin, &Hash::of(b"simulated log key").0).public_key().to_string();
    let mut witness = Witness::new(&key);
    witness.add(&trail.add_checkpoint(0).to_string()).unwrap();
    let mut forked = trail.clone();
    seal(&mut trail);
    witness.add(&trail.add_checkpoint(2).to_string()).unwrap();
    // Another event at the same place, everything signed again.
    forked.record(Trail::workspace(1), 7);
    forked.record(Trail::workspace(3), 1);
    forked.seal();
    seal(&mut forked);
    assert_eq!(witness.add(&forked.add_checkpoint(4).to_string()), Err("a fork".into()));
    assert_eq!(witness.add(&forked.add_checkpoint(2).to_string()), Err("409".into()));
}

#[test]
fn notes_are_theirs() {
    let mut trail = Trail::new();
    trail.record(Trail::workspace(1), 1);
    trail.seal();
    let note = trail.note(0, 1);
    let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
    assert_eq!(theirs.text(), note.text.as_bytes());
    assert_eq!(String::from_utf8(theirs.to_bytes()).unwrap(), note.to_string());
    // Their signer with our private key makes our signature.
    let origin = trail.incarnations[0].origin.clone();
    let private = PrivateKey::from_seed(&origin, &Hash::of(b"simulated log key").0);
    let signer = signed_note::StandardSigner::new(&private.to_text()).unwrap();
    let mut signed = signed_note::Note::new(note.text.as_bytes(), &[]).unwrap();
    signed.add_sigs(&[&signer]).unwrap();
    let alone = Note { text: note.text.clone(), signatures: vec![note.signatures[0].clone()] };
    assert_eq!(String::from_utf8(signed.to_bytes()).unwrap(), alone.to_string());
}
