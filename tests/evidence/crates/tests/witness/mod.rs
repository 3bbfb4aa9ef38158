//! A witness (C2SP tlog-witness).

use tlog_tiles::check_tree;

/// A witness made of other people's parts: it remembers what it saw and signs only what continues it.
pub struct Witness {
    key: signed_note::StandardVerifier,
    seen: Option<(u64, tlog_tiles::Hash)>,
}

impl Witness {
    pub fn new(key: &str) -> Witness {
        Witness { key: signed_note::StandardVerifier::new(key).unwrap(), seen: None }
    }

    pub fn add(&mut self, request: &str) -> Result<(), String> {
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
