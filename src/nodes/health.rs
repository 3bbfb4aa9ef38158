//! `audit_cluster_health()`: what `audit_health()` says on each node, and whether the nodes are one.

use audit_core::catalogue::CLUSTER_LOG;
use audit_core::health::Finding;
use serde_json::Value;

use crate::cluster::error::ClusterError;
use crate::cluster::{self, log, node};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::role::Acting;
use crate::pg::rows::Rows;
use crate::pg::{citus, datum};
use crate::storage::Storage;

const NODE: &str = "cluster_node";
const LOG: &str = "cluster_log";
const HERE: &str = "cluster";

pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    if !cluster::is_enabled(&storage) {
        return Err(ClusterError::NotEnabled.into());
    }
    let mut tell = |group: i32, finding: [Option<&str>; 4]| {
        let text = |text: Option<&str>| text.map(|text| datum::from_text(text.as_bytes()));
        let [check, status, detail, hint] = finding.map(text);
        rows.push(&[Some(datum::from_int4(group)), check, status, detail, hint]);
    };
    let query = storage.fill(include_str!("../../sql/cluster/health.sql"), &[]);
    let without_copy = citus::without_copy(storage.oid(CLUSTER_LOG)?);
    let read = |answer: String| serde_json::from_str::<Value>(&answer).unwrap_or_default();
    let answers: Vec<_> =
        citus::ask(&citus::nodes(), &query).into_iter().map(|(node, answer)| (node, answer.map(read))).collect();
    // This node's own copy of the log may be that of a backup.
    let applied = answers.iter().filter_map(|(_, answer)| answer.as_ref().ok()?["applied"].as_i64());
    let newest = applied.chain([log::newest(&storage)]).max().unwrap_or(0);
    for (node, answer) in answers {
        for finding in answer.iter().filter_map(|answer| answer["findings"].as_array()).flatten() {
            tell(node.group, ["check_name", "status", "detail", "hint"].map(|name| finding[name].as_str()));
        }
        let applied = answer.map(|answer| answer["applied"].as_i64().unwrap_or(0));
        let finding = of_node(&node.name(), applied, newest, !without_copy.contains(&node));
        tell(node.group, told(&finding));
    }
    for group in node::gone(&storage)? {
        let hint = "Bring it back, or say where its trail is kept: audit_cluster_retire().";
        tell(group, told(&Finding::fail(NODE, "the node is gone, and its trail with it", hint)));
    }
    Ok(Answer::Nothing)
}

fn told(finding: &Finding) -> [Option<&str>; 4] {
    [Some(finding.check), Some(finding.status.name()), Some(&finding.detail), finding.hint.as_deref()]
}

/// Whether a node is there, and is told of what concerns all. `applied`: the newest row of the log that it has carried out, or why it does not answer.
fn of_node(name: &str, applied: Result<i64, String>, newest: i64, has_copy: bool) -> Finding {
    match applied {
        Err(reason) => Finding::fail(
            NODE,
            format!("{name} does not answer: {reason}"),
            "See to it that the node is there, and that it has audit_ext.",
        ),
        Ok(_) if !has_copy => Finding::fail(
            LOG,
            "the node has no copy of the log",
            "SELECT audit_cluster_catch_up() on that node: it has reference tables copied.",
        ),
        Ok(applied) if applied < newest => Finding::fail(
            LOG,
            format!("{} rows of the log are not carried out", newest - applied),
            "SELECT audit_cluster_catch_up() on that node.",
        ),
        Ok(_) => Finding::ok(LOG, "all rows of the log are carried out"),
    }
}

/// What `audit_health()` says of the cluster; nothing where nodes do not act as one.
pub fn of_this_node(storage: &Storage) -> Vec<Finding> {
    if !cluster::is_enabled(storage) {
        return Vec::new();
    }
    let _owner = Acting::as_owner(storage.owner);
    // Without a copy of the table there is none of the log, which open_rows() tells.
    let gone = node::gone(storage).unwrap_or_default().into_iter().map(|group| {
        let hint = "Bring it back, or say where its trail is kept: audit_cluster_retire().";
        Finding::fail(HERE, format!("the node of group {group} is gone, and its trail with it"), hint)
    });
    let open = match log::open_rows(storage) {
        0 => Finding::ok(HERE, "this node has carried out all rows of the cluster's log"),
        _ if !log::has_copy(storage) => Finding::fail(
            HERE,
            "this node has no copy of the cluster's log",
            "SELECT audit_cluster_catch_up() on this node.",
        ),
        rows => Finding::fail(
            HERE,
            format!("{rows} rows of the cluster's log are not carried out"),
            "SELECT audit_cluster_catch_up() on this node.",
        ),
    };
    gone.chain([open]).collect()
}

#[cfg(test)]
mod tests {
    use audit_core::health::Status;

    use super::*;

    #[test]
    fn a_node_is_well_that_answers_and_has_carried_out_all_rows() {
        let status = |applied, has_copy| of_node("a", applied, 7, has_copy).status;
        assert_eq!(status(Ok(7), true), Status::Ok);
        assert_eq!(status(Ok(6), true), Status::Fail);
        assert_eq!(status(Ok(7), false), Status::Fail);
        assert_eq!(status(Err(String::from("no connection")), true), Status::Fail);
    }
}
