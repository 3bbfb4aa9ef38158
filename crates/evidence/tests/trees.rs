//! Trees and tiles against a naive model, and against other people's programs.

mod simulated;

use audit_evidence::add_checkpoint::{AddCheckpoint, Refusal};
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::hash::Hash;
use audit_evidence::note::{Note, PrivateKey};
use audit_evidence::tiles::{Appender, Rebuild, Row, Span, Tile, TileNodes, joined, must_merge};
use audit_evidence::tree::{BadProof, Frontier, consistency, inclusion, root, verify_consistency, verify_inclusion};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use simulated::{Log, Trail};
use tlog_tiles::{HashReader, check_record, check_tree, stored_hashes_for_record_hash};

fn entry(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn log(size: u64) -> Log {
    Log { leaves: (0..size).map(|number| Hash::of_leaf(&entry(number))).collect() }
}

/// RFC 6962, 2.1, word for word.
fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(b""),
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            Hash::of_node(&naive(&leaves[..split]), &naive(&leaves[split..]))
        }
    }
}

#[test]
fn proofs_of_every_size() {
    let all = log(300);
    let roots: Vec<Hash> = (0..=300).map(|size| naive(&all.leaves[..size])).collect();
    let mut frontier = Frontier::new();
    for size in 0..=300_u64 {
        assert_eq!(frontier.root(), roots[size as usize]);
        let bytes = frontier.to_bytes();
        assert_eq!(Frontier::from_bytes(size, &bytes), Some(frontier.clone()));
        let mut log = Log { leaves: all.leaves[..size as usize].to_vec() };
        assert_eq!(root(&mut log, size), Ok(roots[size as usize]));
        for index in 0..size {
            let path = inclusion(&mut log, index, size).unwrap();
            let leaf = &all.leaves[index as usize];
            assert_eq!(verify_inclusion(leaf, index, size, &path, &roots[size as usize]), Ok(()));
            assert!(verify_inclusion(leaf, index ^ 1, size, &path, &roots[size as usize]).is_err() || size == 1);
        }
        for old in 0..=size {
            let path = consistency(&mut log, old, size).unwrap();
            let (old_root, new_root) = (&roots[old as usize], &roots[size as usize]);
            assert_eq!(verify_consistency(old, size, &path, old_root, new_root), Ok(()), "{old} to {size}");
        }
        if size < 300 {
            frontier.push(all.leaves[size as usize]);
        }
    }
}

#[test]
fn spoilt_proofs() {
    let mut log = log(77);
    let (leaves, of_77, of_50) = (log.leaves.clone(), naive(&log.leaves), naive(&log.leaves[..50]));
    for (index, leaf) in leaves.iter().enumerate() {
        let path = inclusion(&mut log, index as u64, 77).unwrap();
        for place in 0..path.len() {
            let mut spoilt = path.clone();
            spoilt[place].0[3] ^= 1;
            assert_eq!(verify_inclusion(leaf, index as u64, 77, &spoilt, &of_77), Err(BadProof::Root));
            spoilt.remove(place);
            assert!(verify_inclusion(leaf, index as u64, 77, &spoilt, &of_77).is_err());
        }
        let longer = [path, vec![*leaf]].concat();
        assert_eq!(verify_inclusion(leaf, index as u64, 77, &longer, &of_77), Err(BadProof::Length));
    }
    let path = consistency(&mut log, 50, 77).unwrap();
    for place in 0..path.len() {
        let mut spoilt = path.clone();
        spoilt[place].0[3] ^= 1;
        assert_eq!(verify_consistency(50, 77, &spoilt, &of_50, &of_77), Err(BadProof::Root));
        spoilt.remove(place);
        assert!(verify_consistency(50, 77, &spoilt, &of_50, &of_77).is_err());
    }
    assert_eq!(verify_consistency(78, 77, &path, &of_50, &of_77), Err(BadProof::OutOfRange));
    assert_eq!(verify_inclusion(&leaves[0], 77, 77, &[], &of_77), Err(BadProof::OutOfRange));
    assert_eq!(verify_consistency(0, 77, &[], &of_50, &of_77), Err(BadProof::Root));
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

/// A witness made of other people's parts: it remembers what it saw and signs only what continues it.
struct Witness {
    key: signed_note::StandardVerifier,
    seen: Option<(u64, tlog_tiles::Hash)>,
}

impl Witness {
    fn add(&mut self, request: &str) -> Result<(), String> {
        let (old, note) = request.split_once("\n\n").ok_or("no request")?;
        let mut lines = old.lines();
        let old: u64 = lines.next().and_then(|line| line.strip_prefix("old ")?.parse().ok()).ok_or("no size")?;
        let proof: Vec<_> = lines.map(|line| tlog_tiles::Hash::parse_hash(line).unwrap()).collect();
        let note = signed_note::Note::from_bytes(note.as_bytes()).map_err(|error| error.to_string())?;
        let known = signed_note::VerifierList::new(vec![Box::new(self.key.clone())]);
        note.verify(&known).map_err(|error| error.to_string())?;
        let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|error| error.to_string())?;
        if let Some((size, hash)) = self.seen {
            if old != size {
                return Err("409".into());
            }
            check_tree(&proof, checkpoint.size(), *checkpoint.hash(), size, hash).map_err(|_| "a fork")?;
        }
        self.seen = Some((checkpoint.size(), *checkpoint.hash()));
        Ok(())
    }
}

