//! Stores events from cold storage in the archive, as they were: ids and times stay, and no rule about order or membership applies. The constraints of the
//! table do.
//!
//! Rows go past triggers, together, where the table has none but ours ([`crate::record::fast_path`] does the same for new events). Elsewhere each goes by
//! a statement, under a permit that the archive's trigger asks for.

use std::cell::OnceCell;
use std::rc::Rc;

use audit_core::catalogue::{ARCHIVE, ARCHIVED, ORDER_TRIGGER};
use audit_core::event::column::Column;
use audit_core::ids::WorkspaceId;
use audit_core::time::Timestamp;
use pgrx::pg_sys::Oid;

use crate::error::Error;
use crate::event::row::{Columns, SHAPE, oid_of};
use crate::interlock::Contention;
use crate::permit::{Permit, Purpose};
use crate::pg::leaf_insert::{CompiledLeaf, Pending};
use crate::pg::partitions::{Leaf, Partitions};
use crate::pg::relation::{Relation, RowExclusiveLock};
use crate::pg::spi::{Outcome, PreparedStatement};
use crate::pg::{image, lock};
use crate::record::fast_path::uses_code_of_others;
use crate::storage::{Interference, Storage, StorageError};

/// The archive's trigger that fires on INSERT.
const OURS: [(&str, &str, Option<bool>); 1] = [(ORDER_TRIGGER, ARCHIVED, Some(true))];

pub struct Lender {
    storage: Rc<Storage>,
    workspace: WorkspaceId,
    archive: Relation,
    target: Option<Target>,
    rows: Pending,
    statement: OnceCell<PreparedStatement>,
    what: &'static str,
}

/// The partition that rows go to.
struct Target {
    partition: Leaf,
    table: Relation,
    /// None: by the statement.
    compiled: Option<CompiledLeaf>,
}

impl Lender {
    /// `what` names the operation, should it wait too long for a lock.
    pub fn begin(storage: &Rc<Storage>, workspace: WorkspaceId, what: &'static str) -> Result<Lender, Error> {
        let archive = opened(storage.archive, what)?;
        let (storage, rows, statement) = (Rc::clone(storage), Pending::new(), OnceCell::new());
        Ok(Lender { storage, workspace, archive, target: None, rows, statement, what })
    }

    /// Adds an event, which is stored at the end at the latest.
    pub fn add(&mut self, row: &Columns, created_at: Timestamp) -> Result<(), Error> {
        if !self.target.as_ref().is_some_and(|target| target.partition.surely_holds(created_at)) {
            self.go_to_partition_of(created_at)?;
        }
        match &self.target {
            Some(Target { compiled: Some(leaf), table, .. }) if self.rows.add(leaf, table, row) => Ok(()),
            Some(Target { compiled: None, .. }) => self.by_statement(row),
            _ => Err(Interference::Suppressed { table: ARCHIVE }.into()),
        }
    }

    /// Stores what waits.
    pub fn finish(&mut self) -> Result<(), Error> {
        match &self.target {
            Some(Target { compiled: Some(leaf), table, .. }) if !self.rows.store(leaf, table) => {
                Err(Interference::Suppressed { table: ARCHIVE }.into())
            }
            _ => Ok(()),
        }
    }

    fn go_to_partition_of(&mut self, created_at: Timestamp) -> Result<(), Error> {
        let found = Partitions::of(&self.archive).holding(created_at);
        let partition = found.ok_or_else(|| StorageError::missing(ARCHIVE))?;
        if self.target.as_ref().is_none_or(|target| target.partition != partition) {
            self.finish()?;
            self.rows.forget_slots();
            self.target = Some(self.target_of(partition)?);
        }
        Ok(())
    }

    fn target_of(&self, partition: Leaf) -> Result<Target, Error> {
        let table = opened(partition.oid(), self.what)?;
        let is_ours = [&self.archive, &table]
            .iter()
            .all(|table| table.has_only_our_triggers(&OURS, self.storage.schema) && table.columns_are(&SHAPE));
        let suits = is_ours && table.is_plain_table() && !uses_code_of_others(partition.oid());
        let compiled = if suits { CompiledLeaf::compile(&table, &SHAPE, |_, _| false) } else { None };
        Ok(Target { partition, table, compiled })
    }

    /// Runs triggers, rules and policies that somebody else has attached to the archive.
    fn by_statement(&self, row: &Columns) -> Result<(), Error> {
        let statement = self.statement.get_or_init(|| insert(&self.storage));
        let permit = Permit::issue(Purpose::Lend { workspace: self.workspace })?;
        let is_same = |outcome: &Outcome| {
            let stored = |column: Column| outcome.column(column.number().into());
            Column::ALL.into_iter().all(|column| image::same(row.value(column), stored(column)))
        };
        let given = Column::ALL.map(|column| row.value(column));
        let (stored, is_same) = statement.run(&given, |outcome| (outcome.processed, is_same(outcome)));
        match (stored, permit.admitted(), is_same) {
            (1, 1, true) => Ok(()),
            (1, 1, false) => Err(Interference::Altered { table: ARCHIVE }.into()),
            _ => Err(Interference::Suppressed { table: ARCHIVE }.into()),
        }
    }
}

fn insert(storage: &Storage) -> PreparedStatement {
    let types: Vec<Oid> = Column::ALL.iter().map(|column| oid_of(column.data_type())).collect();
    let parameters: Vec<String> = (1..=Column::COUNT).map(|number| format!("${number}")).collect();
    let (archive, columns) = (storage.qualified(ARCHIVE), Column::list(""));
    let sql = format!("INSERT INTO {archive} ({columns}) VALUES ({}) RETURNING {columns}", parameters.join(", "));
    PreparedStatement::prepare(&sql, &types)
}

/// Opens a table for writing. Whoever exchanges months waits for everybody, so this is not one long wait.
fn opened(table: Oid, what: &'static str) -> Result<Relation, Error> {
    if !lock::with_patience(|| drop(Relation::open(table, RowExclusiveLock))) {
        return Err(Contention::Lock { what }.into());
    }
    Ok(Relation::open_again(table).ok_or_else(|| StorageError::missing(ARCHIVE))?)
}
