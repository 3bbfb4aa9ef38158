//! Reads every statement that can touch a relation, a function, a schema or an extension. [`super::others`] says why the remaining
//! statements cannot.
//!
//! # Safety
//! Each unsafe function takes nodes of one parse tree, or NULL. [`touches`] was given the tree whole, and it stays as it is until that returns.

use audit_core::ddl::command::{Action, Grantee, Part, Right};
use pgrx::pg_sys::{self, GrantTargetType, NodeTag, ObjectType, ObjectType::*, Oid, PgNode};

use super::touch::{Object, Touch};
use super::{alter_table, index, nodes};
use crate::pg::node::{cast, is_list_of, list, list_of};

/// # Safety
/// `node` is NULL or the parse tree of a utility statement.
pub unsafe fn touches(node: *const pg_sys::Node) -> Option<Vec<Touch>> {
    // SAFETY: the caller promises that `node` is NULL or the parse tree of a utility statement.
    unsafe { of_table(node).or_else(|| of_any(node)) }
}

/// Statements on tables, views, indexes and their parts.
unsafe fn of_table(node: *const pg_sys::Node) -> Option<Vec<Touch>> {
    // SAFETY: the statements are parts of the tree.
    unsafe {
        Some(match node.as_ref()?.type_ {
            NodeTag::T_AlterTableStmt => alter_table::touches(cast(node)?),
            NodeTag::T_IndexStmt => {
                let statement = cast::<pg_sys::IndexStmt>(node)?;
                of_relation(statement.relation, Action::CreateIndex(index::read(statement)))
            }
            NodeTag::T_CreateStmt | NodeTag::T_CreateForeignTableStmt => create_table(cast(node)?, &[]),
            NodeTag::T_CreateTrigStmt => {
                let statement = cast::<pg_sys::CreateTrigStmt>(node)?;
                let mut touches = of_relation(statement.relation, Action::Add(Part::Trigger));
                touches.extend(of_relation(statement.constrrel, Action::BeReferenced));
                touches
            }
            NodeTag::T_CreateSeqStmt => sequence_options(cast::<pg_sys::CreateSeqStmt>(node)?.options),
            NodeTag::T_AlterSeqStmt => {
                let statement = cast::<pg_sys::AlterSeqStmt>(node)?;
                let mut touches = of_relation(statement.sequence, Action::AlterSequence);
                touches.extend(sequence_options(statement.options));
                touches
            }
            NodeTag::T_RuleStmt => of_relation(cast::<pg_sys::RuleStmt>(node)?.relation, Action::Add(Part::Rule)),
            NodeTag::T_CreatePolicyStmt => {
                of_relation(cast::<pg_sys::CreatePolicyStmt>(node)?.table, Action::Add(Part::Policy))
            }
            NodeTag::T_AlterPolicyStmt => {
                of_relation(cast::<pg_sys::AlterPolicyStmt>(node)?.table, Action::Add(Part::Policy))
            }
            NodeTag::T_ViewStmt => {
                let relation = nodes::relation_to_replace(cast::<pg_sys::ViewStmt>(node)?.view);
                relation.map(|relation| touch(Object::Relation(relation), &Action::Replace)).into_iter().collect()
            }
            NodeTag::T_CreateStatsStmt => {
                let statement = cast::<pg_sys::CreateStatsStmt>(node)?;
                let action = Action::CreateStatistics(index::read_statistics(statement));
                // The grammar takes whatever FROM takes; the command then refuses all but the name of one table.
                list(statement.relations).flat_map(|name| of_relation(name, action.clone())).collect()
            }
            _ => return None,
        })
    }
}

