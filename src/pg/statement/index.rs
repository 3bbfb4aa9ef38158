//! CREATE INDEX and CREATE STATISTICS: what their expressions and predicates consist of.
//!
//! # Safety
//! Each unsafe function takes nodes of one parse tree, or NULL. `touches()` of [`super::read`] was given the tree whole, and it stays as it is until that returns.

use audit_core::ddl::command::{Index, Ingredient};
use pgrx::pg_sys::{self, NodeTag};

use super::nodes;
use crate::pg::node::{cast, list, list_of};

/// # Safety
/// `statement` belongs to a parse tree.
pub unsafe fn read(statement: &pg_sys::IndexStmt) -> Index {
    let mut ingredients = Vec::new();
    // SAFETY: the caller promises that `statement` belongs to a parse tree.
    unsafe {
        // These methods have a default of PostgreSQL's own for every type of ours, so that nobody can make another.
        let has_all_defaults = matches!(nodes::text(statement.accessMethod).as_str(), "btree" | "hash");
        for element in list_of::<pg_sys::IndexElem>(statement.indexParams) {
            collect(element.expr, &mut ingredients);
            if !element.opclass.is_null() || !has_all_defaults {
                ingredients.push(Ingredient::OperatorClass);
            }
        }
        collect(statement.whereClause, &mut ingredients);
    }
    Index { unique: statement.unique, concurrently: statement.concurrent, ingredients }
}

/// # Safety
/// `statement` belongs to a parse tree.
pub unsafe fn read_statistics(statement: &pg_sys::CreateStatsStmt) -> Vec<Ingredient> {
    let mut ingredients = Vec::new();
    // SAFETY: the caller promises that `statement` belongs to a parse tree.
    unsafe {
        for element in list_of::<pg_sys::StatsElem>(statement.exprs) {
            collect(element.expr, &mut ingredients);
            if element.expr.is_null() {
                ingredients.push(Ingredient::Column(nodes::text(element.name)));
            }
        }
    };
    ingredients
}

/// # Safety
/// `node` is NULL or a node of the parse tree.
unsafe fn collect(node: *const pg_sys::Node, found: &mut Vec<Ingredient>) {
    // SAFETY: the caller promises that `node` is NULL or a node of the parse tree.
    unsafe {
        let Some(any) = node.as_ref() else { return };
        if any.type_ == NodeTag::T_A_Const {
            found.push(Ingredient::Plain);
        } else if let Some(column) = cast::<pg_sys::ColumnRef>(node) {
            found.push(Ingredient::Column(nodes::last_name(column.fields)));
        } else if let Some(nodes) = cast::<pg_sys::List>(node) {
            collect_all(nodes, found);
        } else if let Some(junction) = cast::<pg_sys::BoolExpr>(node) {
            collect_all(junction.args, found);
        } else if let Some(array) = cast::<pg_sys::A_ArrayExpr>(node) {
            collect_all(array.elements, found);
        } else if let Some(test) = cast::<pg_sys::NullTest>(node) {
            collect(test.arg.cast_const().cast(), found);
        } else if let Some(expression) = cast::<pg_sys::A_Expr>(node) {
            found.push(Ingredient::Operator(nodes::last_name(expression.name)));
            collect(expression.lexpr, found);
            collect(expression.rexpr, found);
        } else if let Some(call) = cast::<pg_sys::FuncCall>(node) {
            found.push(Ingredient::Function(nodes::last_name(call.funcname)));
            collect_all(call.args, found);
        } else if cast::<pg_sys::TypeCast>(node).is_some_and(|typed| cast::<pg_sys::A_Const>(typed.arg).is_some()) {
            // A constant that cannot be converted fails when the index is made, not when an event is recorded.
            found.push(Ingredient::Plain);
        } else {
            found.push(Ingredient::Other);
        }
    }
}

unsafe fn collect_all(nodes: *const pg_sys::List, found: &mut Vec<Ingredient>) {
    // SAFETY: nodes of the tree.
    unsafe { list(nodes).for_each(|node| collect(node, found)) }
}
