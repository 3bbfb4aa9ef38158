//! What a simulated trail gives away: bundles, receipts and tiles.

use audit_evidence::add_checkpoint::AddCheckpoint;
use audit_evidence::bundle::{self, Head, Header, Line, Removed, RootHead, Vouching};
use audit_evidence::deletion::Operation;
use audit_evidence::field::Field;
use audit_evidence::hash::join;
use audit_evidence::leaf::{Disclosed, LeafMaker, SealKey};
use audit_evidence::receipt::Receipt;
use audit_evidence::tiles::{Appender, Tile, TileNodes, entries_path};
use audit_evidence::tree::{Frontier, Nodes, consistency, inclusion};
use uuid::Uuid;

use super::{Event, Log, Trail, values};

/// What an export is asked for.
#[derive(Clone, Default)]
pub struct Wanted<'w> {
    pub first: u64,
    pub fields: Option<&'w [Field]>,
    pub since: Option<u64>,
}

fn prefix(log: &Log, first: u64) -> Frontier {
    let mut prefix = Frontier::new();
    log.leaves[..first as usize].iter().for_each(|leaf| prefix.push(*leaf));
    prefix
}

impl Event {
    pub fn disclosed(&self) -> Option<Disclosed> {
        let (columns, key) = self.row.as_ref()?;
        Some(LeafMaker::new().disclose(&values(columns), &SealKey::from_bytes(key).unwrap()).unwrap())
    }

    fn is_vouching(&self) -> bool {
        let action = self.row.as_ref().and_then(|(columns, _)| columns.get(&Field::ActionType));
        action.is_some_and(|action| Operation::is_vouching(action))
    }

    /// The columns that are shown: an event that vouches always says what for.
    fn shown(&self, fields: Option<&[Field]>) -> Option<Vec<Field>> {
        let mut fields = fields?.to_vec();
        if self.is_vouching() {
            fields.extend([Field::ActionType, Field::ResourceType, Field::ResourceId]);
        }
        Some(fields)
    }
}

impl Trail {
    pub fn bundle(&self, workspace: Uuid, wanted: &Wanted) -> String {
        let (log, events) = (&self.logs[&workspace], &self.events[&workspace]);
        let fields = wanted.fields.map(<[Field]>::to_vec);
        let prefix = prefix(log, wanted.first).roots().to_vec();
        let mut text = line(&Line::Header(Header { workspace: Some(workspace), first: wanted.first, fields, prefix }));
        for (index, event) in events.iter().enumerate().skip(wanted.first as usize) {
            text += &self.event_line(index as u64, event, wanted);
        }
        for (_, deletion) in self.deletions.iter().filter(|(of, _)| *of == workspace) {
            text += &self.deletion_line(workspace, deletion, wanted);
        }
        let mut newest = String::new();
        for (number, incarnation) in self.incarnations.iter().enumerate() {
            let place = incarnation.heads.iter().rposition(|(of, _)| *of == workspace);
            let Some(place) = place else { continue };
            let size = incarnation.log.leaves.len() as u64;
            newest = self.note(number, size).to_string();
            let path = inclusion(&mut incarnation.log.clone(), place as u64, size).unwrap();
            let head = incarnation.heads[place].1.to_string();
            let checkpoint = newest.clone();
            text += &line(&Line::Head(Head { index: place as u64, head, path, checkpoint, timestamps: Vec::new() }));
        }
        if let Some(old) = wanted.since {
            let log = &self.incarnations.last().unwrap().log;
            let path = consistency(&mut log.clone(), old, log.leaves.len() as u64).unwrap();
            text += &line(&Line::Consistency { old, path, checkpoint: newest });
        }
        text
    }

    fn event_line(&self, index: u64, event: &Event, wanted: &Wanted) -> String {
        let Some(disclosed) = event.disclosed() else {
            let deletion_log_id = event.taken_by.unwrap();
            return line(&Line::Removed(Removed { index, id: event.id, leaf: event.leaf, deletion_log_id }));
        };
        let fields = event.shown(wanted.fields);
        let (disclosures, withheld) = disclosed.select(fields.as_deref());
        let digests = withheld.iter().map(String::as_str).collect();
        line(&Line::Event(bundle::Event { index, disclosures, digests, deletion_log_id: event.taken_by }))
    }

    fn deletion_line(&self, workspace: Uuid, deletion: &super::Deletion, wanted: &Wanted) -> String {
        let (events, mut log) = (&self.events[&workspace], self.logs[&workspace].clone());
        let id = deletion.entry.id().to_string();
        let names = |event: &Event| {
            let columns = event.row.as_ref().map(|(columns, _)| columns);
            event.is_vouching() && columns.and_then(|columns| columns.get(&Field::ResourceId)) == Some(&id)
        };
        let sealed = events.iter().position(names).map(|place| place as u64);
        let disclosed = match sealed {
            Some(place) if place >= wanted.first => None,
            Some(place) => events[place as usize].disclosed(),
            None => self.waiting.iter().find(|(_, event)| names(event)).and_then(|(_, event)| event.disclosed()),
        };
        let selected = disclosed.as_ref().map(|disclosed| disclosed.select(None));
        let path = |index| inclusion(&mut log, index, events.len() as u64).unwrap();
        let path = sealed.filter(|_| selected.is_some()).map(path).unwrap_or_default();
        let vouching = selected.as_ref().map(|(disclosures, withheld)| Vouching {
            index: sealed,
            disclosures: disclosures.clone(),
            digests: withheld.iter().map(String::as_str).collect(),
            path,
        });
        let (entry, parts) = (deletion.entry.clone(), deletion.parts.clone());
        line(&Line::Deletion(bundle::Deletion { entry, parts, vouching }))
    }