/// Statements on objects of several kinds.
unsafe fn of_any(node: *const pg_sys::Node) -> Option<Vec<Touch>> {
    // SAFETY: the statements are parts of the tree.
    unsafe {
        Some(match node.as_ref()?.type_ {
            NodeTag::T_CreateSchemaStmt => create_schema(cast(node)?),
            NodeTag::T_RenameStmt => {
                let statement = cast::<pg_sys::RenameStmt>(node)?;
                of_either(statement.relation, statement.renameType, statement.object, Action::Rename)
            }
            NodeTag::T_AlterObjectSchemaStmt => {
                let statement = cast::<pg_sys::AlterObjectSchemaStmt>(node)?;
                of_either(statement.relation, statement.objectType, statement.object, Action::SetSchema)
            }
            NodeTag::T_AlterObjectDependsStmt => {
                let statement = cast::<pg_sys::AlterObjectDependsStmt>(node)?;
                of_either(statement.relation, statement.objectType, statement.object, Action::DependOnExtension)
            }
            NodeTag::T_AlterOwnerStmt => {
                let statement = cast::<pg_sys::AlterOwnerStmt>(node)?;
                of_either(statement.relation, statement.objectType, statement.object, Action::SetOwner)
            }
            NodeTag::T_AlterFunctionStmt => {
                let statement = cast::<pg_sys::AlterFunctionStmt>(node)?;
                of_object(statement.objtype, statement.func, Action::Replace)
            }
            NodeTag::T_CreateFunctionStmt => create_function(cast::<pg_sys::CreateFunctionStmt>(node)?.funcname),
            NodeTag::T_DefineStmt => {
                let statement = cast::<pg_sys::DefineStmt>(node)?;
                if statement.kind == OBJECT_AGGREGATE { create_function(statement.defnames) } else { Vec::new() }
            }
            NodeTag::T_DropStmt => drop(cast(node)?),
            NodeTag::T_DropOwnedStmt => {
                let statement = cast::<pg_sys::DropOwnedStmt>(node)?;
                let action = Action::Drop { cascade: statement.behavior == pg_sys::DropBehavior::DROP_CASCADE };
                let owned_by = |grantee| match grantee {
                    Grantee::Public => None,
                    Grantee::Role(role) => Some(touch(Object::OwnedBy(Oid::from(role)), &action)),
                };
                nodes::grantees(statement.roles).into_iter().filter_map(owned_by).collect()
            }
            NodeTag::T_GrantStmt => grant(cast(node)?, &[]),
            NodeTag::T_SecLabelStmt => {
                let statement = cast::<pg_sys::SecLabelStmt>(node)?;
                of_object(statement.objtype, statement.object, Action::SecurityLabel)
            }
            NodeTag::T_CreatePublicationStmt => publication(cast::<pg_sys::CreatePublicationStmt>(node)?.pubname),
            NodeTag::T_AlterPublicationStmt => publication(cast::<pg_sys::AlterPublicationStmt>(node)?.pubname),
            NodeTag::T_AlterExtensionContentsStmt => {
                let statement = cast::<pg_sys::AlterExtensionContentsStmt>(node)?;
                let extension = Object::Extension(nodes::text(statement.extname));
                let mut touches = of_object(statement.objtype, statement.object, Action::JoinExtension);
                touches.push(touch(extension, &Action::JoinExtension));
                touches
            }
            _ => return None,
        })
    }
}

fn touch(object: Object, action: &Action) -> Touch {
    Touch { object, action: action.clone() }
}

/// Whatever it says, what counts is what is published before or after it.
unsafe fn publication(name: *const std::ffi::c_char) -> Vec<Touch> {
    // SAFETY: a name of the tree.
    vec![touch(Object::Publication(unsafe { nodes::text(name) }), &Action::Publish)]
}

/// `OWNED BY table.column`.
unsafe fn sequence_options(options: *const pg_sys::List) -> Vec<Touch> {
    // SAFETY: nodes of the tree.
    unsafe {
        list_of::<pg_sys::DefElem>(options)
            .filter(|option| nodes::text(option.defname) == "owned_by")
            .filter_map(|option| nodes::relation_named(option.arg, 1))
            .map(|table| touch(Object::Relation(table), &Action::OwnSequence))
            .collect()
    }
}

/// Nothing for what is no name of a relation, whatever the place it is found in.
unsafe fn of_relation(name: *const impl PgNode, action: Action) -> Vec<Touch> {
    // SAFETY: a node of the tree.
    let relation = unsafe { nodes::relation(name) };
    relation.map(|relation| Touch { object: Object::Relation(relation), action }).into_iter().collect()
}

/// Statements that name a relation in a place of its own, and anything else in another.
unsafe fn of_either(
    name: *const pg_sys::RangeVar,
    kind: ObjectType::Type,
    object: *const pg_sys::Node,
    action: Action,
) -> Vec<Touch> {
    // SAFETY: nodes of the tree.
    unsafe { if name.is_null() { of_object(kind, object, action) } else { of_relation(name, action) } }
}

