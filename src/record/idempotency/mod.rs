//! Idempotency keys: a caller's second attempt gives the event of the first one.
//!
//! Whoever records with a key claims it: under a lock of the key, which is held until the key is stored, both tables are searched for it, also
//! for keys of transactions that still run. Such a transaction is waited for, without the lock. So two attempts meet at the key's row and
//! nowhere else, whatever their snapshots are, and an attempt goes on where the first one was rolled back.
//!
//! What a key recorded is the stored event itself; no copy or digest of its values is kept, because it would outlive an erasure. An event that
//! is in the database no more (purged, or in cold storage) cannot be compared: its key gives its id.

mod content;
pub mod swap;
mod tables;

use std::rc::Rc;

use audit_core::event::idempotency::{self, KeyError};
use audit_core::ids::{EventId, UserId, WorkspaceId};
use audit_evidence::hash::Hash;
use uuid::Uuid;

use self::tables::{Found, Tables};
use super::context::Context;
use super::draft::Draft;
use crate::error::Error;
use crate::membership;
use crate::pg::datum::{self, Datum};
use crate::pg::leaf_insert::refuse_where_nothing_may_be_written;
use crate::pg::lock::BriefLock;
use crate::pg::transaction;
use crate::storage::Storage;

/// What a key stands for.
pub enum Claim {
    /// It has recorded this event of the workspace.
    Known(Known),
    /// It is this call's.
    New(NewKey),
}

pub struct Known {
    event: EventId,
    workspace: WorkspaceId,
}

/// A key that is to record an event. Until then others who have the same key wait.
pub struct NewKey {
    tables: Tables,
    hash: Uuid,
    lock: BriefLock,
}

/// Claims a key for the workspace of an event. None where it has no workspace, or no user who could be a member, which is refused when
/// it is recorded.
pub fn claim(storage: &Rc<Storage>, draft: &Draft, key: Datum) -> Result<Option<Claim>, Error> {
    refuse_where_nothing_may_be_written();
    let key = datum::read_bytes(key);
    idempotency::check(key)?;
    let Some(workspace) = draft.workspace_id.map(datum::read_uuid).map(WorkspaceId) else { return Ok(None) };
    // Whoever may not act in the workspace is not told which keys it has.
    match draft.created_by_user_id.map(datum::read_uuid).map(UserId) {
        Some(user) => membership::check_where_rows_are(storage, workspace, user)?,
        None if membership::has_source(storage)? => return Ok(None),
        None => {}
    }
    let hash = hash(workspace, key);
    let tables = Tables::lock(storage)?;
    loop {
        let lock = tables.lock_key(hash);
        match tables.find(hash)? {
            Found::Nothing => return Ok(Some(Claim::New(NewKey { tables, hash, lock }))),
            Found::Event(event) => return Ok(Some(Claim::Known(Known { event, workspace }))),
            Found::Unfinished(other) => {
                drop(lock);
                transaction::wait_for(other);
            }
        }
    }
}

fn hash(workspace: WorkspaceId, key: &[u8]) -> Uuid {
    let mut hashing = Hash::over();
    hashing.add(workspace.0.as_bytes());
    hashing.add(key);
    idempotency::hash_of(hashing.finish().0)
}

impl NewKey {
    /// Stores the key with the event that it recorded.
    pub fn store(self, event: Datum) -> Result<(), Error> {
        self.tables.store(self.hash, event)?;
        drop(self.lock);
        Ok(())
    }
}

impl Known {
    /// The id of the event, if what is given now is what it has. All events of this call are stored.
    pub fn answer(self, given: &Draft, storage: &Storage, context: Context) -> Result<Datum<'static>, Error> {
        match content::is_same(storage, self.workspace, self.event, given)? {
            true => Ok(datum::from_uuid(&self.event.0)),
            false => Err(context.about_element(KeyError::OtherContent)),
        }
    }
}
