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
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::Oid;

use crate::direct;
use crate::error::Error;
use crate::event::row::{Columns, oid_of};
use crate::interlock::Contention;
use crate::permit::{Permit, Purpose};
use crate::pg::leaf_insert::{CompiledLeaf, Pending};
use crate::pg::partitions::{Leaf, Partitions};
use crate::pg::relation::{Relation, RowExclusiveLock};
use crate::pg::spi::{Outcome, PreparedStatement};
use crate::pg::{clock, image, lock};
use crate::record::{fast_path, rules};
use crate::storage::{Interference, Storage, StorageError};

/// The archive's trigger that fires on INSERT.
const OURS: direct::Triggers = &[(ORDER_TRIGGER, ARCHIVED, Some(true))];

pub struct Lender {
    storage: Rc<Storage>,
    workspace: WorkspaceId,
    began: Timestamp,
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
        let archive = opened(storage.archive, ARCHIVE, what)?;
        let (storage, rows, statement) = (Rc::clone(storage), Pending::new(), OnceCell::new());
        Ok(Lender { storage, workspace, began: clock::now(), archive, target: None, rows, statement, what })
    }

    /// Adds an event, which is stored at the end at the latest.
    pub fn add(&mut self, row: &Columns, created_at: Timestamp) -> Result<(), Error> {
        if !self.target.as_ref().is_some_and(|target| target.partition.surely_holds(created_at)) {
            self.go_to_partition_of(created_at)?;
        }
        match &self.target {
            Some(Target { compiled: Some(leaf), table, .. }) if self.is_sound(row, created_at) => {
                match self.rows.add(leaf, table, row) {
                    true => Ok(()),
                    false => Err(Interference::Suppressed { table: ARCHIVE }.into()),
                }
            }
            _ => self.by_statement(row),
        }
    }

    /// Whether it keeps the named constraints; else the statement tells which one it breaks. A time that is later than this call may be the server's own, made
    /// before its clock was set back: then the id tells, which the table's constraint reads.
    fn is_sound(&self, row: &Columns, created_at: Timestamp) -> bool {
        created_at <= self.began && rules::check_constraints(row, created_at, true).is_ok()
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

    /// The default partition cannot lose a month to another session between the search and the lock: it was locked when the events that are present were
    /// looked for ([`super::rows::EventRows`]), and whoever attaches a month needs it alone.
    fn go_to_partition_of(&mut self, created_at: Timestamp) -> Result<(), Error> {
        let found = Partitions::of(&self.archive).holding(created_at);
        let partition = found.ok_or_else(|| StorageError::missing(&Tier::Archive.default_partition()))?;
        if self.target.as_ref().is_none_or(|target| target.partition != partition) {
            self.finish()?;
            self.rows.forget_slots();
            self.target = Some(self.target_of(partition)?);
        }
        Ok(())
    }

    fn target_of(&self, partition: Leaf) -> Result<Target, Error> {
        let table = opened(partition.oid(), ARCHIVE, self.what)?;
        let compiled = fast_path::compile(&self.storage, &self.archive, &table, OURS);
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
pub fn opened(table: Oid, name: &str, what: &'static str) -> Result<Relation, Error> {
    if !lock::with_patience(|| drop(Relation::open(table, RowExclusiveLock))) {
        return Err(Contention::Lock { what }.into());
    }
    Ok(Relation::open_again(table).ok_or_else(|| StorageError::missing(name))?)
}
