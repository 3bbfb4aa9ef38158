//! Trees and tiles against a naive model.

mod simulated;

use audit_evidence::add_checkpoint::{AddCheckpoint, Refusal};
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::hash::Hash;
use audit_evidence::note::Note;
use audit_evidence::tiles::{Appender, Row, Span, TileNodes, joined, must_merge};
use audit_evidence::tree::{BadProof, Frontier, consistency, inclusion, root, verify_consistency, verify_inclusion};
use audit_evidence::verify::stored::StoredLog;
use proptest::prelude::*;
use simulated::{Log, Trail};

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
    assert_eq!(Frontier::from_roots(u64::MAX, vec![of_77; 64]), None, "no room to grow");
    assert_eq!(Frontier::from_roots(77, vec![of_77; 3]), None);
    assert_eq!(verify_consistency(0, 77, &[], &of_50, &of_77), Err(BadProof::Root));
}

#[test]
fn a_signer_refuses_a_fork() {
    let mut trail = Trail::new();
    let seal = |trail: &mut Trail, person| {
        trail.record(Trail::workspace(1), person);
        trail.record(Trail::workspace(2), person);
        trail.seal();
    };
    seal(&mut trail, 1);
    let first = Checkpoint::parse(&trail.note(0, 2).text).unwrap();
    let mut forked = trail.clone();
    seal(&mut trail, 1);
    seal(&mut forked, 2);
    seal(&mut forked, 2);
    let second = Checkpoint::parse(&trail.note(0, 4).text).unwrap();
    let parsed = |request: AddCheckpoint| AddCheckpoint::parse(&request.to_string()).unwrap();
    assert_eq!(parsed(trail.add_checkpoint(2)).accept(Some(&first)), Ok(second.clone()));
    assert_eq!(parsed(forked.add_checkpoint(4)).accept(Some(&second)), Err(Refusal::Fork(BadProof::Root)));
    assert_eq!(parsed(trail.add_checkpoint(2)).accept(Some(&second)), Err(Refusal::OtherOldSize { signed: 4 }));
    assert_eq!(parsed(trail.add_checkpoint(4)).accept(Some(&second)), Ok(second));
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
            for tile in 0..=stored.leaves.len() as u64 / 256 {
                let rows = stored.of_level(0).into_iter().filter(|row| row.first / 256 == tile).count();
                prop_assert!(rows < 32 && (rows <= 1 || stored.tile(0, tile).len() < 256), "a tile is read in few steps");
            }
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
        let mut log = StoredLog::new(16);
        let mut upper = Vec::new();
        for row in stored.of_level(0) {
            prop_assert_eq!(log.row(row, |_, _| (), |level, place, hash| upper.push((level, place, hash))), Ok(()));
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
