//! Legal holds. Held events are archived as usual, but neither purged nor erased until the hold is released.
//!
//! A hold is on a workspace, or on one user in it; then events by and about that user are held. Placing a hold and removing events of the
//! same workspace wait for each other ([`crate::interlock`]). A removal reads the holds that are committed at that moment, however old the
//! snapshot of its transaction is.

use audit_core::argument::{self, Argument};
use audit_core::catalogue::{COLD_CHUNKS, HOLDS};
use audit_core::deletion::hold::{self, Hold};
use audit_core::ids::{UserId, WorkspaceId};
use pgrx::pg_sys::{TIMESTAMPTZOID, UUIDOID};

use crate::cluster;
use crate::error::Error;
use crate::interlock::{self, Contention};
use crate::pg::call::{Answer, Call};
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::shape::Named;
use crate::pg::snapshot::Snapshot;
use crate::pg::{parameter, spi};
use crate::principal::Principal;
use crate::storage::{Interference, Storage, StorageError};

/// Columns of `audit_legal_holds`.
static SHAPE: [Named; 4] = [
    Named::needed("id", UUIDOID),
    Named::needed("workspace_id", UUIDOID),
    Named::needed("user_id", UUIDOID),
    Named::needed("released_at", TIMESTAMPTZOID),
];
const ID: i16 = 1;
const WORKSPACE_ID: i16 = 2;
const USER_ID: i16 = 3;
const RELEASED_AT: i16 = 4;

/// The holds in force on a workspace, as committed now.
pub fn in_force(storage: &Storage, workspace: WorkspaceId) -> Result<Vec<Hold>, Error> {
    let missing = || StorageError::missing(HOLDS);
    let table = Relation::open(storage.essential(HOLDS), AccessShareLock).ok_or_else(missing)?;
    let index = table.index_on(&SHAPE, &[WORKSPACE_ID]).ok_or_else(missing)?;
    let keys = [IndexKey::UuidIs(1, workspace.0)];
    let mut scan = IndexScan::begin(table, index, &SHAPE, &keys, Direction::Ascending, Snapshot::latest())?;
    let mut holds = Vec::new();
    while scan.advance() {
        if let Some(id) = scan.uuid(ID).filter(|_| scan.is_null(RELEASED_AT)) {
            holds.push(Hold { id, user: scan.uuid(USER_ID).map(UserId) });
        }
    }
    holds.sort_unstable_by_key(|hold| hold.id);
    Ok(holds)
}

/// Refuses what may not be done while anything of the workspace is held. Holds come and go until [`interlock::freeze_protection`].
pub fn none_in_force(storage: &Storage, workspace: WorkspaceId) -> Result<(), Error> {
    Ok(hold::none(&in_force(storage, workspace)?)?)
}

fn reason(call: &Call, position: usize) -> Result<String, Argument> {
    argument::required("p_reason", call.text(position), "Say why, for example 'case 2026-17'.")
}

/// `place_audit_hold(p_workspace_id, p_reason, p_user_id)`.
pub fn place_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let workspace = call.uuid(0).map(WorkspaceId).ok_or(
        Argument::new("p_workspace_id")
            .problem("must not be null")
            .hint("A hold is placed on one workspace, or on one user in it."),
    )?;
    let reason = reason(call, 1)?;
    let principal = Principal::acting(&storage)?;
    cluster::log::enter(&storage)?;
    interlock::protect(&storage, workspace)?;
    forget_searches(&storage, workspace)?;
    let _permit = storage.writing(HOLDS)?;
    let sql = format!(
        "INSERT INTO {} (workspace_id, user_id, reason, placed_by_user_id, placed_by_role) \
         VALUES ($1, $2, $3, $4, $5) RETURNING id",
        storage.qualified(HOLDS)
    );
    let values = [
        parameter::uuid(workspace),
        (UUIDOID, call.datum(2)),
        parameter::text(&reason),
        parameter::uuid(principal.id),
        parameter::text(&principal.role),
    ];
    let id = spi::find_row_with(&sql, &values, |row| row.uuid(1));
    Ok(id.map(Answer::from).ok_or(Interference::Suppressed { table: HOLDS })?)
}

/// What erasures would make of files of cold storage was found out under other holds, or for other erasures, so it counts no more. Whoever erases in a file
/// waits for us. No time is compared: the clock may be set back.
pub fn forget_searches(storage: &Storage, workspace: WorkspaceId) -> Result<(), Error> {
    let permit = storage.writing(COLD_CHUNKS)?;
    let workspace = [parameter::uuid(workspace)];
    spi::count_with(&storage.fill(include_str!("../sql/cold/search_again.sql"), &[]), &workspace);
    drop(permit);
    // A transaction with an old snapshot does not see what was found later.
    let check = storage.fill(include_str!("../sql/cold/is_searched.sql"), &[]);
    match spi::find_row_as_committed(&check, &workspace, |row| row.bool(1)) {
        Some(false) => Ok(()),
        _ => Err(Contention::Turn { what: "having files of cold storage searched again" }.into()),
    }
}

/// `release_audit_hold(p_hold_id, p_reason)`.
pub fn release_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let reason = reason(call, 1)?;
    let hold = call.uuid(0).unwrap_or_default();
    let principal = Principal::acting(&storage)?;
    cluster::log::enter(&storage)?;
    let _permit = storage.writing(HOLDS)?;
    let sql = format!(
        "UPDATE {} SET released_at = clock_timestamp(), release_reason = $2, released_by_user_id = $3, \
         released_by_role = $4 WHERE id = $1 AND released_at IS NULL",
        storage.qualified(HOLDS)
    );
    match spi::count_with(
        &sql,
        &[
            parameter::uuid(hold),
            parameter::text(&reason),
            parameter::uuid(principal.id),
            parameter::text(&principal.role),
        ],
    ) {
        1 => Ok(Answer::Nothing),
        _ => Err(Argument::new("p_hold_id")
            .problem(format!("{hold} is no hold in force"))
            .hint("SELECT id, workspace_id, reason FROM audit_legal_holds WHERE released_at IS NULL.")
            .into()),
    }
}
