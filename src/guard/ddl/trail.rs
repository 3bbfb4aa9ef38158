//! Which objects belong to the trail. Tables, sequences and views are found by their names in the extension's schema (nobody can rename
//! them), partitions by their parents, indexes by their tables, and functions by the extension.

use audit_core::catalogue::{self, RELATIONS, TrailRelation};
use audit_core::ddl::subject::{Subject, SubjectKind};
use pgrx::pg_sys::Oid;

use crate::pg::statement::Object;
use crate::pg::{catalog, citus, publication, relation};

/// Tables that Citus keeps on all nodes. It makes and alters them on the others as the coordinator does.
pub fn of_cluster() -> &'static [&'static str] {
    if citus::is_coordinator() || !citus::is_client() { &catalogue::OF_CLUSTER } else { &[] }
}

/// The trail of the extension whose function is being called.
pub struct Trail {
    function: Oid,
    pub schema: Oid,
}

impl Trail {
    pub fn of(function: Oid) -> Option<Trail> {
        relation::schema_of_function(function).map(|(schema, _)| Trail { function, schema })
    }

    /// What an object is to the trail; None for everybody else's.
    pub fn subject(&self, object: &Object) -> Option<Subject> {
        let named =
            |kind, name: String, owner: Option<Oid>| Some(Subject { kind, name, owner: owner.map(Oid::to_u32) });
        match object {
            Object::Relation(relation) => self.relation(*relation),
            Object::Function(function) => catalog::are_of_one_extension(self.function, *function)
                .then(|| catalog::name_of_function(*function))
                .flatten()
                .and_then(|name| named(SubjectKind::Function, name, catalog::owner_of_function(*function))),
            Object::Schema(schema) if *schema == self.schema => {
                named(SubjectKind::Schema, catalog::schema_name(*schema)?, catalog::owner_of_function(self.function))
            }
            Object::Extension(name) if name == "audit_ext" => named(SubjectKind::Extension, name.clone(), None),
            Object::OwnedBy(role) if self.belongs_to(*role) => {
                named(SubjectKind::Possessions, crate::pg::role::name(*role), Some(*role))
            }
            Object::Publication(name) if publication::publishes(name, self.schema, self.tables()) => {
                named(SubjectKind::Publication, name.clone(), None)
            }
            _ => None,
        }
    }

    /// Tables and partitions.
    fn tables(&self) -> impl Iterator<Item = Oid> {
        let tables = catalogue::stored().filter_map(|table| relation::find(self.schema, table.name));
        tables.flat_map(|table| std::iter::once(table).chain(relation::descendants(table)))
    }

    fn relation(&self, relation: Oid) -> Option<Subject> {
        let subject = |kind, name| Subject { kind, name, owner: relation::owner(relation).map(Oid::to_u32) };
        if let Some(table) = catalog::table_of_index(relation) {
            self.table(table)?;
            let kind = if self.is_own_index(relation) { SubjectKind::Index } else { SubjectKind::TheirIndex };
            return Some(subject(kind, catalog::name_of(relation)?));
        }
        self.table(relation).map(|(kind, name)| subject(kind, name))
    }

    fn table(&self, relation: Oid) -> Option<(SubjectKind, String)> {
        let name = catalog::name_of(relation)?;
        let in_schema = catalog::schema_of(relation) == Some(self.schema);
        match catalogue::relation(&name).filter(|_| in_schema) {
            Some(view) if view.is_view() => return Some((SubjectKind::View, name)),
            Some(_) => return Some((SubjectKind::Table, name)),
            None if in_schema && self.is_of_cluster(relation, &name) => return Some((SubjectKind::Table, name)),
            None => {}
        }
        let parent = catalog::partition_parent(relation)?;
        self.table(parent).map(|_| (SubjectKind::Partition, name))
    }

    /// Somebody else's table of such a name is refused when nodes are to act as one, and its owner may remove it.
    fn is_of_cluster(&self, table: Oid, name: &str) -> bool {
        of_cluster().contains(&name) && relation::owner(table) == catalog::owner_of_function(self.function)
    }

    fn is_own_index(&self, index: Oid) -> bool {
        let root = catalog::partition_parent(index).unwrap_or(index);
        catalog::is_unique(root)
            || catalog::name_of(root).is_some_and(|name| catalogue::indexes().any(|ours| ours == name))
    }

    /// Whether DROP OWNED of this role would drop a part of the trail.
    fn belongs_to(&self, role: Oid) -> bool {
        catalog::owns_schema(role, self.schema)
            || catalog::owner_of_function(self.function) == Some(role)
            || self.present().any(|table| relation::owner(table) == Some(role))
    }

    /// The tables and views that exist.
    pub fn present(&self) -> impl Iterator<Item = Oid> {
        RELATIONS.iter().filter_map(|TrailRelation { name, .. }| relation::find(self.schema, name))
    }
}
