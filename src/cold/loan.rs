//! The rows of `audit_cold_loans` that a restore writes: one for each event, so they go past statements as the events do ([`super::lend`]). Where somebody
//! else has attached something to the table, one statement writes them all.

use audit_core::catalogue::{COLD_LOANS, COLD_LOANS_INSERT_GUARD, FUNCTIONS_ONLY};
use audit_core::ids::WorkspaceId;
use pgrx::pg_sys::{BYTEAOID, TIMESTAMPTZOID, UUIDOID};
use uuid::Uuid;

use super::lend::opened;
use super::rows::Place;
use crate::direct;
use crate::error::Error;
use crate::pg::leaf_insert::{CompiledLeaf, Pending};
use crate::pg::record::Record;
use crate::pg::relation::Relation;
use crate::pg::shape::Named;
use crate::pg::{clock, datum, parameter, spi};
use crate::storage::{Interference, Storage};

static LOAN: [Named; 6] = [
    Named::needed("event_id", UUIDOID),
    Named::needed("workspace_id", UUIDOID),
    Named::needed("created_at", TIMESTAMPTZOID),
    Named::needed("object_id", UUIDOID),
    Named::needed("row_sha256", BYTEAOID),
    Named::needed("lent_at", TIMESTAMPTZOID),
];

/// The guard of the table asks for a permit, which the function that writes here would issue to itself.
const OURS: direct::Triggers = &[(COLD_LOANS_INSERT_GUARD, FUNCTIONS_ONLY, None)];

/// An event that was lent, and the digest of its row.
type Loan = (Place, [u8; 32]);

pub struct NewLoans<'a> {
    storage: &'a Storage,
    workspace: WorkspaceId,
    object: Uuid,
    table: Relation,
    /// None: by the statement, which writes all that wait.
    compiled: Option<CompiledLeaf>,
    rows: Pending,
    waiting: Vec<Loan>,
}

impl<'a> NewLoans<'a> {
    /// `what` names the operation, should it wait too long for a lock.
    pub fn begin(
        storage: &'a Storage,
        workspace: WorkspaceId,
        object: Uuid,
        what: &'static str,
    ) -> Result<NewLoans<'a>, Error> {
        let table = opened(storage.oid(COLD_LOANS)?, COLD_LOANS, what)?;
        let suits = direct::suits(storage, None, &table, OURS, &LOAN);
        let compiled = if suits { CompiledLeaf::compile(&table, &LOAN, |_, _| false) } else { None };
        Ok(NewLoans { storage, workspace, object, table, compiled, rows: Pending::new(), waiting: Vec::new() })
    }

    /// Adds a loan, which is stored at the end at the latest.
    pub fn add(&mut self, loan: Loan) -> Result<(), Interference> {
        let Some(leaf) = &self.compiled else {
            self.waiting.push(loan);
            return Ok(());
        };
        let ((time, event), row_sha256) = loan;
        let values = [
            datum::from_uuid(&event.0),
            datum::from_uuid(&self.workspace.0),
            datum::from_time(time),
            datum::from_uuid(&self.object),
            datum::from_bytes(&row_sha256),
            datum::from_time(clock::now()),
        ];
        let mut row = Record::empty(&LOAN);
        for (number, value) in (1_i16..).zip(values) {
            row.set(number, Some(value));
        }
        is_stored(self.rows.add(leaf, &self.table, &row))
    }

    /// Stores what waits.
    pub fn finish(mut self) -> Result<(), Error> {
        match &self.compiled {
            Some(leaf) => Ok(is_stored(self.rows.store(leaf, &self.table))?),
            None => self.by_statement(),
        }
    }

    fn by_statement(&self) -> Result<(), Error> {
        let sql = self.storage.fill(include_str!("../../sql/cold/lend.sql"), &[]);
        let parameters = [
            parameter::uuid(self.workspace),
            parameter::uuid(self.object),
            parameter::uuids(self.waiting.iter().map(|((_, id), _)| id.0)),
            parameter::times(self.waiting.iter().map(|((time, _), _)| *time)),
            parameter::byteas(self.waiting.iter().map(|(_, digest)| digest)),
        ];
        let _permit = self.storage.writing(COLD_LOANS)?;
        Ok(is_stored(spi::count_with(&sql, &parameters) == self.waiting.len() as u64)?)
    }
}

fn is_stored(is_stored: bool) -> Result<(), Interference> {
    if is_stored { Ok(()) } else { Err(Interference::Suppressed { table: COLD_LOANS }) }
}
