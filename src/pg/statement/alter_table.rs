//! ALTER TABLE, ALTER INDEX, ALTER VIEW: one entry for each subcommand.
//!
//! # Safety
//! Each unsafe function takes nodes of one parse tree, or NULL. `touches()` of [`super::read`] was given the tree whole, and it stays as it is until that returns.

use audit_core::ddl::command::{Action, Alteration};
use pgrx::pg_sys::{self, AlterTableType as Kind, Oid};

use super::nodes;
use super::touch::{Object, Touch};
use crate::pg::node::{cast, list, list_of};

/// # Safety
/// `statement` belongs to a parse tree.
pub unsafe fn touches(statement: &pg_sys::AlterTableStmt) -> Vec<Touch> {
    // SAFETY: the caller promises that `statement` belongs to a parse tree.
    unsafe {
        let relation = nodes::relation(statement.relation);
        list_of::<pg_sys::AlterTableCmd>(statement.cmds)
            .flat_map(|command| {
                let itself = relation.map(|relation| (relation, Action::Alter(alteration(command))));
                itself.into_iter().chain(others(command))
            })
            .map(|(relation, action)| Touch { object: Object::Relation(relation), action })
            .collect()
    }
}

unsafe fn alteration(command: &pg_sys::AlterTableCmd) -> Alteration {
    // SAFETY: a name and a node of the tree.
    let (kind, name, number) = unsafe {
        (command.subtype, nodes::text(command.name), cast::<pg_sys::Integer>(command.def).map(|number| number.ival))
    };
    match kind {
        Kind::AT_SetRelOptions | Kind::AT_ResetRelOptions => Alteration::StorageParameters,
        // DEFAULT, which has no number, takes samples.
        Kind::AT_SetStatistics => Alteration::Statistics { column: name, samples: number != Some(0) },
        Kind::AT_SetOptions | Kind::AT_ResetOptions => Alteration::Statistics { column: name, samples: false },
        Kind::AT_ReplicaIdentity => Alteration::ReplicaIdentity,
        Kind::AT_ClusterOn | Kind::AT_DropCluster => Alteration::ClusterOn,
        Kind::AT_EnableTrig => Alteration::EnableTrigger(name),
        Kind::AT_DisableTrig => Alteration::DisableTrigger(name),
        Kind::AT_EnableAlwaysTrig
        | Kind::AT_EnableReplicaTrig
        | Kind::AT_EnableTrigAll
        | Kind::AT_DisableTrigAll
        | Kind::AT_EnableTrigUser
        | Kind::AT_DisableTrigUser => Alteration::Triggers,
        Kind::AT_DisableRowSecurity | Kind::AT_NoForceRowSecurity => Alteration::NoRowSecurity,
        Kind::AT_AttachPartition | Kind::AT_DetachPartition | Kind::AT_DetachPartitionFinalize => {
            Alteration::Partitions
        }
        Kind::AT_AddColumn
        | Kind::AT_AddColumnToView
        | Kind::AT_DropColumn
        | Kind::AT_AlterColumnType
        | Kind::AT_ColumnDefault
        | Kind::AT_SetNotNull
        | Kind::AT_DropNotNull => Alteration::Columns,
        Kind::AT_AddConstraint
        | Kind::AT_DropConstraint
        | Kind::AT_AlterConstraint
        | Kind::AT_ValidateConstraint
        | Kind::AT_AddIndexConstraint => Alteration::Constraints,
        Kind::AT_ChangeOwner => Alteration::Owner,
        Kind::AT_SetTableSpace => Alteration::Tablespace,
        _ => Alteration::Other,
    }
}

/// Relations that a part names besides the one it alters.
unsafe fn others(command: &pg_sys::AlterTableCmd) -> Vec<(Oid, Action)> {
    // SAFETY: nodes of the tree.
    unsafe {
        match command.subtype {
            Kind::AT_AttachPartition | Kind::AT_DetachPartition | Kind::AT_DetachPartitionFinalize => {
                let partition = cast::<pg_sys::PartitionCmd>(command.def).and_then(|part| nodes::relation(part.name));
                partition.map(|partition| (partition, Action::AttachedAs)).into_iter().collect()
            }
            Kind::AT_AddInherit | Kind::AT_DropInherit => {
                nodes::relation(command.def).map(|parent| (parent, Action::AttachTo)).into_iter().collect()
            }
            Kind::AT_AddColumn | Kind::AT_AddConstraint => {
                let tables = references(command.def).into_iter().filter_map(|name| nodes::relation(name));
                tables.map(|table| (table, Action::BeReferenced)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The names of the tables that the foreign keys of a column or constraint refer to.
///
/// # Safety
/// `node` is NULL or a node of the parse tree.
pub unsafe fn references(node: *const pg_sys::Node) -> Vec<*const pg_sys::RangeVar> {
    // SAFETY: the caller promises that `node` is NULL or a node of the parse tree.
    unsafe {
        if let Some(column) = cast::<pg_sys::ColumnDef>(node) {
            return list(column.constraints).flat_map(|constraint| references(constraint)).collect();
        }
        let constraint = cast::<pg_sys::Constraint>(node);
        constraint
            .map(|constraint| constraint.pktable.cast_const())
            .filter(|table| !table.is_null())
            .into_iter()
            .collect()
    }
}
