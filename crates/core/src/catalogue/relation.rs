//! What the catalogue says of a relation.

use super::guards::{CONFIGURATION, TrailTrigger};
use crate::access::Grant;

/// A table, view or sequence of the trail.
pub struct TrailRelation {
    pub name: &'static str,
    pub kind: ObjectKind,
    /// What makes it, and its indexes, where they are missing.
    pub sql: &'static str,
    /// Its indexes, apart from those of its constraints.
    pub indexes: &'static [&'static str],
    /// Columns whose defaults call a function of ours, and these functions.
    pub defaults: &'static [(&'static str, &'static str)],
    /// The triggers that keep its rules; [`TrailRelation::triggers`] gives all.
    pub guards: &'static [&'static [TrailTrigger]],
    /// The events that its changes are; a table that has some is configuration, which is never deleted.
    pub audited: Option<Audited>,
    pub rights: &'static [Grant],
    /// Whether nothing can be recorded without it. The rest may be missing: a table of this release is, until the extension is updated.
    pub is_essential: bool,
    /// The first version that has it.
    pub since: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    Table,
    /// A table with a partition for each month, and a default one.
    Monthly,
    View,
    Sequence,
}

/// What is recorded when configuration changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audited {
    pub inserted: &'static str,
    pub updated: Updated,
    /// The column that names what was changed.
    pub key: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updated {
    Event(&'static str),
    /// The new state of the row decides which event it is.
    ByState,
}

impl TrailRelation {
    /// All triggers it has.
    pub fn triggers(&self) -> impl Iterator<Item = &'static TrailTrigger> + use<> {
        let configuration: &'static [TrailTrigger] = if self.audited.is_some() { &CONFIGURATION } else { &[] };
        self.guards.iter().copied().flatten().chain(configuration)
    }

    /// Whether a trigger of it calls this function.
    pub fn calls(&self, function: &str) -> bool {
        self.triggers().any(|trigger| trigger.function == function)
    }

    pub fn is_monthly(&self) -> bool {
        self.kind == ObjectKind::Monthly
    }

    pub fn is_view(&self) -> bool {
        self.kind == ObjectKind::View
    }
}
