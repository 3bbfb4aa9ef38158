//! Every statement that can touch a relation, a function, a schema or an extension, and what it does to it. Statements that
//! are not here (VACUUM, REINDEX, CLUSTER, COMMENT, statistics, publications) touch nothing that matters.

use pgrx::pg_sys::{self, GrantTargetType, NodeTag, ObjectType, ObjectType::*, Oid};

use super::alter_table;
use super::index;
use super::nodes;
use super::{Action, Object, Part, Right, Touch};

/// # Safety
/// `node` is NULL or the parse tree of a utility statement.
pub unsafe fn touches(node: *mut pg_sys::Node) -> Vec<Touch> {
    if node.is_null() {
        return Vec::new();
    }
    // SAFETY: as demanded; each cast follows from the tag.
    unsafe {
        match (*node).type_ {
            NodeTag::T_AlterTableStmt => alter_table::touches(node.cast()),
            NodeTag::T_IndexStmt => {
                let statement: *mut pg_sys::IndexStmt = node.cast();
                of_relation((*statement).relation, Action::CreateIndex(index::read(statement)))
            }
            NodeTag::T_CreateStmt | NodeTag::T_CreateForeignTableStmt => create_table(node.cast(), &[]),
            NodeTag::T_CreateSchemaStmt => create_schema(node.cast()),
            NodeTag::T_CreateTrigStmt => {
                of_relation((*node.cast::<pg_sys::CreateTrigStmt>()).relation, Action::Add(Part::Trigger))
            }
            NodeTag::T_RuleStmt => of_relation((*node.cast::<pg_sys::RuleStmt>()).relation, Action::Add(Part::Rule)),
            NodeTag::T_CreatePolicyStmt => {
                of_relation((*node.cast::<pg_sys::CreatePolicyStmt>()).table, Action::Add(Part::Policy))
            }
            NodeTag::T_AlterPolicyStmt => {
                of_relation((*node.cast::<pg_sys::AlterPolicyStmt>()).table, Action::Add(Part::Policy))
            }
            NodeTag::T_ViewStmt => {
                let relation = nodes::relation_to_replace((*node.cast::<pg_sys::ViewStmt>()).view);
                relation.map(|relation| touch(Object::Relation(relation), &Action::Replace)).into_iter().collect()
            }
            NodeTag::T_RenameStmt => {
                let statement: *mut pg_sys::RenameStmt = node.cast();
                of_either((*statement).relation, (*statement).renameType, (*statement).object, Action::Rename)
            }
            NodeTag::T_AlterObjectSchemaStmt => {
                let statement: *mut pg_sys::AlterObjectSchemaStmt = node.cast();
                of_either((*statement).relation, (*statement).objectType, (*statement).object, Action::SetSchema)
            }
            NodeTag::T_AlterObjectDependsStmt => {
                let statement: *mut pg_sys::AlterObjectDependsStmt = node.cast();
                let action = Action::DependOnExtension;
                of_either((*statement).relation, (*statement).objectType, (*statement).object, action)
            }
            NodeTag::T_AlterOwnerStmt => {
                let statement: *mut pg_sys::AlterOwnerStmt = node.cast();
                of_either((*statement).relation, (*statement).objectType, (*statement).object, Action::SetOwner)
            }
            NodeTag::T_AlterFunctionStmt => {
                let statement: *mut pg_sys::AlterFunctionStmt = node.cast();
                of_object((*statement).objtype, (*statement).func.cast(), Action::Replace)
            }
            NodeTag::T_CreateFunctionStmt => create_function((*node.cast::<pg_sys::CreateFunctionStmt>()).funcname),
            NodeTag::T_DefineStmt if (*node.cast::<pg_sys::DefineStmt>()).kind == OBJECT_AGGREGATE => {
                create_function((*node.cast::<pg_sys::DefineStmt>()).defnames)
            }
            NodeTag::T_CreateStatsStmt => {
                let statement: *mut pg_sys::CreateStatsStmt = node.cast();
                let action = Action::CreateStatistics(index::read_statistics(statement));
                let relations = nodes::list((*statement).relations);
                relations.into_iter().flat_map(|name| of_relation(name.cast(), action.clone())).collect()
            }
            NodeTag::T_DropStmt => drop(node.cast()),
            NodeTag::T_DropOwnedStmt => {
                let statement: *mut pg_sys::DropOwnedStmt = node.cast();
                let action = Action::Drop { cascade: (*statement).behavior == pg_sys::DropBehavior::DROP_CASCADE };
                let roles = nodes::roles((*statement).roles);
                roles.into_iter().map(|role| touch(Object::OwnedBy(role), &action)).collect()
            }
            NodeTag::T_GrantStmt => grant(node.cast(), &[]),
            NodeTag::T_SecLabelStmt => {
                let statement: *mut pg_sys::SecLabelStmt = node.cast();
                of_object((*statement).objtype, (*statement).object, Action::SecurityLabel)
            }
            NodeTag::T_AlterExtensionContentsStmt => {
                let statement: *mut pg_sys::AlterExtensionContentsStmt = node.cast();
                let extension = Object::Extension(nodes::text((*statement).extname));
                let mut touches = of_object((*statement).objtype, (*statement).object, Action::JoinExtension);
                touches.push(touch(extension, &Action::JoinExtension));
                touches
            }
            _ => Vec::new(),
        }
    }
}

