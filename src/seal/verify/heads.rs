//! The heads of workspaces in the order of workspaces, and the quick look at them.

use std::rc::Rc;

use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::verify::stored::SealedHead;
use audit_evidence::verify::{Code, Finding, Report, Trust};
use uuid::Uuid;

use super::arguments::Asked;
use crate::pg::sorter::Sorted;
use crate::seal::log::Log;
use crate::storage::Storage;

pub struct Heads {
    sorted: Sorted,
    next: Option<SealedHead>,
}

impl Heads {
    pub fn new(sorted: Sorted) -> Heads {
        let mut heads = Heads { sorted, next: None };
        heads.advance();
        heads
    }

    fn advance(&mut self) {
        self.next = self.sorted.next(SealedHead::from_bytes).flatten();
    }

    /// The workspace of the next head.
    pub fn workspace(&self) -> Option<Uuid> {
        self.next.map(|head| head.workspace)
    }

    /// The next head, if it is of this workspace.
    pub fn take_of(&mut self, workspace: Uuid) -> Option<SealedHead> {
        let taken = self.next.filter(|head| head.workspace == workspace)?;
        self.advance();
        Some(taken)
    }
}

/// Compares the newest head of each workspace with the end of its log, and the kept heads with that end.
pub fn verify(storage: &Rc<Storage>, asked: &Asked, heads: &mut Heads, report: &mut Report) {
    let mut without_log = asked.workspaces_with_heads();
    while let Some(workspace) = heads.workspace() {
        let newest = std::iter::from_fn(|| heads.take_of(workspace)).last();
        without_log.remove(&workspace);
        let log = Log::of(storage, workspace);
        let size = log.size();
        let end = size.checked_sub(1).and_then(|last| log.row_at(last));
        let frontier = end.and_then(|row| row.parse().close).map(|close| close.frontier);
        for (kept, frontier) in asked.heads_of(workspace).filter_map(|kept| Some((kept, frontier.as_ref()?))) {
            let end = Checkpoint { origin: kept.origin.clone(), size: frontier.size(), root: frontier.root() };
            if let Err(finding) = Trust::judge_kept(kept, &end, None) {
                report.add(finding.of(Some(workspace)));
            }
        }
        let is_of = newest.zip(frontier).is_some_and(|(head, frontier)| {
            let origin = asked.origin(head.incarnation).unwrap_or_default();
            head.size == frontier.size() && head.is_of(origin, frontier.root())
        });
        if !is_of {
            let newest = newest.map_or(0, |head| head.size);
            let detail = format!("the log has {size} places, and its end is not its newest head, of size {newest}");
            report.add(Finding::new(Code::HeadMismatch, detail).of(Some(workspace)));
        }
    }
    without_log.into_iter().for_each(|workspace| report.add(without_log_of(workspace)));
}

/// A head was kept of a workspace that has no log.
pub fn without_log_of(workspace: Uuid) -> Finding {
    let detail = "a head was kept of this workspace, and it has no log";
    Finding::new(Code::CheckpointAhead, detail).of(Some(workspace))
}
