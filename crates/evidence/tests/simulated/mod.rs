//! A trail without a server: it records, seals, erases, purges and exports as the extension does, with the same functions. Everything follows from the
//! order of the calls, so what it writes is the same each time.

#![allow(dead_code, reason = "each test uses a part")]

pub mod export;

use std::collections::BTreeMap;

use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::deletion::{ADOPTION, Entry, ListWriter, Listed, Operation, Value};
use audit_evidence::field::{Field, Values};
use audit_evidence::hash::Hash;
use audit_evidence::leaf::{LeafMaker, SealKey};
use audit_evidence::note::{Note, PrivateKey};
use audit_evidence::tree::{Frontier, Nodes};
use uuid::Uuid;

pub const BASE: &str = "audit-ext";

/// A row, or what is left of one.
#[derive(Clone)]
pub struct Event {
    pub id: Uuid,
    pub leaf: Hash,
    /// `None` once it is purged or in cold storage.
    pub row: Option<(BTreeMap<Field, String>, Vec<u8>)>,
    pub taken_by: Option<Uuid>,
}

/// The log of a workspace, or a root log.
#[derive(Clone, Default)]
pub struct Log {
    pub leaves: Vec<Hash>,
}

impl Nodes for Log {
    type Error = ();

    fn node(&mut self, level: u32, place: u64) -> Result<Hash, ()> {
        let first = (place << level) as usize;
        let mut subtree = Frontier::new();
        self.leaves[first..first + (1 << level)].iter().for_each(|leaf| subtree.push(*leaf));
        Ok(subtree.root())
    }
}

impl Log {
    pub fn root(&self) -> Hash {
        let mut log = Frontier::new();
        self.leaves.iter().for_each(|leaf| log.push(*leaf));
        log.root()
    }
}

#[derive(Clone)]
pub struct Incarnation {
    pub origin: String,
    pub log: Log,
    /// Of each leaf: the workspace and the head.
    pub heads: Vec<(Uuid, Checkpoint)>,
    /// Sizes after each seal.
    pub seals: Vec<u64>,
}

#[derive(Clone)]
pub struct Deletion {
    pub entry: Entry,
    pub parts: Vec<Vec<u8>>,
}

#[derive(Clone)]
pub struct Trail {
    pub incarnations: Vec<Incarnation>,
    pub logs: BTreeMap<Uuid, Log>,
    pub events: BTreeMap<Uuid, Vec<Event>>,
    /// Recorded and not sealed yet.
    pub waiting: Vec<(Uuid, Event)>,
    pub deletions: Vec<(Uuid, Deletion)>,
    drawn: u64,
}

pub fn log_key() -> PrivateKey {
    PrivateKey::from_seed(BASE, &Hash::of(b"simulated log key").0)
}

pub fn witness_key() -> PrivateKey {
    PrivateKey::from_seed("witness.example/w1", &Hash::of(b"simulated witness key").0)
}

impl Trail {
    pub fn new() -> Self {
        let mut trail = Self {
            incarnations: Vec::new(),
            logs: BTreeMap::new(),
            events: BTreeMap::new(),
            waiting: Vec::new(),
            deletions: Vec::new(),
            drawn: 0,
        };
        trail.begin_incarnation();
        trail
    }

    fn draw(&mut self, what: &str) -> Hash {
        self.drawn += 1;
        Hash::of(format!("{what} {}", self.drawn).as_bytes())
    }

    pub fn begin_incarnation(&mut self) {
        let root_log = Uuid::from_slice(&self.draw("root log").0[..16]).unwrap();
        let origin = format!("{BASE}/{root_log}");
        let seals = vec![0];
        self.incarnations.push(Incarnation { origin, log: Log::default(), heads: Vec::new(), seals });
    }

    pub fn workspace(number: u64) -> Uuid {
        Uuid::from_slice(&Hash::of(format!("workspace {number}").as_bytes()).0[..16]).unwrap()
    }

    pub fn person(number: u64) -> String {
        Uuid::from_slice(&Hash::of(format!("person {number}").as_bytes()).0[..16]).unwrap().to_string()
    }

