//! An event that was put into another workspace is missing in one and too much in the other: that is one finding, not two.
//!
//! Findings of either kind are held back and sorted by their event.

use uuid::Uuid;

use crate::verify::{Code, Finding, Report};

/// A finding that may be one half of a pair, as bytes to sort.
pub fn held_back(finding: &Finding) -> Option<Vec<u8>> {
    let is_missing = match finding.code {
        Code::RowMissing => 0,
        Code::RowNotInLog => 1,
        _ => return None,
    };
    let mut bytes = finding.event?.as_bytes().to_vec();
    bytes.push(is_missing);
    bytes.extend_from_slice(finding.workspace?.as_bytes());
    bytes.extend_from_slice(&finding.index.unwrap_or(u64::MAX).to_be_bytes());
    bytes.extend_from_slice(finding.detail.as_bytes());
    Some(bytes)
}

fn read(bytes: &[u8]) -> Option<Finding> {
    let (head, detail) = bytes.split_at_checked(41)?;
    let code = if head[16] == 0 { Code::RowMissing } else { Code::RowNotInLog };
    let index = u64::from_be_bytes(head[33..].try_into().ok()?);
    Some(Finding {
        code,
        workspace: Some(Uuid::from_slice(&head[17..33]).ok()?),
        index: Some(index).filter(|index| *index != u64::MAX),
        event: Some(Uuid::from_slice(&head[..16]).ok()?),
        detail: String::from_utf8_lossy(detail).into_owned(),
    })
}

/// Reports what was held back, sorted.
pub fn pair(mut sorted: impl FnMut() -> Option<Vec<u8>>, report: &mut Report) {
    let mut next = || sorted().as_deref().and_then(read);
    let mut waiting = next();
    while let Some(first) = waiting {
        let second = next();
        let is_pair = second.as_ref().is_some_and(|second| {
            first.event == second.event && first.code == Code::RowMissing && second.code == Code::RowNotInLog
        });
        match second {
            Some(second) if is_pair => {
                let workspace = second.workspace.unwrap_or_default();
                let detail = format!("its row is in workspace {workspace}");
                report.add(Finding { code: Code::RowModified, detail, ..first });
                waiting = next();
            }
            second => {
                report.add(first);
                waiting = second;
            }
        }
    }
}
