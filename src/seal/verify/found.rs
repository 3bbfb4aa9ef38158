//! Where findings go: into the answer at once, apart from those that may be halves of one.

use std::collections::BTreeMap;
use std::rc::Rc;

use audit_evidence::verify::Finding;
use audit_evidence::verify::stored::{self, held_back};
use serde_json::json;
use uuid::Uuid;

use super::arguments::Asked;
use crate::error::Error;
use crate::pg::memory::Scratch;
use crate::pg::rows::Rows;
use crate::pg::sorter::{Sorted, Sorter};
use crate::pg::{datum, jsonb};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::Storage;

pub struct Findings {
    rows: Rows,
    scratch: Scratch,
    held_back: Option<Sorter>,
    counts: BTreeMap<&'static str, u64>,
}

impl Findings {
    pub fn to(rows: Rows) -> Findings {
        Findings { rows, scratch: Scratch::new(), held_back: None, counts: BTreeMap::new() }
    }

    pub fn receive(&mut self, finding: Finding) {
        match held_back(&finding) {
            Some(bytes) => self.held_back.get_or_insert_with(Sorter::new).push(&bytes),
            None => self.tell(&finding),
        }
    }

    pub fn tell(&mut self, finding: &Finding) {
        *self.counts.entry(finding.code.name()).or_default() += 1;
        let rows = &mut self.rows;
        self.scratch.run(|| {
            let text = |text: &str| Some(datum::from_text(text.as_bytes()));
            rows.push(&[
                text(finding.code.severity().name()),
                text(finding.code.name()),
                finding.workspace.as_ref().map(datum::from_uuid),
                finding.index.map(|index| datum::from_int8(index as i64)),
                finding.event.as_ref().map(datum::from_uuid),
                text(&finding.detail),
            ]);
        });
    }

    pub fn take_held_back(&mut self) -> Option<Sorter> {
        self.held_back.take()
    }

    /// That the trail was verified, and with what result, is an event of it.
    pub fn record(&self, storage: &Rc<Storage>, asked: &Asked, events: u64) -> Result<(), Error> {
        let new = json!({
            "depth": asked.depth.name(),
            "workspace_id": asked.workspace.map(|id| id.to_string()),
            "checkpoints": asked.trust.checkpoints.len() + asked.trust.heads.len(),
            "keys": asked.trust.keys.len() + asked.trust.witnesses.len(),
            "events": events,
            "findings": self.counts,
        });
        let workspace: Option<Uuid> = asked.workspace;
        let event = SystemEvent {
            action_type: "AUDIT_LOG_VERIFIED",
            resource_type: "audit_log",
            resource_id: None,
            workspace_id: workspace.as_ref().map(datum::from_uuid),
            old_values: None,
            new_values: Some(jsonb::from_serde(&new)),
        };
        system_event::record(storage, &event)
    }
}

/// Records as PostgreSQL sorted them.
pub struct InOrder(pub Sorted);

impl stored::Sorted for InOrder {
    fn next(&mut self) -> Option<Vec<u8>> {
        self.0.next(<[u8]>::to_vec)
    }

    fn mark(&mut self) {
        self.0.mark();
    }

    fn go_back(&mut self) {
        self.0.go_back();
    }
}
