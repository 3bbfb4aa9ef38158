//! An event taken apart, so that some of its columns can be shown and the others proven to be there.

use audit_core::event::column::Column;
use audit_evidence::deletion::Operation;
use audit_evidence::field::Field;
use audit_evidence::leaf::{Disclosed, LeafMaker, SealKey};
use uuid::Uuid;

use crate::event::leaf::LeafText;
use crate::event::row::Columns;

/// What is shown of an event that is there.
pub struct Shown {
    pub workspace: Uuid,
    pub disclosed: Disclosed,
    /// Whether it says that a deletion was done, and of which entry.
    pub vouches: bool,
}

/// Takes events apart. It keeps its buffers from one to the next.
pub struct Shower {
    text: LeafText,
    maker: LeafMaker,
}

impl Shower {
    pub fn new() -> Shower {
        Shower { text: LeafText::new(), maker: LeafMaker::new() }
    }

    /// None for a row that cannot be the one that was sealed: it has no key, or an erased one and a payload.
    pub fn show(&mut self, columns: &Columns) -> Option<Shown> {
        let key = columns.bytes(Column::SealKey).and_then(SealKey::from_bytes)?;
        let action = columns.bytes(Column::ActionType).and_then(|action| str::from_utf8(action).ok());
        let vouches = action.is_some_and(Operation::is_vouching);
        let values = self.text.of_columns(columns);
        let disclosed = self.maker.disclose(&values, &key).ok()?;
        Some(Shown { workspace: columns.workspace()?.0, disclosed, vouches })
    }
}

impl Shown {
    pub fn is_erased(&self) -> bool {
        self.disclosed.payload.is_none()
    }

    /// The disclosures of the columns asked for, and the digests of those withheld. An event that vouches for a deletion always says for which.
    pub fn select(&self, fields: Option<&[Field]>) -> (Vec<&str>, Vec<String>) {
        const VOUCHING: [Field; 3] = [Field::ActionType, Field::ResourceType, Field::ResourceId];
        match fields {
            Some(fields) if self.vouches => self.disclosed.select(Some(&[fields, &VOUCHING[..]].concat())),
            fields => self.disclosed.select(fields),
        }
    }
}