/// An object that is named as its kind demands; kinds that cannot be of the trail are left out.
unsafe fn of_object(kind: ObjectType::Type, object: *const impl PgNode, action: Action) -> Vec<Touch> {
    let object = object.cast();
    // SAFETY: nodes of the tree: lists of names for relations, an ObjectWithArgs for a function, a String for an extension.
    let found = unsafe {
        match kind {
            OBJECT_TABLE | OBJECT_VIEW | OBJECT_MATVIEW | OBJECT_INDEX | OBJECT_FOREIGN_TABLE | OBJECT_SEQUENCE => {
                nodes::relation_named(object, 0).map(Object::Relation)
            }
            OBJECT_COLUMN => nodes::relation_named(object, 1).map(Object::Relation),
            OBJECT_FUNCTION | OBJECT_PROCEDURE | OBJECT_ROUTINE => function(kind, object).map(Object::Function),
            OBJECT_EXTENSION => Some(Object::Extension(nodes::string(object))),
            _ => None,
        }
    };
    found.map(|object| Touch { object, action }).into_iter().collect()
}

unsafe fn function(kind: ObjectType::Type, object: *const pg_sys::Node) -> Option<Oid> {
    // SAFETY: a node of the tree, whose parts are what the look-up takes them for; a missing function gives InvalidOid.
    unsafe {
        let named = cast::<pg_sys::ObjectWithArgs>(object)?;
        if !nodes::is_name(named.objname)
            || !is_list_of::<pg_sys::TypeName>(named.objargs)
            || !is_list_of::<pg_sys::FunctionParameter>(named.objfuncargs)
        {
            return None;
        }
        let oid = pg_sys::LookupFuncWithArgs(kind, std::ptr::from_ref(named).cast_mut(), true);
        (oid != pg_sys::InvalidOid).then_some(oid)
    }
}

/// `made`: relations of the same CREATE SCHEMA, which come before those of the search_path.
unsafe fn create_table(statement: &pg_sys::CreateStmt, made: &[String]) -> Vec<Touch> {
    // SAFETY: nodes of the tree.
    unsafe {
        let parents = list_of::<pg_sys::RangeVar>(statement.inhRelations).map(std::ptr::from_ref);
        let referenced = list(statement.tableElts)
            .chain(list(statement.constraints))
            .flat_map(|element| alter_table::references(element));
        parents
            .map(|name| (name, Action::AttachTo))
            .chain(referenced.map(|name| (name, Action::BeReferenced)))
            .filter(|(name, _)| !nodes::is_one_of(*name, made))
            .flat_map(|(name, action)| of_relation(name, action))
            .collect()
    }
}

/// CREATE SCHEMA with elements runs them as parts of itself. Those that alter something lie in the new schema.
unsafe fn create_schema(statement: &pg_sys::CreateSchemaStmt) -> Vec<Touch> {
    // SAFETY: nodes of the tree.
    unsafe {
        let tables = list_of::<pg_sys::CreateStmt>(statement.schemaElts).map(|table| table.relation);
        let views = list_of::<pg_sys::ViewStmt>(statement.schemaElts).map(|view| view.view);
        let made: Vec<String> = tables
            .chain(views)
            .filter_map(|name| cast::<pg_sys::RangeVar>(name))
            .map(|name| nodes::text(name.relname))
            .collect();
        list(statement.schemaElts)
            .flat_map(|element| {
                let table = cast(element).map(|table| create_table(table, &made));
                table.or_else(|| cast(element).map(|given| grant(given, &made))).unwrap_or_default()
            })
            .collect()
    }
}

/// Functions of the same name where the new one goes: replaced by it, or overloaded.
unsafe fn create_function(names: *mut pg_sys::List) -> Vec<Touch> {
    let mut name = std::ptr::null_mut();
    let mut found = Vec::new();
    // SAFETY: nodes of the tree; the answer is a list of candidates that ends with NULL.
    unsafe {
        if !nodes::is_name(names) {
            return found;
        }
        let schema = pg_sys::QualifiedNameGetCreationNamespace(names, &mut name);
        let none = std::ptr::null_mut();
        let mut candidate = pg_sys::FuncnameGetCandidates(names, -1, none, false, false, false, true);
        while let Some(function) = candidate.as_ref() {
            if pg_sys::get_func_namespace(function.oid) == schema {
                found.push(touch(Object::Function(function.oid), &Action::Replace));
            }
            candidate = function.next;
        }
    }
    found
}

