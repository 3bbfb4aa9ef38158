//! Which operations on stored events exclude each other. All locks are on objects that SQL cannot lock, and last to the end of the
//! transaction. Whoever records or reads events takes none of them.
//!
//! *Movers* (archive, restore, draining of default partitions, months that change tables) take events from one table to another. *Erasers*
//! (erasure, purge, adoption) search both tables for events of a workspace. If a search began before a move ended, it would find the event in neither
//! table. So movers and erasers wait for each other. Movers do not wait for movers, nor erasers for erasers.
//!
//! There is one archive run at a time. An eraser and whoever protects events of the same workspace, by a hold or its policy, wait for each
//! other: the eraser sees the protection, or the protection comes later. Changes of rights are made one at a time.
//!
//! Waiting is in a queue and has a time limit, because a client may leave a transaction open that moved events.

use std::collections::BTreeSet;

use audit_core::catalogue::{HOLDS, LOG_SEALS};
use audit_core::ids::WorkspaceId;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;

use crate::pg::lock::{self, LockMode};
use crate::pg::{deadline, role};
use crate::storage::{Storage, StorageError};

/// `what` gave up waiting for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contention {
    /// A lock on tables of the trail could not be had.
    Lock { what: &'static str },
    /// Another seal did not finish in time.
    Sealer,
    /// Others who move, remove or protect events did not finish in time.
    Turn { what: &'static str },
}

impl IntoReport for Contention {
    fn report(&self) -> Report {
        match self {
            Contention::Lock { what } => {
                Report::new(SqlState::RaiseException, format!("{what} gave up waiting for a lock"))
                    .hint("Long transactions hold the audit tables, or another maintenance run is at work; try again later. Nothing was changed.")
            }
            Contention::Sealer => Report::new(SqlState::RaiseException, "another seal is at work")
                .hint("Try again when it is over: one seals at a time, and takes what this one would have taken. pg_stat_activity shows open transactions by xact_start."),
            Contention::Turn { what } => {
                Report::new(SqlState::RaiseException, format!("{what} waited too long for its turn"))
                    .detail("An archive run, restore, erasure, purge or change of a hold or policy is at work, or its transaction was left open.")
                    .hint("Try again when it is over; pg_stat_activity shows open transactions by xact_start. Nothing was changed.")
            }
        }
    }
}

/// Objects of `audit_events`.
const STORED_EVENTS: u32 = 1;
const RIGHTS: u32 = 2;
/// Objects of `audit_events_archive`.
const ARCHIVE_RUN: u32 = 1;
/// Objects of `audit_log_seals`.
const SEAL: u32 = 1;
/// Workspaces share this many locks on their protection, so that the lock table stays small.
const PROTECTION_LOCKS: u32 = 256;

/// Waits for erasers, and keeps them out until the end of the transaction. `what` names the operation in the error.
pub fn move_events(storage: &Storage, what: &'static str) -> Result<(), Contention> {
    had(lock::object_in_turn(storage.events, STORED_EVENTS, LockMode::Shared), what)
}

/// As [`move_events`], for whoever takes this lock among others that are asked for together, under a lock_timeout.
pub fn move_events_with_others(storage: &Storage) {
    lock::object(storage.events, STORED_EVENTS, LockMode::Shared);
}

/// Whether an eraser waits for this transaction, which moves events.
pub fn is_eraser_waiting(storage: &Storage) -> bool {
    lock::object_has_waiters(storage.events, STORED_EVENTS, LockMode::Shared)
}

/// Waits for movers, and keeps out, until the end of the transaction, movers and changes of holds and policy of the workspace.
pub fn erase_events(storage: &Storage, workspace: WorkspaceId) -> Result<(), Contention> {
    freeze_protection(storage, workspace)?;
    had(lock::object_in_turn(storage.events, STORED_EVENTS, LockMode::OtherShared), REMOVING)
}

/// As [`erase_events`], of several workspaces at once.
pub fn erase_events_of_all(storage: &Storage, workspaces: &[WorkspaceId]) -> Result<(), Contention> {
    freeze_protection_of_all(storage, workspaces)?;
    change_events(storage, REMOVING)
}

/// Waits for movers, and keeps them out until the end of the transaction, whatever the workspace.
pub fn change_events(storage: &Storage, what: &'static str) -> Result<(), Contention> {
    had(lock::object_in_turn(storage.events, STORED_EVENTS, LockMode::OtherShared), what)
}

/// Keeps out, until the end of the transaction, changes of holds and policy of the workspace.
pub fn freeze_protection(storage: &Storage, workspace: WorkspaceId) -> Result<(), Contention> {
    had(lock::object_in_turn(storage.essential(HOLDS), bucket(workspace), LockMode::OtherShared), REMOVING)
}

/// As [`freeze_protection`], of several workspaces at once. The locks are taken in one order, so those who take several do not wait in a circle.
pub fn freeze_protection_of_all(storage: &Storage, workspaces: &[WorkspaceId]) -> Result<(), Contention> {
    let buckets: BTreeSet<u32> = workspaces.iter().copied().map(bucket).collect();
    let holds = storage.essential(HOLDS);
    let mut taken = buckets.into_iter().map(|bucket| lock::object_in_turn(holds, bucket, LockMode::OtherShared));
    had(taken.all(|taken| taken), REMOVING)
}

/// Keeps out, until the end of the transaction, whoever erases, purges or approves by the former holds and policy.
pub fn protect(storage: &Storage, workspace: WorkspaceId) -> Result<(), Contention> {
    had(
        lock::object_in_turn(storage.essential(HOLDS), bucket(workspace), LockMode::Shared),
        "protecting events by a hold or policy",
    )
}

/// Limits the time to the end of a transaction that holds strong locks on the trail, unless the owner
/// called.
pub fn end_soon(storage: &Storage) {
    if !role::has_rights_of(role::outer_user(), storage.owner) {
        deadline::begin();
    }
}

/// Waits for whoever seals, and keeps out others until the end of the transaction. Whether it could be had.
pub fn seal(storage: &Storage) -> Result<bool, StorageError> {
    Ok(lock::object_in_turn(storage.oid(LOG_SEALS)?, SEAL, LockMode::Exclusive))
}

const REMOVING: &str = "removing events";

fn had(turn: bool, what: &'static str) -> Result<(), Contention> {
    if turn { Ok(()) } else { Err(Contention::Turn { what }) }
}

/// Tries to become the archive run, without waiting.
pub fn try_archive_run(storage: &Storage) -> bool {
    lock::try_object(storage.archive, ARCHIVE_RUN)
}

/// Whether somebody else is archiving now.
pub fn is_archive_running(storage: &Storage) -> bool {
    lock::is_object_taken(storage.archive, ARCHIVE_RUN)
}

/// Until the end of the transaction nobody else changes rights on the trail: Postgres fails a GRANT that meets another on the same object.
pub fn change_rights(storage: &Storage) {
    lock::object(storage.events, RIGHTS, LockMode::Exclusive);
}

fn bucket(workspace: WorkspaceId) -> u32 {
    (workspace.0.as_u128() % u128::from(PROTECTION_LOCKS)) as u32
}
