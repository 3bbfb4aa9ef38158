//! A receipt in a file.

use super::lines::Unreadable;
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
    let mut is_vouched_for = report.summary.checkpoints.iter().any(|seen| !seen.signed_by.is_empty());
    for kept in trust.of_origin(&proven.checkpoint.origin) {
        match Trust::judge_kept(kept, &proven.checkpoint, None) {
            Ok(()) => is_vouched_for = true,
            Err(finding) => report.add(finding),
        }
    }
    for kept in trust.checkpoints.iter().filter(|kept| kept.origin != proven.checkpoint.origin) {
        report.add(Finding::new(Code::HeadsNotShown, format!("the receipt says nothing about {}", kept.origin)));
    }
    report.summary.events += 1;
    let shown = proven.shown;
    report.summary.withheld += u64::from(shown.hidden + shown.hidden_in_payload > 0);
    if is_vouched_for && !report.is_critical() {
        report.summary.shown = shown.values.into_iter().map(|(field, json)| (field, json.into())).collect();
    }
    Ok(())
}
