//! The part of the trail that a command acts on.

/// The kind of a part of the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    Table,
    Partition,
    View,
    /// An index that audit_setup() makes.
    Index,
    /// An index that somebody added to a table of the trail.
    TheirIndex,
    Function,
    /// The schema that the trail is in.
    Schema,
    Extension,
    /// Everything that the owner of the trail owns.
    Possessions,
    /// Publishes a table of the trail.
    Publication,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: SubjectKind,
    pub name: String,
    /// The OID of the role it belongs to.
    pub owner: Option<u32>,
}

impl Subject {
    pub fn in_words(&self) -> String {
        let name = &self.name;
        match self.kind {
            SubjectKind::Schema => format!("schema \"{name}\" holds the audit trail"),
            SubjectKind::Possessions => format!("role \"{name}\" owns the audit trail"),
            SubjectKind::Extension => format!("extension \"{name}\" guards the audit trail"),
            _ => format!("\"{name}\" belongs to the audit trail"),
        }
    }
}