#[test]
fn a_witness_refuses_a_fork() {
    let mut trail = Trail::new();
    let mut seal = |trail: &mut Trail| {
        trail.record(Trail::workspace(1), 1);
        trail.record(Trail::workspace(2), 1);
        trail.seal();
    };
    seal(&mut trail);
    let origin = trail.incarnations[0].origin.clone();
    let key = PrivateKey::from_seed(&origin, &Hash::of(b"simulated log key").0).public_key().to_string();
    let mut witness = Witness { key: signed_note::StandardVerifier::new(&key).unwrap(), seen: None };
    witness.add(&trail.add_checkpoint(0).to_string()).unwrap();
    let first = Checkpoint::parse(&trail.note(0, 2).text).unwrap();
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

    // Our own signer judges alike.
    let second = Checkpoint::parse(&trail.note(0, 4).text).unwrap();
    let parsed = |request: AddCheckpoint| AddCheckpoint::parse(&request.to_string()).unwrap();
    assert_eq!(parsed(trail.add_checkpoint(2)).accept(Some(&first)), Ok(second.clone()));
    assert_eq!(parsed(forked.add_checkpoint(4)).accept(Some(&second)), Err(Refusal::Fork(BadProof::Root)));
    assert_eq!(parsed(trail.add_checkpoint(2)).accept(Some(&second)), Err(Refusal::OtherOldSize { signed: 4 }));
    assert_eq!(parsed(trail.add_checkpoint(4)).accept(Some(&second)), Ok(second));
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

/// A log as it is stored, with the rows of each tile.
#[derive(Default)]
struct Stored {
    rows: Vec<Row>,
    frontier: Frontier,
    leaves: Vec<Hash>,
}

impl Stored {
    fn seal(&mut self, count: u64) {
        let mut appender = Appender::new(self.frontier.clone());
        let mut rows = Vec::new();
        for _ in 0..count {
            let leaf = Hash::of_leaf(&entry(self.leaves.len() as u64));
            appender.push(leaf, &[7; 16], &mut rows);
            self.leaves.push(leaf);
        }
        self.frontier = appender.finish(Some(9), &mut rows);
        self.rows.extend(rows);
        self.merge();
    }

    fn merge(&mut self) {
        let tile = |row: &Row| (row.level, row.first / 256);
        let mut tiles: Vec<_> = self.rows.iter().map(tile).collect();
        tiles.sort_unstable();
        tiles.dedup();
        for one in tiles {
            let mut of_tile: Vec<Row> = self.rows.iter().filter(|row| tile(row) == one).cloned().collect();
            of_tile.sort_by_key(|row| row.first);
            let spans: Vec<Span> =
                of_tile.iter().map(|row| Span { first: row.first, count: row.hashes.len() as u64 }).collect();
            if must_merge(&spans) {
                self.rows.retain(|row| tile(row) != one);
                self.rows.push(joined(of_tile).unwrap());
            }
        }
    }

    fn of_level(&self, level: u32) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.level == level).collect();
        rows.sort_by_key(|row| row.first);
        rows
    }

    fn tile(&self, level: u32, tile: u64) -> Vec<Hash> {
        let of_tile = self.of_level(level).into_iter().filter(|row| row.first / 256 == tile);
        of_tile.flat_map(|row| row.hashes.clone()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever the seals, the stored rows are the log: heads, proofs at every sealed size, and the check of all rows.
    #[test]
    fn stored_rows_are_the_log(seals in prop::collection::vec(prop_oneof![1..4_u64, 1..700_u64], 1..50)) {
        let mut stored = Stored::default();
        let mut sizes = vec![0];
        for count in seals {
            stored.seal(count);
            sizes.push(stored.leaves.len() as u64);
            prop_assert_eq!(stored.frontier.root(), naive(&stored.leaves));
            let last = stored.of_level(0).into_iter().next_back().unwrap().clone();
            let close = last.close.clone().unwrap();
            prop_assert_eq!((close.head_index, &close.frontier), (Some(9), &stored.frontier));
        }
        let size = stored.leaves.len() as u64;
        let mut nodes = TileNodes::new(|level, tile| Ok::<_, ()>(stored.tile(level, tile)));
        for old in &sizes {
            let old_root = naive(&stored.leaves[..*old as usize]);
            prop_assert_eq!(root(&mut nodes, *old), Ok(old_root));
            let path = consistency(&mut nodes, *old, size).unwrap();
            prop_assert_eq!(verify_consistency(*old, size, &path, &old_root, &stored.frontier.root()), Ok(()));
            if *old > 0 {
                let path = inclusion(&mut nodes, old - 1, size).unwrap();
                let leaf = &stored.leaves[*old as usize - 1];
                prop_assert_eq!(verify_inclusion(leaf, old - 1, size, &path, &stored.frontier.root()), Ok(()));
            }
        }
        let mut rebuild = Rebuild::new(16);
        let mut upper = Vec::new();
        for row in stored.of_level(0) {
            prop_assert_eq!(rebuild.row(row, |level, place, hash| upper.push((level, place, hash))), Ok(()));
        }
        for (level, place, hash) in upper {
            prop_assert_eq!(stored.tile(level, place / 256)[(place % 256) as usize], hash);
        }
    }

    /// Nothing that is no note, checkpoint or request is taken for one, and what is taken is printed as it came.
    #[test]
    fn texts_have_one_form(text in "[ -~\n—]{0,80}") {
        if let Some(note) = Note::parse(&text) {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        if let Some(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }
}
