//! A receipt in a file.

use super::lines::Unreadable;
use crate::checkpoint::Checkpoint;
use crate::receipt::{BadReceipt, Receipt};
use crate::verify::{Code, Finding, Report, Trust};

pub fn verify(text: &str, trust: &Trust, report: &mut Report) -> Result<(), Unreadable> {
    let other = |problem: String| Unreadable::Other(problem);
    let text = text.strip_suffix('\n').unwrap_or(text);
    let receipt = Receipt::parse(text).ok_or_else(|| other("neither a bundle nor a receipt".into()))?;
    let proven = match receipt.verify() {
        Ok(proven) => proven,
        Err(problem @ (BadReceipt::Unreadable(_) | BadReceipt::Event(_))) => return Err(other(problem.to_string())),
        Err(problem) => {
            let code = match problem {
                BadReceipt::HeadNotInRoot(_) => Code::HeadMismatch,
                _ => Code::RowModified,
            };
            report.add(Finding::new(code, problem.to_string()).at(receipt.index));
            return Ok(());
        }
    };
    trust.judge_note(&proven.note, &proven.checkpoint, Vec::new(), report);
    let is_signed = report.summary.checkpoints.iter().any(|seen| !seen.signed_by.is_empty());
    let is_kept = trust.judge_all_kept(&proven.checkpoint, "the receipt", report);
    judge_heads(&proven.head, trust, report);
    report.summary.events += 1;
    let shown = proven.shown;
    report.summary.withheld += u64::from(shown.hidden + shown.hidden_in_payload > 0);
    if (is_signed || is_kept) && !report.is_critical() {
        report.summary.shown = shown.values.into_iter().map(|(field, json)| (field, json.into())).collect();
    }
    Ok(())
}

/// Judges the kept heads of the receipt's workspace by the one head that it has.
fn judge_heads(head: &Checkpoint, trust: &Trust, report: &mut Report) {
    let workspace = head.workspace().map(|(_, workspace)| workspace);
    for kept in &trust.heads {
        if kept.workspace().map(|(_, workspace)| workspace) != workspace {
            continue;
        }
        let (code, detail) = if kept.size != head.size {
            let (size, other) = (head.size, kept.size);
            let detail =
                format!("the receipt has the head at size {size}, and no proof of the one kept at size {other}");
            (Code::HeadsNotShown, detail)
        } else if kept.root != head.root {
            (Code::HeadMismatch, format!("the head that was kept at size {} has another root", kept.size))
        } else {
            continue;
        };
        report.add(Finding::new(code, detail).of(workspace));
    }
}
