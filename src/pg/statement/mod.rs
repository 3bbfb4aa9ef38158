//! What a DDL statement does to which existing objects, read from its parse tree.
//!
//! Names are resolved as PostgreSQL resolves them, but without a lock. Names of nothing are left out. What is done to an object is a plain
//! value ([`audit_core::ddl::command`]), so that the guard's decisions can be tested without a server.

mod alter_table;
mod index;
mod nodes;
mod others;
mod read;
mod touch;

use std::marker::PhantomData;

use audit_core::ddl::command::{Action, Alteration};
use pgrx::pg_sys::{self, PgNode};

pub use self::nodes::text;
pub use self::touch::{Object, Touch};
use super::node::cast;

/// The parse tree of a statement, borrowed from the call of the event trigger.
#[derive(Clone, Copy)]
pub struct Statement<'call> {
    node: *const pg_sys::Node,
    borrowed: PhantomData<&'call pg_sys::Node>,
}

impl<'call> Statement<'call> {
    /// # Safety
    /// `node` is NULL or a tree that lives as long as the call.
    pub unsafe fn new(node: *const pg_sys::Node) -> Statement<'call> {
        Statement { node, borrowed: PhantomData }
    }

    /// The same for every event trigger that fires for the statement, and for no other statement that runs meanwhile.
    pub fn identity(self) -> usize {
        self.node as usize
    }

    /// None for a statement that is not searched.
    pub fn touches(self) -> Option<Vec<Touch>> {
        // SAFETY: valid by the promise given to new().
        unsafe { read::touches(self.node) }
    }

    /// CREATE INDEX or CREATE STATISTICS, read before it runs: Postgres transforms the tree in place.
    pub fn making(self) -> Option<Action> {
        // SAFETY: the statements are parts of the tree.
        unsafe {
            if let Some(statement) = self.read::<pg_sys::IndexStmt>() {
                return Some(Action::CreateIndex(index::read(statement)));
            }
            self.read().map(|statement| Action::CreateStatistics(index::read_statistics(statement)))
        }
    }

    /// What it made is known only afterwards.
    pub fn makes(self) -> bool {
        self.is::<pg_sys::IndexStmt>() || self.is::<pg_sys::CreateStatsStmt>()
    }

    /// For a statement that is not searched: what it does to every object that it turns out to have altered.
    pub fn does_to_all(self) -> Option<Action> {
        // ALTER TABLE ALL IN TABLESPACE names no table.
        if self.is::<pg_sys::AlterTableMoveAllStmt>() {
            return Some(Action::Alter(Alteration::Tablespace));
        }
        // SAFETY: valid by the promise given to new().
        let node = unsafe { self.node.as_ref() }?;
        (!others::leaves_the_trail_alone(node.type_)).then_some(Action::Unknown)
    }

    /// CREATE PUBLICATION or ALTER PUBLICATION: what it publishes is known only afterwards, and what it published only before.
    pub fn publishes(self) -> bool {
        self.is::<pg_sys::CreatePublicationStmt>() || self.is::<pg_sys::AlterPublicationStmt>()
    }

    /// Whether tables above or below what it makes may be concerned: a new table without parents has none.
    pub fn may_touch_a_tree(self) -> bool {
        self.read::<pg_sys::CreateStmt>().is_none_or(|table| !table.inhRelations.is_null())
    }

    pub fn drops(self) -> bool {
        self.is::<pg_sys::DropStmt>()
    }

    /// Gives a relation, not one of its parts, another name or schema.
    pub fn renames(self) -> bool {
        use pg_sys::ObjectType::*;
        self.is::<pg_sys::AlterObjectSchemaStmt>()
            || self.read::<pg_sys::RenameStmt>().is_some_and(|rename| {
                matches!(
                    rename.renameType,
                    OBJECT_TABLE | OBJECT_VIEW | OBJECT_INDEX | OBJECT_MATVIEW | OBJECT_FOREIGN_TABLE | OBJECT_SEQUENCE
                )
            })
    }

    fn is<T: PgNode + 'call>(self) -> bool {
        self.read::<T>().is_some()
    }

    fn read<T: PgNode>(self) -> Option<&'call T> {
        // SAFETY: valid by the promise given to new().
        unsafe { cast(self.node) }
    }
}