unsafe fn drop(statement: &pg_sys::DropStmt) -> Vec<Touch> {
    let kind = statement.removeType;
    let action = Action::Drop { cascade: statement.behavior == pg_sys::DropBehavior::DROP_CASCADE };
    // SAFETY: nodes of the tree: for triggers, rules and policies lists of names, the last of which is the part's.
    unsafe {
        list(statement.objects)
            .flat_map(|object| {
                let part = match kind {
                    OBJECT_TRIGGER => Part::Trigger,
                    OBJECT_RULE => Part::Rule,
                    OBJECT_POLICY => Part::Policy,
                    OBJECT_PUBLICATION => {
                        return vec![touch(Object::Publication(nodes::string(object)), &Action::Publish)];
                    }
                    OBJECT_SCHEMA => return schema(object).map(|schema| touch(schema, &action)).into_iter().collect(),
                    _ => return of_object(kind, object, action.clone()),
                };
                let dropped = Action::DropPart(part, nodes::last_name(object));
                let relation = nodes::relation_named(object, 1).map(Object::Relation);
                relation.map(|relation| Touch { object: relation, action: dropped }).into_iter().collect::<Vec<_>>()
            })
            .collect()
    }
}

/// DROP SCHEMA takes event triggers along with the extension, so that nothing is asked once it has begun: the schema is looked up
/// under DROP's own lock, or another one could get its name meanwhile.
unsafe fn schema(name: *const pg_sys::Node) -> Option<Object> {
    let mut none = std::ptr::null_mut();
    // SAFETY: as DROP SCHEMA itself does, with a String; a missing schema gives InvalidOid.
    let schema = unsafe {
        cast::<pg_sys::String>(name)?;
        pg_sys::get_object_address(OBJECT_SCHEMA, name.cast_mut(), &mut none, pg_sys::AccessExclusiveLock as _, true)
    };
    (schema.objectId != pg_sys::InvalidOid).then_some(Object::Schema(schema.objectId))
}

unsafe fn grant(statement: &pg_sys::GrantStmt, made: &[String]) -> Vec<Touch> {
    // SAFETY: nodes of the tree.
    unsafe {
        let objects = list(statement.objects);
        let roles = nodes::grantees(statement.grantees);
        let action = match statement.is_grant {
            true => {
                Action::Grant { rights: rights(statement.privileges), roles, may_be_passed_on: statement.grant_option }
            }
            false => Action::Revoke { roles },
        };
        match (statement.targtype, statement.objtype) {
            (GrantTargetType::ACL_TARGET_OBJECT, OBJECT_TABLE | OBJECT_SEQUENCE) => objects
                .filter(|name| !nodes::is_one_of(*name, made))
                .flat_map(|name| of_relation(name, action.clone()))
                .collect(),
            (GrantTargetType::ACL_TARGET_OBJECT, kind @ (OBJECT_FUNCTION | OBJECT_PROCEDURE | OBJECT_ROUTINE)) => {
                objects.flat_map(|object| of_object(kind, object, action.clone())).collect()
            }
            (GrantTargetType::ACL_TARGET_ALL_IN_SCHEMA, _) => objects
                .filter_map(|name| crate::pg::catalog::schema_named(&nodes::string(name)))
                .map(|schema| touch(Object::Schema(schema), &action))
                .collect(),
            _ => Vec::new(),
        }
    }
}

unsafe fn rights(privileges: *const pg_sys::List) -> Vec<Right> {
    // SAFETY: nodes of the tree. NULL stands for ALL; otherwise a list of AccessPriv, whose name is NULL for ALL too.
    unsafe {
        if privileges.is_null() {
            return vec![Right { name: "ALL".to_owned(), on_columns: false }];
        }
        list_of::<pg_sys::AccessPriv>(privileges)
            .map(|privilege| {
                let name = nodes::text(privilege.priv_name).to_uppercase();
                let name = if name.is_empty() { "ALL".to_owned() } else { name };
                Right { name, on_columns: !privilege.cols.is_null() }
            })
            .collect()
    }
}