    pub fn root_bundle(&self) -> String {
        let mut text = line(&Line::Header(Header { workspace: None, first: 0, fields: None, prefix: Vec::new() }));
        for (number, incarnation) in self.incarnations.iter().enumerate() {
            text += &line(&Line::Incarnation(incarnation.origin.clone()));
            for (index, (workspace, head)) in incarnation.heads.iter().enumerate() {
                let (index, root) = (index as u64, head.root);
                text += &line(&Line::RootHead(RootHead { index, workspace: *workspace, size: head.size, root }));
            }
            let size = incarnation.log.leaves.len() as u64;
            text += &line(&Line::Checkpoint(self.note(number, size).to_string()));
        }
        text
    }

    pub fn receipt(&self, workspace: Uuid, index: u64, fields: Option<&[Field]>) -> Receipt {
        let (number, incarnation) = (self.incarnations.len() - 1, self.incarnations.last().unwrap());
        let event = &self.events[&workspace][index as usize];
        let disclosed = event.disclosed().unwrap();
        let place = incarnation.heads.iter().rposition(|(of, _)| *of == workspace).unwrap();
        let head = &incarnation.heads[place].1;
        let size = incarnation.log.leaves.len() as u64;
        let texts = |path: Vec<audit_evidence::hash::Hash>| path.iter().map(|hash| hash.to_base64()).collect();
        Receipt {
            v: 1,
            event_id: event.id.to_string(),
            workspace_id: workspace.to_string(),
            index,
            entry: disclosed.entry.clone(),
            disclosures: disclosed.select(fields).0.into_iter().map(String::from).collect(),
            path: texts(inclusion(&mut self.logs[&workspace].clone(), index, head.size).unwrap()),
            head: head.to_string(),
            head_index: place as u64,
            head_path: texts(inclusion(&mut incarnation.log.clone(), place as u64, size).unwrap()),
            checkpoint: self.note(number, size).to_string(),
        }
    }

    /// What a signer or a witness is asked.
    pub fn add_checkpoint(&self, old: u64) -> AddCheckpoint {
        let (number, incarnation) = (self.incarnations.len() - 1, self.incarnations.last().unwrap());
        let size = incarnation.log.leaves.len() as u64;
        let proof = consistency(&mut incarnation.log.clone(), old, size).unwrap();
        AddCheckpoint { old_size: old, proof, note: self.note(number, size) }
    }

    /// The root log as tlog-tiles.
    pub fn root_files(&self) -> Vec<(String, Vec<u8>)> {
        let (number, incarnation) = (self.incarnations.len() - 1, self.incarnations.last().unwrap());
        let size = incarnation.log.leaves.len() as u64;
        let mut files = vec![("checkpoint".into(), self.note(number, size).to_string().into_bytes())];
        files.extend(tile_files(&incarnation.log));
        for tile in Tile::of_level(size, 0) {
            let first = (tile.place * 256) as usize;
            let mut entries = Vec::new();
            for (_, head) in &incarnation.heads[first..first + tile.width as usize] {
                let entry = head.to_string();
                entries.extend((entry.len() as u16).to_be_bytes());
                entries.extend(entry.bytes());
            }
            files.push((entries_path(tile.place, tile.width), entries));
        }
        files
    }

    /// The log of a workspace as tiles, with its head.
    pub fn workspace_files(&self, workspace: Uuid) -> Vec<(String, Vec<u8>)> {
        let bundle = self.bundle(workspace, &Wanted::default());
        let head = bundle.lines().rfind(|line| line.starts_with(r#"{"kind":"head""#)).unwrap();
        let mut files = vec![("head".into(), format!("{head}\n").into_bytes())];
        files.extend(tile_files(&self.logs[&workspace]));
        files
    }
}

/// Through the rows that a seal would write.
fn tile_files(log: &Log) -> Vec<(String, Vec<u8>)> {
    let (mut appender, mut rows) = (Appender::new(Frontier::new()), Vec::new());
    log.leaves.iter().for_each(|leaf| appender.push(*leaf, &[], &mut rows));
    appender.finish(None, &mut rows);
    let mut files = Vec::new();
    for row in rows {
        let width = row.hashes.len() as u64;
        let tile = Tile { level: row.level, place: row.first / 256, width };
        files.push((tile.path(), join(&row.hashes)));
    }
    files
}

/// A reader of tiles over the same rows.
pub fn tile_nodes(log: &Log) -> impl Nodes<Error = impl std::fmt::Debug> {
    let files: std::collections::BTreeMap<_, _> = tile_files(log)
        .into_iter()
        .map(|(path, bytes)| {
            let mut parts = path.split('/').skip(1);
            let level: u32 = parts.next().unwrap().parse().unwrap();
            let place: u64 = parts.next().unwrap().trim_end_matches(".p").parse().unwrap();
            ((level, place), audit_evidence::hash::split(&bytes).unwrap())
        })
        .collect();
    TileNodes::new(move |level, tile| files.get(&(level, tile)).cloned().ok_or(()))
}

fn line(line: &Line) -> String {
    format!("{line}\n")
}
