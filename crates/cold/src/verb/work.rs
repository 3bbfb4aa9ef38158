//! What all verbs work with: the database, the stores, and the report.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs::File;

use uuid::Uuid;

use crate::database::{Database, Grounds, Object, Selection};
use crate::failure::Failure;
use crate::file::Reader;
use crate::report::Report;
use crate::store::{Got, Location, Store, StoreError};

/// What was asked for.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Options {
    pub store: Option<Location>,
    pub workspace: Option<Uuid>,
    /// As `2026-01`.
    pub month: Option<String>,
    pub object: Option<Uuid>,
    pub event: Option<Uuid>,
    /// Of a file in the store.
    pub path: Option<String>,
    pub min_events: Option<i32>,
    pub grounds: Option<Grounds>,
    pub older_than: Option<String>,
    pub keep_condemned: Option<String>,
    pub is_deep: bool,
    pub reclaims: bool,
}

pub struct Work {
    pub options: Options,
    pub database: Database,
    pub report: Report,
    stores: HashMap<String, Store>,
    /// The URLs of stores that have a file which the catalog knows.
    pub recognised: HashSet<String>,
}

impl Work {
    pub fn new(options: Options, database: Database, report: Report) -> Work {
        Work { options, database, report, stores: HashMap::new(), recognised: HashSet::new() }
    }

    /// The objects that were asked for.
    pub fn selection(&self) -> Selection {
        let Options { store, workspace, month, object, .. } = &self.options;
        Selection {
            workspace: *workspace,
            month: month.as_ref().map(|month| format!("{month}-01")),
            object: *object,
            store: store.as_ref().map(|store| store.url.clone()),
        }
    }

    /// The store that was named.
    pub fn named_store(&mut self) -> Result<&Store, Failure> {
        let location = self.options.store.clone().ok_or_else(|| Failure::Usage("--store is missing".to_owned()))?;
        self.open(location)
    }

    /// The store of an object.
    pub fn store(&mut self, url: &str) -> Result<&Store, Failure> {
        match &self.options.store {
            Some(named) if named.url == url => self.named_store(),
            _ => self.open(Location::parse(url)?),
        }
    }

    fn open(&mut self, location: Location) -> Result<&Store, Failure> {
        match self.stores.entry(location.url.clone()) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(new) => Ok(new.insert(Store::open(location)?)),
        }
    }

    pub fn grounds(&self) -> Result<Grounds, Failure> {
        let missing = || Failure::Usage("--authority and --ticket are missing: events leave the database".to_owned());
        self.options.grounds.clone().ok_or_else(missing)
    }

    /// What the store has of an object, and the file without a name that it was read into, which vanishes with this process.
    pub fn fetch(&mut self, object: &Object) -> Result<(File, Got), Failure> {
        let mut file = spool()?;
        let length = u64::try_from(object.file_bytes).ok();
        let got = self.store(&object.store)?.get(&object.path, length, &mut file)?;
        Ok((file, got))
    }

    /// The file of an object, if it is the one that the catalog knows.
    pub fn open_file(&mut self, object: &Object) -> Result<Reader<File>, Failure> {
        let wrong =
            |problem: &str| StoreError::new(format!("object {}: its file {} {problem}", object.id, object.path));
        match self.fetch(object)? {
            (_, Got::Nothing) => Err(wrong("is not there").into()),
            (file, Got::Whole { hash, .. }) if Some(hash) == object.file_sha256 => Ok(Reader::new(file)?),
            _ => Err(wrong("is not the one that was stored").into()),
        }
    }
}

/// Where bytes are kept on their way. Nobody else can open it, and nothing of it is left, however this process ends.
pub fn spool() -> Result<File, StoreError> {
    tempfile::tempfile()
        .map_err(|error| StoreError::new(format!("spool in {}: {error}", std::env::temp_dir().display())))
}
