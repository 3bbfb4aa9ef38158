//! Statements that are not searched for parts of the trail, each with the reason. A statement that is neither here nor in `read` counts as
//! unknown: it is refused if it touches the trail.

use pgrx::pg_sys::NodeTag::{self, *};

/// Whether a statement leaves the trail as it is, whatever it names.
pub fn leaves_the_trail_alone(tag: NodeTag) -> bool {
    changes_nothing(tag) || names_no_relation(tag)
}

/// What maintenance needs, or what makes something new beside the trail.
fn changes_nothing(tag: NodeTag) -> bool {
    matches!(
        tag,
        T_CommentStmt
            | T_ReindexStmt
            | T_RefreshMatViewStmt
            | T_CreateTableAsStmt
            | T_CreateExtensionStmt
            | T_AlterExtensionStmt
            | T_ImportForeignSchemaStmt
            | T_CreateCastStmt
            | T_CreateTransformStmt
            | T_CreateOpClassStmt
            | T_CreateOpFamilyStmt
            | T_AlterOpFamilyStmt
            | T_AlterOperatorStmt
            | T_AlterStatsStmt
    )
}

/// Objects of other kinds. (PostgreSQL asks event triggers about no others: roles, databases, tablespaces, event triggers and REASSIGN OWNED pass
/// them by.)
fn names_no_relation(tag: NodeTag) -> bool {
    matches!(
        tag,
        T_AlterCollationStmt
            | T_AlterDefaultPrivilegesStmt
            | T_AlterDomainStmt
            | T_AlterEnumStmt
            | T_AlterFdwStmt
            | T_AlterForeignServerStmt
            | T_AlterSubscriptionStmt
            | T_AlterTSConfigurationStmt
            | T_AlterTSDictionaryStmt
            | T_AlterTypeStmt
            | T_AlterUserMappingStmt
            | T_CompositeTypeStmt
            | T_CreateAmStmt
            | T_CreateConversionStmt
            | T_CreateDomainStmt
            | T_CreateEnumStmt
            | T_CreateFdwStmt
            | T_CreateForeignServerStmt
            | T_CreatePLangStmt
            | T_CreateRangeStmt
            | T_CreateSubscriptionStmt
            | T_CreateUserMappingStmt
            | T_DropSubscriptionStmt
            | T_DropUserMappingStmt
    )
}