    /// Records an ordinary event.
    pub fn record(&mut self, workspace: Uuid, person: u64) -> Uuid {
        let number = self.drawn;
        let resource = Uuid::from_slice(&self.draw("resource").0[..16]).unwrap().to_string();
        let columns = [
            (Field::CreatedByUserId, Self::person(person)),
            (Field::ActionType, "RENAME_WORKSPACE".into()),
            (Field::ResourceType, "workspace".into()),
            (Field::ResourceId, resource),
            (Field::OldValues, format!(r#"{{"name": "Acme {number}", "plan": "free"}}"#)),
            (Field::NewValues, format!(r#"{{"name": "Acme Inc {number}", "plan": "free"}}"#)),
            (Field::ChangedFields, "{name}".into()),
            (Field::IpAddress, format!("203.0.113.{}", number % 256)),
            (Field::UserAgent, "Mozilla/5.0 \"quoted\" \\ back".into()),
            (Field::Metadata, r#"{"role": "app", "session_user": "app"}"#.into()),
        ];
        self.put(workspace, columns.into())
    }

    fn put(&mut self, workspace: Uuid, mut columns: BTreeMap<Field, String>) -> Uuid {
        let (key, number) = (self.draw("key"), self.drawn);
        let id = Uuid::from_u128((0x019a_1f00_7c00_7000 + u128::from(number)) << 64 | 1 << 63 | u128::from(number));
        columns.insert(Field::Id, id.to_string());
        columns.insert(Field::CreatedAt, format!("2026-10-26 12:00:00.{:06}+00", number % 1_000_000));
        columns.insert(Field::WorkspaceId, workspace.to_string());
        let key = key.0[..16].to_vec();
        let leaf = leaf(&columns, &key);
        self.waiting.push((workspace, Event { id, leaf, row: Some((columns, key)), taken_by: None }));
        id
    }

    /// Seals what waits: leaves by workspace and id, then a head for each workspace that was touched.
    pub fn seal(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.sort_by_key(|(workspace, event)| (*workspace, event.id));
        let mut touched = Vec::new();
        for (workspace, event) in waiting {
            self.logs.entry(workspace).or_default().leaves.push(event.leaf);
            self.events.entry(workspace).or_default().push(event);
            if touched.last() != Some(&workspace) {
                touched.push(workspace);
            }
        }
        let incarnation = self.incarnations.last_mut().unwrap();
        for workspace in touched {
            let log = &self.logs[&workspace];
            let head = Checkpoint::of_workspace(&incarnation.origin, workspace, log.leaves.len() as u64, log.root());
            incarnation.log.leaves.push(head.leaf());
            incarnation.heads.push((workspace, head));
        }
        incarnation.seals.push(incarnation.log.leaves.len() as u64);
    }

    fn columns_of_entry(&self, workspace: Uuid, subject: Option<&str>, authority: &str) -> BTreeMap<String, Value> {
        let text = |text: &str| Value::Text(text.into());
        let mut columns: BTreeMap<String, Value> =
            audit_evidence::deletion::COLUMNS.map(|name| (name.into(), Value::Null)).into();
        columns.insert("acting_role".into(), text("compliance"));
        columns.insert("deleted_at".into(), Value::Text(format!("2026-10-27 08:00:00.{:06}+00", self.drawn)));
        columns.insert("deleted_by_role".into(), text("app"));
        columns.insert("deletion_authority".into(), text(authority));
        columns.insert("event_count".into(), Value::Count(0));
        columns.insert("is_irrevocable".into(), Value::Bool(true));
        columns.insert("subject_user_id".into(), subject.map_or(Value::Null, text));
        columns.insert("workspace_id".into(), Value::Text(workspace.to_string()));
        columns
    }

    /// Enters a deletion with its list and records the event that vouches for it. Gives the entry's id.
    pub fn enter(&mut self, workspace: Uuid, mut columns: BTreeMap<String, Value>, listed: &[Listed]) -> Uuid {
        let (mut list, mut parts) = (ListWriter::default(), Vec::new());
        listed.iter().for_each(|one| parts.extend(list.push(*one)));
        if let Some((last, count, digest)) = list.finish() {
            parts.push(last);
            columns.insert("event_count".into(), Value::Count(count));
            columns.insert("event_ids_sha256".into(), Value::Text(digest.to_hex()));
        }
        let entry = Entry::new(columns).unwrap();
        let action = entry.operation().and_then(Operation::action).unwrap();
        self.vouch(workspace, action, entry.id(), entry.resource_type());
        let id = entry.id();
        self.deletions.push((workspace, Deletion { entry, parts }));
        id
    }

    pub fn vouch(&mut self, workspace: Uuid, action: &str, id: Uuid, resource_type: String) {
        let columns = [
            (Field::CreatedByUserId, Self::person(0)),
            (Field::ActionType, action.into()),
            (Field::ResourceType, resource_type),
            (Field::ResourceId, id.to_string()),
            (Field::NewValues, "{\"authority\": \"GDPR\"}".into()),
        ];
        self.put(workspace, columns.into());
    }

    fn take(&mut self, workspace: Uuid, columns: BTreeMap<String, Value>, ids: &[Uuid], op: fn(&mut Event)) -> Uuid {
        let events = &self.events[&workspace];
        let listed: Vec<Listed> = events
            .iter()
            .filter(|event| ids.contains(&event.id))
            .map(|event| Listed { id: event.id, leaf: Some(event.leaf) })
            .collect();
        let entry = self.enter(workspace, columns, &listed);
        for event in self.events.get_mut(&workspace).unwrap().iter_mut().filter(|event| ids.contains(&event.id)) {
            op(event);
            event.taken_by = Some(entry);
        }
        entry
    }

    pub fn erase(&mut self, workspace: Uuid, person: u64, ids: &[Uuid]) -> Uuid {
        let columns = self.columns_of_entry(workspace, Some(&Self::person(person)), "GDPR");
        self.take(workspace, columns, ids, erase)
    }

    /// A person over several workspaces: an entry of the whole, and a part in each workspace that names it.
    pub fn erase_person(&mut self, person: u64, workspaces: &[(Uuid, Vec<Uuid>)]) -> Vec<Uuid> {
        let kind = Value::Text("person_erasure".into());
        let mut whole = self.columns_of_entry(Uuid::nil(), Some(&Self::person(person)), "GDPR");
        whole.insert("kind".into(), kind.clone());
        let whole = self.enter(Uuid::nil(), whole, &[]);
        let mut entries = vec![whole];
        for (workspace, ids) in workspaces {
            let mut part = self.columns_of_entry(*workspace, Some(&Self::person(person)), "GDPR");
            part.insert("kind".into(), kind.clone());
            part.insert("parent_id".into(), Value::Text(whole.to_string()));
            entries.push(self.take(*workspace, part, ids, erase));
        }
        entries
    }

    pub fn purge(&mut self, workspace: Uuid, ids: &[Uuid]) -> Uuid {
        let columns = self.columns_of_entry(workspace, None, "RETENTION");
        self.take(workspace, columns, ids, |event| event.row = None)
    }

    pub fn release(&mut self, workspace: Uuid, ids: &[Uuid]) -> Uuid {
        let mut columns = self.columns_of_entry(workspace, None, "RETENTION");
        columns.insert("kind".into(), Value::Text("cold".into()));
        columns.insert("is_irrevocable".into(), Value::Bool(false));
        self.take(workspace, columns, ids, |event| event.row = None)
    }

    /// Events that were erased before they had a key get one as they are.
    pub fn adopt(&mut self, workspace: Uuid, ids: &[Uuid]) -> Uuid {
        let mut columns = self.columns_of_entry(workspace, None, ADOPTION);
        columns.insert("is_irrevocable".into(), Value::Bool(false));
        for (_, event) in self.waiting.iter_mut().filter(|(_, event)| ids.contains(&event.id)) {
            let (row, key) = event.row.as_mut().unwrap();
            row.retain(|field, _| !field.is_payload());
            event.leaf = leaf(row, key);
            erase(event);
        }
        let waiting = self.waiting.iter().filter(|(_, event)| ids.contains(&event.id));
        let listed: Vec<Listed> = waiting.map(|(_, event)| Listed { id: event.id, leaf: Some(event.leaf) }).collect();
        let entry = self.enter(workspace, columns, &listed);
        for (_, event) in self.waiting.iter_mut().filter(|(_, event)| ids.contains(&event.id)) {
            event.taken_by = Some(entry);
        }
        entry
    }

    /// The checkpoint of an incarnation at a size, signed by the log and a witness.
    pub fn note(&self, incarnation: usize, size: u64) -> Note {
        let of = &self.incarnations[incarnation];
        let log = Log { leaves: of.log.leaves[..size as usize].to_vec() };
        let checkpoint = Checkpoint { origin: of.origin.clone(), size, root: log.root() };
        let text = checkpoint.to_string();
        let signatures = vec![log_key().sign(&text, &of.origin), witness_key().cosign(&text, 1_793_000_000)];
        Note { text, signatures }
    }
}

pub fn erase(event: &mut Event) {
    let (columns, key) = event.row.as_mut().unwrap();
    let erased = LeafMaker::new().erased_key(&values(columns), &key.as_slice().try_into().unwrap());
    columns.retain(|field, _| !field.is_payload());
    *key = erased.to_vec();
}

pub fn values(columns: &BTreeMap<Field, String>) -> Values<'_> {
    let mut values = Values::default();
    columns.iter().for_each(|(field, value)| values.set(*field, value));
    values
}

fn leaf(columns: &BTreeMap<Field, String>, key: &[u8]) -> Hash {
    LeafMaker::new().leaf(&values(columns), &SealKey::from_bytes(key).unwrap()).unwrap()
}
