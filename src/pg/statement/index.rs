//! CREATE INDEX and CREATE STATISTICS: what their expressions and predicates are made of.

use pgrx::pg_sys::{self, NodeTag};

use super::nodes;
use super::{Index, Ingredient};

/// # Safety
/// `statement` is a CREATE INDEX.
pub unsafe fn read(statement: *const pg_sys::IndexStmt) -> Index {
    // SAFETY: as demanded.
    unsafe {
        let mut ingredients = Vec::new();
        for element in nodes::list((*statement).indexParams) {
            let element: *const pg_sys::IndexElem = element.cast();
            if !(*element).expr.is_null() {
                collect((*element).expr, &mut ingredients);
            }
        }
        if !(*statement).whereClause.is_null() {
            collect((*statement).whereClause, &mut ingredients);
        }
        Index { unique: (*statement).unique, concurrently: (*statement).concurrent, ingredients }
    }
}

/// # Safety
/// `statement` is a CREATE STATISTICS.
pub unsafe fn read_statistics(statement: *const pg_sys::CreateStatsStmt) -> Vec<Ingredient> {
    // SAFETY: as demanded.
    unsafe {
        let mut ingredients = Vec::new();
        for element in nodes::list((*statement).exprs) {
            let element: *const pg_sys::StatsElem = element.cast();
            collect((*element).expr, &mut ingredients);
        }
        ingredients
    }
}

/// # Safety
/// `node` is NULL or a node of the parse tree.
unsafe fn collect(node: *mut pg_sys::Node, found: &mut Vec<Ingredient>) {
    if node.is_null() {
        return;
    }
    // SAFETY: as demanded; each cast follows from the tag.
    unsafe {
        let mut all = |list: *mut pg_sys::List| nodes::list(list).into_iter().for_each(|node| collect(node, found));
        match (*node).type_ {
            NodeTag::T_ColumnRef | NodeTag::T_A_Const => found.push(Ingredient::Plain),
            NodeTag::T_List => all(node.cast()),
            NodeTag::T_BoolExpr => all((*node.cast::<pg_sys::BoolExpr>()).args),
            NodeTag::T_A_ArrayExpr => all((*node.cast::<pg_sys::A_ArrayExpr>()).elements),
            NodeTag::T_NullTest => collect((*node.cast::<pg_sys::NullTest>()).arg.cast(), found),
            // A constant that cannot be converted fails when the index is made, not when an event is recorded.
            NodeTag::T_TypeCast if nodes::is((*node.cast::<pg_sys::TypeCast>()).arg, NodeTag::T_A_Const) => {
                found.push(Ingredient::Plain);
            }
            NodeTag::T_A_Expr => {
                let expression = node.cast::<pg_sys::A_Expr>();
                found.push(Ingredient::Operator(nodes::last_name((*expression).name)));
                collect((*expression).lexpr, found);
                collect((*expression).rexpr, found);
            }
            NodeTag::T_FuncCall => {
                let call = node.cast::<pg_sys::FuncCall>();
                found.push(Ingredient::Function(nodes::last_name((*call).funcname)));
                nodes::list((*call).args).into_iter().for_each(|node| collect(node, found));
            }
            _ => found.push(Ingredient::Other),
        }
    }
}