fn touch(object: Object, action: &Action) -> Touch {
    Touch { object, action: action.clone() }
}

unsafe fn of_relation(name: *const pg_sys::RangeVar, action: Action) -> Vec<Touch> {
    // SAFETY: a name of the tree.
    let relation = unsafe { nodes::relation(name) };
    relation.map(|relation| Touch { object: Object::Relation(relation), action }).into_iter().collect()
}

/// Statements that name a relation in a place of its own, and anything else in another.
unsafe fn of_either(
    name: *const pg_sys::RangeVar,
    kind: ObjectType::Type,
    object: *mut pg_sys::Node,
    action: Action,
) -> Vec<Touch> {
    // SAFETY: nodes of the tree.
    unsafe { if name.is_null() { of_object(kind, object, action) } else { of_relation(name, action) } }
}

/// An object that is named as its kind demands; kinds that cannot be of the trail are left out.
unsafe fn of_object(kind: ObjectType::Type, object: *mut pg_sys::Node, action: Action) -> Vec<Touch> {
    // SAFETY: the grammar gives lists of names for relations, ObjectWithArgs for functions, a String for schema and extension.
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

unsafe fn function(kind: ObjectType::Type, object: *mut pg_sys::Node) -> Option<Oid> {
    // SAFETY: an ObjectWithArgs; a missing function gives InvalidOid.
    let oid = unsafe { pg_sys::LookupFuncWithArgs(kind, object.cast(), true) };
    (oid != pg_sys::InvalidOid).then_some(oid)
}

/// `made`: relations of the same CREATE SCHEMA, which come before those of the search_path.
unsafe fn create_table(statement: *mut pg_sys::CreateStmt, made: &[String]) -> Vec<Touch> {
    // SAFETY: CREATE FOREIGN TABLE begins with the same fields.
    unsafe {
        let parents =
            nodes::list((*statement).inhRelations).into_iter().map(|name| name.cast::<pg_sys::RangeVar>().cast_const());
        let referenced = nodes::list((*statement).tableElts)
            .into_iter()
            .chain(nodes::list((*statement).constraints))
            .flat_map(|element| alter_table::references(element));
        parents
            .map(|name| (name, Action::GetChild))
            .chain(referenced.map(|name| (name, Action::BeReferenced)))
            .filter(|(name, _)| !nodes::is_one_of(*name, made))
            .flat_map(|(name, action)| of_relation(name, action))
            .collect()
    }
}

/// CREATE SCHEMA with elements runs them as parts of itself. Those that alter something lie in the new schema.
unsafe fn create_schema(statement: *mut pg_sys::CreateSchemaStmt) -> Vec<Touch> {
    // SAFETY: the elements are statements.
    unsafe {
        let elements = nodes::list((*statement).schemaElts);
        let name_of = |element: *mut pg_sys::Node| match (*element).type_ {
            NodeTag::T_CreateStmt => Some((*element.cast::<pg_sys::CreateStmt>()).relation),
            NodeTag::T_ViewStmt => Some((*element.cast::<pg_sys::ViewStmt>()).view),
            _ => None,
        };
        let made: Vec<String> =
            elements.iter().filter_map(|element| name_of(*element)).map(|name| nodes::text((*name).relname)).collect();
        elements
            .into_iter()
            .flat_map(|element| match (*element).type_ {
                NodeTag::T_CreateStmt => create_table(element.cast(), &made),
                NodeTag::T_GrantStmt => grant(element.cast(), &made),
                _ => Vec::new(),
            })
            .collect()
    }
}

/// Functions of the same name where the new one goes: replaced by it, or overloaded.
unsafe fn create_function(names: *mut pg_sys::List) -> Vec<Touch> {
    let mut name = std::ptr::null_mut();
    let mut found = Vec::new();
    // SAFETY: the answer is a list of candidates that ends with NULL.
    unsafe {
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

unsafe fn drop(statement: *mut pg_sys::DropStmt) -> Vec<Touch> {
    // SAFETY: the grammar gives lists of names, the last of which is the part's, for triggers, rules and policies.
    unsafe {
        let kind = (*statement).removeType;
        let action = Action::Drop { cascade: (*statement).behavior == pg_sys::DropBehavior::DROP_CASCADE };
        nodes::list((*statement).objects)
            .into_iter()
            .flat_map(|object| {
                let part = match kind {
                    OBJECT_TRIGGER => Part::Trigger,
                    OBJECT_RULE => Part::Rule,
                    OBJECT_POLICY => Part::Policy,
                    OBJECT_SCHEMA => return schema(object).map(|schema| touch(schema, &action)).into_iter().collect(),
                    _ => return of_object(kind, object, action.clone()),
                };
                let dropped = Action::DropPart(part, nodes::last_name(object.cast()));
                let relation = nodes::relation_named(object, 1).map(Object::Relation);
                relation.map(|relation| Touch { object: relation, action: dropped }).into_iter().collect::<Vec<_>>()
            })
            .collect()
    }
}

/// DROP SCHEMA takes event triggers along with the extension, so that nothing is asked once it has begun: the schema is looked up
/// under DROP's own lock, or another one could get its name meanwhile.
unsafe fn schema(name: *mut pg_sys::Node) -> Option<Object> {
    let mut none = std::ptr::null_mut();
    // SAFETY: as DROP SCHEMA itself does; a missing schema gives InvalidOid.
    let schema =
        unsafe { pg_sys::get_object_address(OBJECT_SCHEMA, name, &mut none, pg_sys::AccessExclusiveLock as _, true) };
    (schema.objectId != pg_sys::InvalidOid).then_some(Object::Schema(schema.objectId))
}

unsafe fn grant(statement: *mut pg_sys::GrantStmt, made: &[String]) -> Vec<Touch> {
    // SAFETY: nodes of the tree.
    unsafe {
        let objects = nodes::list((*statement).objects);
        let roles = nodes::roles((*statement).grantees);
        let action = match (*statement).is_grant {
            true => Action::Grant { rights: rights((*statement).privileges), roles },
            false => Action::Revoke { roles },
        };
        match ((*statement).targtype, (*statement).objtype) {
            (GrantTargetType::ACL_TARGET_OBJECT, OBJECT_TABLE | OBJECT_SEQUENCE) => objects
                .into_iter()
                .filter(|name| !nodes::is_one_of(name.cast(), made))
                .flat_map(|name| of_relation(name.cast(), action.clone()))
                .collect(),
            (GrantTargetType::ACL_TARGET_OBJECT, kind @ (OBJECT_FUNCTION | OBJECT_PROCEDURE | OBJECT_ROUTINE)) => {
                objects.into_iter().flat_map(|object| of_object(kind, object, action.clone())).collect()
            }
            (GrantTargetType::ACL_TARGET_ALL_IN_SCHEMA, _) => objects
                .into_iter()
                .filter_map(|name| crate::pg::catalog::schema_named(&nodes::string(name)))
                .map(|schema| touch(Object::Schema(schema), &action))
                .collect(),
            _ => Vec::new(),
        }
    }
}

unsafe fn rights(privileges: *mut pg_sys::List) -> Vec<Right> {
    // SAFETY: NULL stands for ALL; otherwise a list of AccessPriv, whose name is NULL for ALL too.
    unsafe {
        if privileges.is_null() {
            return vec![Right { name: "ALL".to_owned(), on_columns: false }];
        }
        nodes::list(privileges)
            .into_iter()
            .map(|privilege| {
                let privilege: *mut pg_sys::AccessPriv = privilege.cast();
                let name = nodes::text((*privilege).priv_name).to_uppercase();
                let name = if name.is_empty() { "ALL".to_owned() } else { name };
                Right { name, on_columns: !(*privilege).cols.is_null() }
            })
            .collect()
    }
}
