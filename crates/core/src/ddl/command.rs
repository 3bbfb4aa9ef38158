//! What a DDL statement does to an object, as plain values.

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Alter(Alteration),
    CreateIndex(Index),
    CreateStatistics(Vec<Ingredient>),
    Add(Part),
    /// A part of a table and its name.
    DropPart(Part, String),
    Drop {
        cascade: bool,
    },
    /// CREATE OR REPLACE.
    Replace,
    /// Becoming the parent of a table or partition.
    AttachTo,
    /// Becoming a child of another table, or ceasing to be one.
    AttachedAs,
    /// Becoming what a foreign key refers to.
    BeReferenced,
    Rename,
    SetSchema,
    SetOwner,
    /// Being dropped when some extension is.
    DependOnExtension,
    JoinExtension,
    AlterSequence,
    /// Having a column that a sequence belongs to.
    OwnSequence,
    /// Being published to subscribers, or otherwise than before.
    Publish,
    /// By a statement that is not known.
    Unknown,
    SecurityLabel,
    Grant {
        rights: Vec<Right>,
        roles: Vec<Grantee>,
        /// WITH GRANT OPTION.
        may_be_passed_on: bool,
    },
    /// The roles that lose rights.
    Revoke {
        roles: Vec<Grantee>,
    },
}

/// One part of an ALTER TABLE, ALTER INDEX or ALTER VIEW.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alteration {
    StorageParameters,
    /// The statistics target of a column, and whether ANALYZE may then keep samples.
    Statistics {
        column: String,
        samples: bool,
    },
    ReplicaIdentity,
    ClusterOn,
    EnableTrigger(String),
    DisableTrigger(String),
    /// Every other way to switch triggers.
    Triggers,
    /// DISABLE ROW LEVEL SECURITY, NO FORCE: as the trail is made.
    NoRowSecurity,
    /// ATTACH PARTITION, DETACH PARTITION.
    Partitions,
    Columns,
    Constraints,
    Owner,
    Tablespace,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Trigger,
    Rule,
    Policy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub unique: bool,
    pub concurrently: bool,
    /// What its expressions and its predicate are made of.
    pub ingredients: Vec<Ingredient>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ingredient {
    Column(String),
    /// Constants, AND, OR, NOT, IS NULL.
    Plain,
    /// By name, whatever the schema.
    Operator(String),
    Function(String),
    /// Named, or the default of an index method for which others may make defaults.
    OperatorClass,
    Other,
}

/// Whom a right is given to, or taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grantee {
    Public,
    /// By its OID.
    Role(u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// In capitals; ALL for all.
    pub name: String,
    pub on_columns: bool,
}
