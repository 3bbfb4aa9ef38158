//! What is told once of a workspace, however many events it is about.

use uuid::Uuid;

use crate::verify::{Code, Finding, Report};

#[derive(Default)]
pub struct Told {
    without_key: Option<(Uuid, u64)>,
    late: Option<(Uuid, u64, u64)>,
}

impl Told {
    pub fn without_key(&mut self, id: Uuid) {
        self.without_key.get_or_insert((id, 0)).1 += 1;
    }

    pub fn late(&mut self, id: Uuid, index: u64) {
        self.late.get_or_insert((id, index, 0)).2 += 1;
    }

    pub fn tell(self, workspace: Uuid, report: &mut Report) {
        if let Some((id, count)) = self.without_key {
            let detail = format!("{count} events have no key or no transaction: audit_adopt_events() gives them one");
            report.add(Finding::new(Code::EventNotSealed, detail).of(Some(workspace)).event(id));
        }
        if let Some((id, index, count)) = self.late {
            let detail = format!("{count} events were sealed over a day after they were recorded");
            report.add(Finding::new(Code::SealedLate, detail).of(Some(workspace)).at(index).event(id));
        }
    }
}
